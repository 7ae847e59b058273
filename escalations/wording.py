"""Numbers as the language of whoever reads them writes them."""

from decimal import Decimal

from django.utils import formats


def number(value: float | Decimal, places: int = 0) -> str:
    """`value` with so many decimal places and its thousands apart: "1,204.50" in English."""
    rounded = Decimal(f"{value:.{places}f}")
    return formats.number_format(rounded, places, use_l10n=True, force_grouping=True)
