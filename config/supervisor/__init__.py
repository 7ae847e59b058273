"""Starts, watches and stops all that Handrail needs on one machine, for `make run` and the tests."""
