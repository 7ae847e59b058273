"""Macros: decisions in one step."""
