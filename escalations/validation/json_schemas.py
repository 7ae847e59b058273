"""JSON Schemas (draft 2020-12) that others wrote, checked without harm.

Nothing outside a schema is ever fetched, patterns match in linear time, and no check takes long: what it
would cost is counted first (`schema_work`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonschema_rs

from escalations.validation import schema_work
from escalations.validation.schema_words import VALUE
from escalations.validation.schema_work import Unusable

__all__ = ["DRAFT", "ERRORS_MAX", "SCHEMA_MAX", "Misfit", "Misfits", "Unusable", "bound", "check", "misfits"]

SCHEMA_MAX = 64 * 1024
DRAFT = "https://json-schema.org/draft/2020-12/schema"
# A few of them say what is wrong; a long list of like ones only hides it.
ERRORS_MAX = 20
_DETAIL_MAX = 300
_POINTER_MAX = 300
# A few tenths of a second at most.
_WORK_MAX = 200_000
# Up to here all errors are counted, at about 10 µs each; of more only the first is looked for.
_COUNTED_WORK_MAX = 20_000
_PATTERN_BYTES = 64 * 1024
_SMALLEST: tuple[Any, ...] = (None, "", [], {})
_TOO_MUCH = "It is too large, or nested too deeply, to be checked by this schema."


@dataclass(frozen=True)
class Misfit:
    """One place where a value breaks its schema, with the rule that it breaks. JSON Pointers (RFC 6901)."""

    pointer: str
    detail: str
    schema_pointer: str


@dataclass(frozen=True)
class Misfits:
    """Why a value does not fit: the first few places, and how many more there are; None if not counted."""

    shown: tuple[Misfit, ...] = ()
    more: int | None = 0

    def __bool__(self) -> bool:
        return bool(self.shown)


@dataclass(frozen=True)
class _Ready:
    """A schema that is ready for use."""

    schema: Mapping[str, Any]
    validator: Any
    targets: Mapping[str, Any]


def canonical(schema: Mapping[str, Any]) -> str:
    """The same text for equal schemas, whatever the order of their members."""
    return json.dumps(schema, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def check(schema: Mapping[str, Any]) -> None:
    """Refuse a schema that could not be used, or not without harm.

    Raises:
        Unusable: no JSON Schema of draft 2020-12, too large, it refers to something outside itself, or
            it makes too much work of any value.
    """
    text = canonical(schema)
    if len(text.encode()) > SCHEMA_MAX:
        raise Unusable("", f"The schema has more than {SCHEMA_MAX // 1024} KiB.")
    if schema.get("$schema", DRAFT) not in (DRAFT, DRAFT + "#"):
        raise Unusable("/$schema", f"Only draft 2020-12 is read: {DRAFT}")
    ready = _ready(text)
    if any(_looks(ready, value) >= _COUNTED_WORK_MAX for value in _SMALLEST):
        raise Unusable("", "It makes too much work of any value. Does it refer to itself without end?")


def misfits(schema: Mapping[str, Any], value: Any) -> Misfits:
    """Where `value` breaks a schema that `check` has let pass. One that cannot be checked does not fit."""
    ready = _ready(canonical(schema))
    spent = _looks(ready, value)
    if spent >= _WORK_MAX:
        return Misfits((Misfit("", _TOO_MUCH, ""),))
    try:
        if ready.validator.is_valid(value):
            return Misfits()
        errors = list(ready.validator.iter_errors(value)) if spent < _COUNTED_WORK_MAX else []
        if not errors:
            ready.validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return Misfits((_misfit(error),), None)
    except ValueError as error:  # half of a surrogate pair
        return Misfits((Misfit("", _clean(str(error), _DETAIL_MAX), ""),))
    inner = [one for error in errors for one in _innermost(error)]
    return Misfits(tuple(map(_misfit, inner[:ERRORS_MAX])), max(0, len(inner) - ERRORS_MAX))


def bound(schema: Mapping[str, Any], value: Any) -> None:
    """Refuse to have `value` checked by a schema, of whatever size and draft, where that would take long.

    Raises:
        Unusable: it would, or the schema refers to something outside itself.
    """
    targets = schema_work.targets(schema)
    if schema_work.looks(schema, value, targets, limit=_WORK_MAX) >= _WORK_MAX:
        raise Unusable("", _TOO_MUCH)


def pointer_to(path: Iterable[str | int]) -> str:
    """RFC 6901."""
    return "".join("/" + schema_work.escaped(step) for step in path)


@lru_cache(maxsize=256)
def _ready(text: str) -> _Ready:
    schema = json.loads(text)
    try:
        validator = jsonschema_rs.Draft202012Validator(
            schema,
            offline=True,
            pattern_options=jsonschema_rs.RegexOptions(size_limit=_PATTERN_BYTES),
            mask=VALUE,  # what was sent is in no error, and so neither in rows nor in logs
        )
    except jsonschema_rs.ValidationError as error:
        if not error.instance_path:
            schema_work.targets(schema)  # says where, if it is a reference
        raise Unusable(pointer_to(error.instance_path), _clean(error.message, _DETAIL_MAX)) from None
    except ValueError as error:
        raise Unusable("", _clean(str(error), _DETAIL_MAX)) from None
    return _Ready(schema, validator, schema_work.targets(schema))


def _looks(ready: _Ready, value: Any) -> int:
    return schema_work.looks(ready.schema, value, ready.targets, limit=_WORK_MAX)


def _innermost(error: Any) -> list[Any]:
    """Of "fits none of these" the errors of the one that it fits best: where they lie deepest."""
    kinds = jsonschema_rs.ValidationErrorKind
    if not isinstance(error.kind, kinds.AnyOf | kinds.OneOfNotValid):
        return [error]
    best = max(error.kind.context, key=_depth, default=[])
    if _depth(best) <= len(error.instance_path):
        return [error]
    return [inner for one in best for inner in _innermost(one)]


def _depth(errors: list[Any]) -> int:
    return max((len(error.instance_path) for error in errors), default=-1)


def _misfit(error: Any) -> Misfit:
    return Misfit(
        _clean(pointer_to(error.instance_path), _POINTER_MAX),
        _clean(_message(error), _DETAIL_MAX),
        _clean(pointer_to(error.schema_path), _POINTER_MAX),
    )


def _message(error: Any) -> str:
    """What is wrong; of a value out of a list the whole list, of which the validator names two."""
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Enum):
        offered = ", ".join(json.dumps(one, ensure_ascii=False) for one in error.kind.options)
        return f"{VALUE} is not one of {offered}"
    return str(error.message)


def _clean(text: str, most: int) -> str:
    """Short enough for a row, and without what no row can hold."""
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text if len(text) <= most else text[: most - 1] + "…"
