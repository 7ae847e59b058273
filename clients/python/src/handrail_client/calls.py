"""Requests as values: what is sent again after a failure is the same to the byte."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Generic, TypeVar
from urllib.parse import quote
from uuid import UUID, uuid4

from . import reading
from .answers import Case, CasePage, TurnPage
from .bodies import Redact, body_of
from .reading import Reads
from .verdicts import CheckpointResult, RegisteredSchema, RunsTaken, Verdict

T = TypeVar("T")
HandoffRef = Case | UUID | str

VERSION = "0.1.0"
# How much longer than the desk a long-poll waits, in seconds.
WAIT_MARGIN = 10.0
# The desk says every 15 s that a stream is alive; one that is silent for so long is not.
STREAM_SILENCE = 45.0
API = "/api/v1"
_ABOUT = re.compile(rf"{API}/handoffs/[0-9a-f-]{{36}}/(messages|ack|cancel)")


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request; `reads` makes the answer of the body that comes with `status`.

    One that has a `kind` may wait on the disk, and be sent by another process.
    """

    method: str
    path: str
    status: int
    reads: Reads[T]
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 30.0
    may_be_empty: bool = False
    kind: str = ""
    # Another status that is as good.
    or_status: int = 0


def hand_off(handoff: Mapping[str, Any], *, key: str | None, redact: Redact | None) -> Call[Case]:
    body = body_of(handoff, redact)
    return _hand_off(body, key or str(uuid4()))


def get(handoff: HandoffRef, *, format: str | None = None) -> Call[Case]:
    return Call("GET", _address(handoff), 200, reading.case(identity(handoff)), query=_formatted(format))


def wait(handoff: HandoffRef, *, seconds: int, past: int, format: str | None = None) -> Call[Case]:
    """Ask for news past a version; the desk answers after `seconds` at the latest."""
    return Call(
        "GET",
        _address(handoff, "/wait"),
        200,
        reading.case(identity(handoff), past=past),
        query={"timeout": str(seconds), "after_version": str(past)} | _formatted(format),
        seconds=seconds + WAIT_MARGIN,
        may_be_empty=True,
    )


def add_messages(
    handoff: HandoffRef, messages: Sequence[Any], *, key: str | None, redact: Redact | None
) -> Call[Case]:
    body = body_of({"messages": list(messages)}, redact)
    return _about(_address(handoff, "/messages"), body, key or str(uuid4()))


def ack(
    handoff: HandoffRef,
    outcome: str,
    detail: str,
    *,
    carried_out: Sequence[Any],
    key: str | None,
    redact: Redact | None,
) -> Call[Case]:
    """The desk takes the same acknowledgement twice; under a key, it takes that of one key alone."""
    document: dict[str, Any] = {"outcome": outcome, "detail": detail}
    document |= {"carried_out": list(carried_out)} if carried_out else {}
    return _about(_address(handoff, "/ack"), body_of(document, redact), key or "")


def cancel(handoff: HandoffRef, reason: str, *, redact: Redact | None) -> Call[Case]:
    """Withdrawing twice is fine."""
    return _about(_address(handoff, "/cancel"), body_of({"reason": reason}, redact), "")


def typing(handoff: HandoffRef) -> Call[None]:
    return Call("POST", _address(handoff, "/typing"), 204, reading.nothing)


def turns(handoff: HandoffRef, *, after: str) -> Call[TurnPage]:
    return Call("GET", _address(handoff, "/messages"), 200, reading.of(TurnPage), query={"after": after})


def list_handoffs(filters: Mapping[str, Any]) -> Call[CasePage]:
    """Filters that are None are left out."""
    query = {name: _word(value) for name, value in filters.items() if value is not None}
    return Call("GET", f"{API}/handoffs", 200, reading.of(CasePage), query=query)


def check(signals: Mapping[str, Any], *, redact: Redact | None) -> Call[Verdict]:
    """Nothing is kept of a check, so it needs no key."""
    return Call("POST", f"{API}/checks", 200, reading.of(Verdict), body_of(signals, redact), _posting())


def checkpoint(
    output: Mapping[str, Any], *, key: str | None, redact: Redact | None
) -> Call[CheckpointResult]:
    """One that may open a case has a key. What its handoff does not say of the agent and why is filled in."""
    handoff = output.get("handoff")
    if handoff is None:
        posting = _posting()
    else:
        filled = {"agent": output["agent"], "reason": "checkpoint_failed"} | dict(handoff)
        output, posting = dict(output) | {"handoff": filled}, _posting(key or str(uuid4()))
    body = body_of(output, redact)
    return Call("POST", f"{API}/checkpoints", 200, reading.of(CheckpointResult), body, posting)


def register_schema(step: str, schema: Mapping[str, Any]) -> Call[RegisteredSchema]:
    """A schema that is known already changes nothing."""
    path, body = f"{API}/checkpoints/{quote(step, safe='')}", body_of({"schema": schema}, None)
    reads = reading.of(RegisteredSchema)
    return Call("PUT", path, 200, reads, body, _posting(), or_status=201)


def report_runs(runs: Sequence[bytes]) -> Call[RunsTaken]:
    """The desk takes each run once by its `run_id`, so the batch needs no key."""
    return _runs(b'{"runs": [' + b", ".join(runs) + b"]}", len(runs))


def restored(kind: str, path: str, body: bytes, *, key: str) -> Call[Any]:
    """A call that waited on the disk. ValueError: there is no such call."""
    if kind == "hand_off":
        return _hand_off(body, key)
    if kind == "runs":
        return _runs(body, len(json.loads(body)["runs"]))
    if kind == "about" and _ABOUT.fullmatch(path):
        return _about(path, body, key)
    raise ValueError(f"no call that could wait: {kind} {path}")


def events(handoff: HandoffRef, *, last_id: str, seconds: float) -> Call[None]:
    """A stream, whose body is not read at once."""
    headers = {"Accept": "text/event-stream, application/problem+json"}
    headers |= {"Last-Event-ID": last_id} if last_id else {}
    return Call("GET", _address(handoff, "/events"), 200, reading.nothing, headers=headers, seconds=seconds)


def send_in_full(handoff: Mapping[str, Any], *, redact: Redact | None) -> Call[Case]:
    """The full state of a run as a handoff: there is one, however often the draw is told."""
    return review_of(handoff["run_id"], review_body(handoff, redact=redact))


def review_of(run_id: str, body: bytes) -> Call[Case]:
    """The same, of a body that was made before."""
    return _hand_off(body, _review_key(run_id))


def review_body(handoff: Mapping[str, Any], *, redact: Redact | None) -> bytes:
    return body_of({"kind": "review", "reason": "other"} | dict(handoff), redact)


def _review_key(run_id: str) -> str:
    return f"review-{sha256(run_id.encode()).hexdigest()[:40]}"


def identity(handoff: HandoffRef) -> UUID:
    """Which handoff is meant. ValueError: the text is no UUID, or there is no id yet."""
    if isinstance(handoff, Case):
        if handoff.unsent is not None:
            raise ValueError("the desk has not got this case yet; `get` or `wait` for it first")
        return handoff.id
    return handoff if isinstance(handoff, UUID) else UUID(handoff)


def _hand_off(body: bytes, key: str) -> Call[Case]:
    return Call("POST", f"{API}/handoffs", 201, reading.case(), body, _posting(key), kind="hand_off")


def _about(path: str, body: bytes, key: str) -> Call[Case]:
    """What is said about a case that is there."""
    reads = reading.case(UUID(path.split("/")[-2]))
    return Call("POST", path, 200, reads, body, _posting(key), kind="about")


def _runs(body: bytes, number: int) -> Call[RunsTaken]:
    return Call("POST", f"{API}/runs", 200, reading.runs_taken(number), body, _posting(), kind="runs")


def _address(handoff: HandoffRef, end: str = "") -> str:
    return f"{API}/handoffs/{identity(handoff)}{end}"


def _formatted(format: str | None) -> dict[str, str]:
    return {"format": format} if format else {}


def _posting(key: str = "") -> dict[str, str]:
    return {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {})


def _word(value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a time needs a time zone")
        return value.isoformat()
    return str(value)
