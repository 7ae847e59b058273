"""Decisions as training data: one module per format, and what streams them."""

from escalations.datasets.batches import with_parts
from escalations.datasets.formats.example import Example, example_of
from escalations.datasets.formats.registry import FORMATS, Format
from escalations.datasets.selection import Selection

__all__ = ["FORMATS", "Example", "Format", "Selection", "example_of", "with_parts"]
