"""Requests as values: what is sent again after a failure is the same to the byte."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from .answers import Case

HandoffRef = Case | UUID | str
Redact = Callable[[dict[str, Any]], dict[str, Any]]

VERSION = "0.1.0"
# How much longer than the desk a long-poll waits, in seconds.
WAIT_MARGIN = 10.0
_BASE = "/api/v1/handoffs"


@dataclass(frozen=True)
class Call:
    """One request. The answer must be about the handoff `about`, and of a version past `past`."""

    method: str
    path: str
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 30.0
    about: UUID | None = None
    past: int = 0
    may_be_empty: bool = False


def hand_off(handoff: Mapping[str, Any], *, key: str | None, redact: Redact | None) -> Call:
    return Call("POST", _BASE, 201, _body(handoff, redact), _posting(key or str(uuid4())))


def get(handoff: HandoffRef, *, format: str | None = None) -> Call:
    return Call("GET", _address(handoff), 200, query=_formatted(format), about=identity(handoff))


def wait(handoff: HandoffRef, *, seconds: int, past: int, format: str | None = None) -> Call:
    """Ask for news past a version; the desk answers after `seconds` at the latest."""
    return Call(
        "GET",
        _address(handoff, "/wait"),
        200,
        query={"timeout": str(seconds), "after_version": str(past)} | _formatted(format),
        seconds=seconds + WAIT_MARGIN,
        about=identity(handoff),
        past=past,
        may_be_empty=True,
    )


def add_messages(handoff: HandoffRef, messages: Any, *, key: str | None, redact: Redact | None) -> Call:
    body = _body({"messages": list(messages)}, redact)
    return _post(handoff, "/messages", body, _posting(key or str(uuid4())))


def ack(handoff: HandoffRef, outcome: str, detail: str, *, redact: Redact | None) -> Call:
    """The desk takes the same acknowledgement twice, so it needs no key."""
    return _post(handoff, "/ack", _body({"outcome": outcome, "detail": detail}, redact), _posting())


def cancel(handoff: HandoffRef, reason: str, *, redact: Redact | None) -> Call:
    """Withdrawing twice is fine as well."""
    return _post(handoff, "/cancel", _body({"reason": reason}, redact), _posting())


def identity(handoff: HandoffRef) -> UUID:
    """Which handoff is meant. ValueError: the text is no UUID."""
    if isinstance(handoff, Case):
        return handoff.id
    return handoff if isinstance(handoff, UUID) else UUID(handoff)


def _post(handoff: HandoffRef, end: str, body: bytes, headers: Mapping[str, str]) -> Call:
    return Call("POST", _address(handoff, end), 200, body, headers, about=identity(handoff))


def _address(handoff: HandoffRef, end: str = "") -> str:
    return f"{_BASE}/{identity(handoff)}{end}"


def _formatted(format: str | None) -> dict[str, str]:
    return {"format": format} if format else {}


def _posting(key: str = "") -> dict[str, str]:
    return {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})


def _body(document: Mapping[str, Any], redact: Redact | None) -> bytes:
    """The document as it goes out. `redact` works on a copy; what it raises stops the call."""
    if redact is not None:
        document = redact(deepcopy(dict(document)))
        if not isinstance(document, dict):
            raise TypeError("redact must return the document to send")
    return json.dumps(document, default=_plain, allow_nan=False).encode()


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime) and value.tzinfo:
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
