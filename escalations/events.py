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
    kind: str
    version: int
    actor: str
    data: dict[str, Any]


_SETTLED = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_READ = """
    SELECT xid, id, case_id, kind, version, actor, data
    FROM escalations_event
    WHERE (xid, id) > (%s, %s) AND xid < %s
    ORDER BY xid, id
    LIMIT %s
"""


def position() -> Position:
    """The end of what can be read now. Ask before you render: what commits later comes after it."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED)
        # Transactions below the horizon are over; no event of theirs can come after this place.
        return Position(xid=cursor.fetchone()[0], id=0)


def read_after(start: Position, limit: int = 1000) -> tuple[Sequence[LoggedEvent], Position]:
    """Events after `start` in order, at most `limit`, and the position to go on from."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED)
        settled: int = cursor.fetchone()[0]
        cursor.execute(_READ, [start.xid, start.id, settled, limit])
        rows = cursor.fetchall()
    found = [LoggedEvent(Position(xid, id_), *rest, json.loads(data)) for xid, id_, *rest, data in rows]
    if len(found) == limit:
        return found, found[-1].position
    return found, max(start, Position(settled, 0))
