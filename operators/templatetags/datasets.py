"""What pages of datasets say in numbers and names."""

from django import template

from operators.datasets.pages import SPLITS
from operators.rendering.formatting import percent

register = template.Library()


@register.filter
def split_name(split: str) -> str:
    """A split by its name on the page."""
    return str(SPLITS.get(split, split))


@register.filter
def share_of(part: int, whole: int) -> str:
    """A part as a share of the whole; nothing where there is none."""
    return percent(part / whole) if whole else ""
