"""The event log and its gap-free reader.

Ids are given out before commits, so "id > last seen" skips rows that commit late. Each event carries the
id of its transaction; the reader stops below the oldest transaction that is still running
(`pg_snapshot_xmin`), and what it has passed can never grow.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, order=True)
class Position:
    """A place in the log: everything at or before it has been read. Its text form travels as a cursor."""

    xid: int
    id: int

    def __str__(self) -> str:
        return f"{self.xid}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Read the text form back.

        Raises:
            ValueError: it is not one.
        """
        xid, _, id_ = text.partition("-")
        return cls(int(xid), int(id_))


@dataclass(frozen=True)
class LoggedEvent:
    """One event, as readers get it."""

    position: Position
    case_id: UUID
    queue_id: int
    kind: str
    version: int
    actor: str
    data: dict[str, Any]


_SETTLED = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_EVENTS = """
    SELECT event.xid, event.id, event.case_id, escalation.queue_id,
           event.kind, event.version, event.actor, event.data
    FROM escalations_event event
    JOIN escalations_escalation escalation ON escalation.id = event.case_id
"""
_AFTER = "WHERE (event.xid, event.id) > (%s, %s) AND event.xid < %s ORDER BY event.xid, event.id LIMIT %s"
_LATEST = "WHERE event.xid < %s ORDER BY event.xid DESC, event.id DESC LIMIT %s"


def position() -> Position:
    """The end of what can be read now. Ask before you render: what commits later comes after it."""
    # Transactions below the horizon are over; no event of theirs can come after this place.
    return Position(xid=_settled(), id=0)


def read_after(start: Position, limit: int = 1000) -> tuple[Sequence[LoggedEvent], Position]:
    """Events after `start` in order, at most `limit`, and the position to go on from."""
    settled = _settled()
    found = _read(_AFTER, [start.xid, start.id, settled, limit])
    if len(found) == limit:
        return found, found[-1].position
    return found, max(start, Position(settled, 0))


def latest(limit: int) -> tuple[Sequence[LoggedEvent], Position]:
    """The last `limit` events in order, and the position to go on from."""
    settled = _settled()
    return _read(_LATEST, [settled, limit])[::-1], Position(settled, 0)


def _settled() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED)
        settled: int = cursor.fetchone()[0]
    return settled


def _read(which: str, parameters: list[int]) -> list[LoggedEvent]:
    with connection.cursor() as cursor:
        cursor.execute(_EVENTS + which, parameters)
        return [_event(*row) for row in cursor]


def _event(
    xid: int, id_: int, case_id: UUID, queue_id: int, kind: str, version: int, actor: str, data: str
) -> LoggedEvent:
    return LoggedEvent(Position(xid, id_), case_id, queue_id, kind, version, actor, json.loads(data))
