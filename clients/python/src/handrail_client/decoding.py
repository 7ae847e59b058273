"""JSON into dataclasses, strictly: what is not as documented is no answer."""

from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")


class Undocumented(ValueError):
    """A value is not of the documented kind; the message says where."""


def decode(kind: type[T], value: object) -> T:
    """`value` as an instance of `kind`. Members that `kind` does not know are left out: desks grow.

    Raises:
        Undocumented: it is none.
    """
    found: T = _decode(kind, value, "")
    return found


def _decode(kind: Any, value: Any, where: str) -> Any:
    if kind is Any:
        return value
    if is_dataclass(kind):
        return _decode_fields(kind, value, where)
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        [inner] = [option for option in get_args(kind) if option is not NoneType]
        return None if value is None else _decode(inner, value, where)
    return _decode_container(kind, origin, value, where)


def _decode_container(kind: Any, origin: Any, value: Any, where: str) -> Any:
    if origin is Literal:
        return _expect(value in get_args(kind), value, where)
    if origin is list:
        _expect(isinstance(value, list), value, where)
        return [_decode(get_args(kind)[0], item, f"{where}/{number}") for number, item in enumerate(value)]
    if origin is dict:
        _expect(isinstance(value, dict), value, where)
        return {name: _decode(get_args(kind)[1], item, f"{where}/{name}") for name, item in value.items()}
    return _decode_plain(kind, value, where)


def _decode_plain(kind: Any, value: Any, where: str) -> Any:
    if kind in (datetime, UUID):
        _expect(isinstance(value, str), value, where)
        try:
            return datetime.fromisoformat(value) if kind is datetime else UUID(value)
        except ValueError:
            raise Undocumented(f"{where or '/'} is no {kind.__name__}") from None
    if kind is float and type(value) is int:
        return float(value)
    return _expect(type(value) is kind, value, where)  # True is no number


def _decode_fields(kind: Any, value: Any, where: str) -> Any:
    _expect(isinstance(value, dict), value, where)
    found: dict[str, Any] = {}
    for one in members(kind):
        if one.name in value:
            found[one.field] = _decode(one.kind, value[one.name], f"{where}/{one.name}")
        elif one.is_required:
            raise Undocumented(f"{where or '/'} has no {one.name}")
    return kind(**found)


@dataclass(frozen=True)
class Member:
    """A member of a document, and the field that it becomes."""

    name: str
    field: str
    kind: Any
    is_required: bool


@cache
def members(kind: Any) -> list[Member]:
    """Those with a default may be missing. A field whose `member` is None is not the document's."""
    hints = get_type_hints(kind)
    return [
        Member(name, field.name, hints[field.name], field.default is MISSING)
        for field in fields(kind)
        if (name := field.metadata.get("member", field.name)) is not None
    ]


def _expect(true: bool, value: Any, where: str) -> Any:
    if not true:
        raise Undocumented(f"{where or '/'} is not what is documented, but {type(value).__name__}")
    return value
