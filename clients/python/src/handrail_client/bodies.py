"""Documents as the bytes that go out."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any
from uuid import UUID

Redact = Callable[[dict[str, Any]], dict[str, Any]]


def body_of(document: Mapping[str, Any], redact: Redact | None) -> bytes:
    """The document as it goes out. `redact` works on a copy; what it raises stops the call.

    A `state` that is given as bytes goes out as these bytes, which the desk echoes one for one.

    Raises:
        TypeError, ValueError: it has no form in JSON.
    """
    document = _redacted(document, redact)
    state = document.get("state")
    if not isinstance(state, bytes):
        return _json(document)
    json.loads(state.decode(), parse_constant=_no_number)  # what is no JSON would spoil the whole document
    rest = _json({name: value for name, value in document.items() if name != "state"})
    return rest[:-1] + (b", " if len(rest) > 2 else b"") + b'"state": ' + state + b"}"


def _redacted(document: Mapping[str, Any], redact: Redact | None) -> dict[str, Any]:
    if redact is None:
        return dict(document)
    found = redact(deepcopy(dict(document)))
    if not isinstance(found, dict):
        raise TypeError("redact must return the document to send")
    return found


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, default=_plain, allow_nan=False).encode()


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime) and value.tzinfo:
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")
