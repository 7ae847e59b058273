"""Parameters of an address or a form, read with care: anybody can write anything there."""

from datetime import date
from uuid import UUID

# All numbers of so many digits fit into a bigint.
_DIGITS = 18


def number(text: str) -> int | None:
    """The whole number from 0 on, or None where `text` is none."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


def uuid(text: str) -> UUID | None:
    """The UUID, or None where `text` is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def day(text: str) -> date | None:
    """The day, as ISO 8601 writes it, or None where `text` is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
