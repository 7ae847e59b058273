"""The event log and its gap-free reader.

Ids are given out before commits, so "id > last seen" skips rows that commit late. Each event carries the
id of its transaction, and a reader remembers the snapshot of its last read: which transactions were over
by then. The next read gives the events of those that ended since. So each event comes exactly once, as
soon as it is committed, and a long transaction holds up nobody's events but its own
(docs/decisions/0008).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NewType
from uuid import UUID

from django.db import connection

# PostgreSQL's text form of `pg_snapshot`: which transactions were over at a moment.
Snapshot = NewType("Snapshot", str)


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


# The outer joins give the snapshot of the statement also when there is no event to give.
_READ = """
    SELECT pg_current_snapshot()::text, event.xid, event.id, event.case_id, escalation.queue_id,
           event.kind, event.version, event.actor, event.data
    FROM (SELECT) AS always
    LEFT JOIN ("""
_SINCE = """
        SELECT * FROM escalations_event
        WHERE xid >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot)::text::bigint
          AND NOT pg_visible_in_snapshot(xid::text::xid8, %(snapshot)s::pg_snapshot)"""
_LATEST = """
        SELECT * FROM escalations_event ORDER BY xid DESC, id DESC LIMIT %(limit)s"""
_IN_ORDER = """
    ) event ON true
    LEFT JOIN escalations_escalation escalation ON escalation.id = event.case_id
    ORDER BY event.xid, event.id
"""


def position() -> Position:
    """A place with nothing unread before it. Ask before you render: what commits later comes after it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        # Transactions below this are over; no event of theirs can come any more.
        return Position(xid=cursor.fetchone()[0], id=0)


def committed_since(snapshot: Snapshot) -> tuple[Sequence[LoggedEvent], Snapshot]:
    """The events committed since `snapshot`, in their order, and the snapshot to go on from."""
    return _read(_SINCE, snapshot=snapshot)


def latest(limit: int) -> tuple[Sequence[LoggedEvent], Snapshot]:
    """The last `limit` events, in their order, and the snapshot to go on from."""
    return _read(_LATEST, limit=limit)


def _read(which: str, **parameters: str | int) -> tuple[list[LoggedEvent], Snapshot]:
    with connection.cursor() as cursor:
        cursor.execute(_READ + which + _IN_ORDER, parameters)
        rows = cursor.fetchall()
    return [_event(*event) for _, *event in rows if event[0] is not None], Snapshot(rows[0][0])


def _event(
    xid: int, id_: int, case_id: UUID, queue_id: int, kind: str, version: int, actor: str, data: str
) -> LoggedEvent:
    return LoggedEvent(Position(xid, id_), case_id, queue_id, kind, version, actor, json.loads(data))
