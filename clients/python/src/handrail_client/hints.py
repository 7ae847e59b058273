"""Type hints as JSON Schema, and JSON back into what a hint promises; simple hints only."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

_PLAIN: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    NoneType: "null",
    list: "array",
    dict: "object",
}
_TEXTS: dict[Any, dict[str, str]] = {
    Decimal: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    UUID: {"type": "string", "format": "uuid"},
}
_BY_ORIGIN: dict[Any, str] = {
    Literal: "choice",
    Union: "union",
    UnionType: "union",
    list: "list",
    Sequence: "list",
    dict: "mapping",
    Mapping: "mapping",
}


class Misfit(ValueError):
    """A value is not what a hint promises; the message says where, as a JSON Pointer (RFC 6901)."""


def schema_of(hint: Any) -> dict[str, Any]:
    """A JSON Schema (2020-12) for the hint; an empty one, which allows all, where the hint is not simple."""
    form, options = _form(hint)
    return _SCHEMAS[form](options)


def fit(hint: Any, value: Any, where: str) -> Any:
    """The JSON `value` as what `hint` promises; as it is where the hint is not simple.

    Raises:
        Misfit: it is something else.
    """
    form, options = _form(hint)
    found = _FITS[form](options, value, where)
    is_enum = isinstance(hint, type) and issubclass(hint, Enum)
    return hint(found) if is_enum else found


def _form(hint: Any) -> tuple[str, Sequence[Any]]:
    """What kind of hint it is, and what it is made of."""
    origin = get_origin(hint)
    if origin is Annotated:
        return _form(get_args(hint)[0])
    if isinstance(hint, type) and issubclass(hint, Enum):
        return "choice", [member.value for member in hint]
    if origin is None:
        return ("plain" if hint in _PLAIN else "text" if hint in _TEXTS else "any"), (hint,)
    return _BY_ORIGIN.get(origin, "any"), get_args(hint)


def _choice_schema(options: Sequence[Any]) -> dict[str, Any]:
    kinds = {_PLAIN.get(type(option)) for option in options}
    kind = {"type": kinds.pop()} if len(kinds) == 1 and None not in kinds else {}
    return kind | {"enum": list(options)}


_SCHEMAS: dict[str, Callable[[Sequence[Any]], dict[str, Any]]] = {
    "plain": lambda options: {"type": _PLAIN[options[0]]},
    "text": lambda options: dict(_TEXTS[options[0]]),
    "choice": _choice_schema,
    "union": lambda options: {"anyOf": [schema_of(option) for option in options]},
    "list": lambda options: {"type": "array", "items": schema_of(options[0])},
    "mapping": lambda options: {"type": "object", "additionalProperties": schema_of(options[1])},
    "any": lambda options: {},
}


def _fit_plain(options: Sequence[Any], value: Any, where: str) -> Any:
    kind = options[0]
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)  # JSON has one kind of number
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:  # True is no number
        raise Misfit(f"{where} must be {kind.__name__}, not {type(value).__name__}")
    return value


def _fit_text(options: Sequence[Any], value: Any, where: str) -> Any:
    kind, words = options[0], _fit_plain([str], value, where)
    try:
        return kind.fromisoformat(words) if kind in (datetime, date) else kind(words)
    except (ValueError, InvalidOperation):
        raise Misfit(f"{where} is no {kind.__name__}") from None


def _fit_choice(options: Sequence[Any], value: Any, where: str) -> Any:
    for option in options:
        if type(option) is type(value) and option == value:
            return option
    raise Misfit(f"{where} must be one of {', '.join(map(repr, options))}")


def _fit_union(options: Sequence[Any], value: Any, where: str) -> Any:
    flaws = []
    for option in options:
        try:
            return fit(option, value, where)
        except Misfit as misfit:
            flaws.append(str(misfit))
    raise Misfit("; or ".join(flaws))


def _fit_list(options: Sequence[Any], value: Any, where: str) -> Any:
    items = _fit_plain([list], value, where)
    return [fit(options[0], item, f"{where}/{at}") for at, item in enumerate(items)]


def _fit_mapping(options: Sequence[Any], value: Any, where: str) -> Any:
    items = _fit_plain([dict], value, where)
    return {name: fit(options[1], item, f"{where}/{name}") for name, item in items.items()}


_FITS: dict[str, Callable[[Sequence[Any], Any, str], Any]] = {
    "plain": _fit_plain,
    "text": _fit_text,
    "choice": _fit_choice,
    "union": _fit_union,
    "list": _fit_list,
    "mapping": _fit_mapping,
    "any": lambda options, value, where: value,
}
