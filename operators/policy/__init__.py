"""Policies: written, tried and kept by number."""
