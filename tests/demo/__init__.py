"""Tests of the demo desk."""
