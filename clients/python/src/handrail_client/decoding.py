"""JSON into dataclasses, strictly: what is not as documented is no answer."""

from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID


class Undocumented(ValueError):
    """A value is not of the documented kind; the message says where."""


def decode(kind: Any, value: Any, where: str = "") -> Any:
    """`value` as an instance of `kind`. Fields that `kind` does not know are left out: desks grow.

    Raises:
        Undocumented: it is none.
    """
    if kind is Any:
        return value
    if is_dataclass(kind):
        return _decode_fields(kind, value, where)
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        [inner] = [option for option in get_args(kind) if option is not NoneType]
        return None if value is None else decode(inner, value, where)
    return _decode_container(kind, origin, value, where)


def _decode_container(kind: Any, origin: Any, value: Any, where: str) -> Any:
    if origin is Literal:
        return _expect(value in get_args(kind), value, where)
    if origin is list:
        _expect(isinstance(value, list), value, where)
        return [decode(get_args(kind)[0], item, f"{where}/{number}") for number, item in enumerate(value)]
    if origin is dict:
        _expect(isinstance(value, dict), value, where)
        return {name: decode(get_args(kind)[1], item, f"{where}/{name}") for name, item in value.items()}
    return _decode_plain(kind, value, where)


def _decode_plain(kind: Any, value: Any, where: str) -> Any:
    if kind in (datetime, UUID):
        _expect(isinstance(value, str), value, where)
        try:
            return datetime.fromisoformat(value) if kind is datetime else UUID(value)
        except ValueError:
            raise Undocumented(f"{where or '/'} is no {kind.__name__}") from None
    return _expect(type(value) is kind, value, where)  # True is no number


def _decode_fields(kind: Any, value: Any, where: str) -> Any:
    _expect(isinstance(value, dict), value, where)
    hints = _hints(kind)
    missing = [field.name for field in fields(kind) if field.name not in value and field.default is MISSING]
    if missing:
        raise Undocumented(f"{where or '/'} has no {missing[0]}")
    known = {name: hint for name, hint in hints.items() if name in value}
    return kind(**{name: decode(hint, value[name], f"{where}/{name}") for name, hint in known.items()})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _expect(true: bool, value: Any, where: str) -> Any:
    if not true:
        raise Undocumented(f"{where or '/'} is not what is documented, but {type(value).__name__}")
    return value
