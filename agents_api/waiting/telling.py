"""What a stream of events tells of one case: read from the event log, worded as webhooks are.

A place in a stream is a position in the log (docs/decisions/0008) and what was told beyond it, so that a
reader who comes back gets what committed late, and nothing twice. The events of one case come by version.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import connection

from agents_api.models import EventType
from agents_api.webhooks import receivers
from escalations.events import Position
from escalations.handoffs.dispatch import as_agent_sees
from escalations.models import Delivery, Escalation, Resolution, State
from escalations.transitions import mark_delivered

# A cancelled case has no more to tell, and an undone decision frees what waited for its dispatch.
WAKING = frozenset(receivers.TYPES) | {"cancelled", "undone"}
_STATES = {"asked": State.WAITING, "reopened": State.QUEUED}
_DECIDING = ("resolved", "expired")
_INT8_MAX = 2**63 - 1
_CURSOR = re.compile(
    r"(?P<position>\d{1,19}:\d{1,19}:(?:\d{1,19}(?:,\d{1,19})*)?)"
    r"(?:~(?P<told>\d{1,19}-[01](?:\.\d{1,19}-[01])*))?",
    re.ASCII,
)


@dataclass(frozen=True)
class Cursor:
    """A place in a stream; its text form is the `id` of a message. `told` are messages beyond `position`."""

    position: Position
    told: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.position}~{'.'.join(self.told)}" if self.told else str(self.position)

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read the text form back.

        Raises:
            ValueError: it is not one.
        """
        shape = _CURSOR.fullmatch(text)
        if shape is None:
            raise ValueError(f"no cursor: {text!r}")
        position = Position.parse(shape["position"])
        within = all(position.oldest <= xid < position.end for xid in position.running)
        if not (0 < position.oldest <= position.end <= _INT8_MAX and within):
            raise ValueError(f"no cursor: {text!r}")
        return cls(position, tuple(shape["told"].split(".")) if shape["told"] else ())


# Before every transaction: the stream tells all that happened since the handoff.
BEGINNING = Cursor(Position(1, 1, frozenset()))


@dataclass(frozen=True)
class Message:
    """One server-sent event."""

    cursor: Cursor
    type: EventType
    data: dict[str, Any]

    def __str__(self) -> str:
        return f"id: {self.cursor}\nevent: {self.type.value}\ndata: {json.dumps(self.data)}\n\n"


@dataclass(frozen=True)
class Look:
    """What there is to tell now and where to go on from; look again in `again_in` seconds, event or not."""

    messages: Sequence[Message]
    cursor: Cursor
    ends: bool = False
    again_in: float | None = None


@dataclass(frozen=True)
class _Happened:
    id: int
    kind: str
    version: int
    data: dict[str, Any]


@dataclass(frozen=True)
class _Reading:
    """One statement's view of the case. `withheld` is how many seconds its decision can still be undone."""

    position: Position
    state: str
    withheld: float
    events: Sequence[_Happened]

    @property
    def decided(self) -> _Happened | None:
        """The event of the decision that stands, if it is among these. Earlier ones are told no more."""
        if self.state not in (State.RESOLVED, State.EXPIRED):
            return None
        return next((event for event in reversed(self.events) if event.kind in _DECIDING), None)

    @property
    def is_over(self) -> bool:
        return self.state in (State.RESOLVED, State.EXPIRED, State.CANCELLED) and self.withheld <= 0


# The outer join gives the state of a case also when there is no event to give.
_READ = """
    SELECT pg_current_snapshot()::text, escalation.state,
           coalesce(extract(epoch FROM escalation.dispatch_at - now()), 0)::float,
           event.id, event.kind, event.version, event.data
    FROM escalations_escalation escalation
    LEFT JOIN escalations_event event ON event.case_id = escalation.id AND event.kind = ANY (%(kinds)s)
         AND NOT pg_visible_in_snapshot(event.xid::text::xid8, %(position)s::pg_snapshot)
    WHERE escalation.id = %(case_id)s
    ORDER BY event.version, event.id
"""


def look(case_id: UUID, cursor: Cursor) -> Look:
    """What to tell behind `cursor`. A decision in it is noted as delivered, and cannot be undone any more.

    Raises:
        Escalation.DoesNotExist: there is no such case.
    """
    reading = _read(case_id, cursor)
    found: list[Message] = []
    for event in reading.events:
        if event.kind in _DECIDING and event != reading.decided:
            continue
        if event == reading.decided and reading.withheld > 0:
            return Look(found, cursor, again_in=reading.withheld)
        data = _data(case_id, event)
        if data is None:  # the case moved on since it was read
            return Look(found, cursor, again_in=0)
        for number, type_ in enumerate(receivers.TYPES[event.kind]):
            if (key := f"{event.id}-{number}") not in cursor.told:
                cursor = replace(cursor, told=(*cursor.told, key))
                found.append(Message(cursor, type_, data))
    cursor = Cursor(reading.position)
    if found:
        found[-1] = replace(found[-1], cursor=cursor)
    return Look(found, cursor, ends=reading.is_over)


def _data(case_id: UUID, event: _Happened) -> dict[str, Any] | None:
    if event.kind in _DECIDING:
        return _decision(case_id, event.version)
    state = _STATES.get(event.kind, State.CLAIMED)
    return receivers.outline(case_id, version=event.version, state=state, event=event.data)


def _decision(case_id: UUID, version: int) -> dict[str, Any] | None:
    """The decision of that version, noted as delivered before it is read; None if it does not stand."""
    mark_delivered(case_id=case_id, how="events")
    case = as_agent_sees(Escalation.objects.with_dispatch().get(id=case_id))
    if case.version != version or case.delivery in (Delivery.NONE, Delivery.UNDELIVERED):
        return None
    try:
        data = receivers.decision(case_id)
    except Resolution.DoesNotExist:
        return None
    return data if data["version"] == version else None


def _read(case_id: UUID, cursor: Cursor) -> _Reading:
    parameters: dict[str, Any] = {
        "kinds": list(receivers.TYPES),
        "position": str(cursor.position),
        "case_id": case_id,
    }
    with connection.cursor() as statement:
        statement.execute(_READ, parameters)
        rows = statement.fetchall()
    if not rows:
        raise Escalation.DoesNotExist
    position, state, withheld = rows[0][:3]
    found = [row[3:] for row in rows if row[3] is not None]
    events = [_Happened(id_, kind, at, json.loads(data)) for id_, kind, at, data in found]
    return _Reading(Position.parse(position), state, withheld, events)
