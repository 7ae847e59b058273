"""Starts, watches and stops everything that Handrail needs on one machine. Used by `make run` and the tests."""
