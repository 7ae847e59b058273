"""Decisions as training data: one module per format, and what streams them."""

from escalations.datasets.jsonl import lines
from escalations.datasets.selection import FORMATS, Format, Selection

__all__ = ["FORMATS", "Format", "Selection", "lines"]
