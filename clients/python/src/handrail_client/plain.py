"""Python's values as JSON: strictly for what a decision is bound to, kindly for what is only shown."""

import math
from collections.abc import Callable, Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

# What is only shown is cut: a text behind so many characters, a list behind so many items.
SHOWN_TEXT = 20_000
SHOWN_ITEMS = 1_000
_DEEPEST = 40
_UNREADABLE = str.maketrans({"\0": "\ufffd"} | {chr(code): "\ufffd" for code in range(0xD800, 0xE000)})

_Rest = Callable[[object], Any]


def strict(value: object) -> Any:
    """`value` as JSON, nothing lost.

    Dates, UUIDs and decimals become texts, enums their values; dataclasses and pydantic's models objects.

    Raises:
        TypeError: something in it has no form in JSON.
    """
    return _as_json(value, _refuse, 0)


def shown(value: object, *, longest: int = SHOWN_TEXT) -> Any:
    """`value` as JSON for people to look at, with texts of so many characters at most.

    Never fails: what has no form in JSON is described.
    """
    try:
        return _cut(_as_json(value, _described, 0), longest)
    except Exception:
        return f"({type(value).__name__} that cannot be shown)"


def text(value: object) -> str:
    """`value` in words, cut and readable."""
    try:
        words = value if isinstance(value, str) else str(value)
    except Exception:
        words = f"({type(value).__name__} that cannot be shown)"
    return str(_cut(words, SHOWN_TEXT))


def _as_json(value: object, rest: _Rest, depth: int) -> Any:
    if depth > _DEEPEST:
        return rest(value)
    if isinstance(value, Enum):
        return _as_json(value.value, rest, depth + 1)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else rest(value)
    if isinstance(value, datetime | date | time | UUID | Decimal):
        return str(value) if isinstance(value, UUID | Decimal) else value.isoformat()
    return _container(value, rest, depth + 1)


def _container(value: object, rest: _Rest, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {
            name if isinstance(name, str) else str(rest(name)): _as_json(item, rest, depth)
            for name, item in value.items()
        }
    if isinstance(value, list | tuple | Set):
        return [_as_json(item, rest, depth) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _as_json(getattr(value, each.name), rest, depth) for each in fields(value)}
    if callable(dump := getattr(value, "model_dump", None)) and not isinstance(value, type):
        return _as_json(dump(mode="json"), rest, depth)  # pydantic, without needing it
    return rest(value)


def _refuse(value: object) -> Any:
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _described(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else repr(value)


def _cut(value: Any, longest: int) -> Any:
    if isinstance(value, str):
        value = value if value.isascii() and "\0" not in value else value.translate(_UNREADABLE)
        left = len(value) - longest
        return value if left <= 0 else f"{value[:longest]}… ({left} more characters)"
    if isinstance(value, list):
        left = len(value) - SHOWN_ITEMS
        rest = [f"… ({left} more)"] if left > 0 else []
        return [_cut(item, longest) for item in value[:SHOWN_ITEMS]] + rest
    if isinstance(value, dict):
        return {_cut(name, longest): _cut(item, longest) for name, item in value.items()}
    return value
