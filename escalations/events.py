"""The event log and its gap-free reader.

Ids are given out before commits, so "id > last seen" skips rows that commit late. Each event carries the
id of its transaction, and a reader's position says which transactions were over at its last read. The next
read gives the events of those that ended since. So each event comes exactly once, as soon as it is
committed, and a long transaction holds up nobody's events but its own (docs/decisions/0008).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection


@dataclass(frozen=True)
class LoggedEvent:
    """One event, as readers get it. `xid` is the transaction that wrote it."""

    xid: int
    id: int
    case_id: UUID
    queue_id: int
    # Whose members may take the case, too.
    overflow_queue_id: int | None
    kind: str
    version: int
    actor: str
    data: dict[str, Any]
    # How many seconds after it was written it was read.
    lag: float


@dataclass(frozen=True)
class Position:
    """A place in the log: which transactions were over. A `pg_snapshot`; its text form travels as a cursor.

    Over were all below `oldest`, none from `end` on, and between them all but `running`.
    """

    oldest: int
    end: int
    running: frozenset[int]

    def __str__(self) -> str:
        return f"{self.oldest}:{self.end}:{','.join(map(str, sorted(self.running)))}"

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Read the text form back.

        Raises:
            ValueError: it is not one.
        """
        oldest, end, running = text.split(":")
        return cls(int(oldest), int(end), frozenset(map(int, filter(None, running.split(",")))))

    @classmethod
    def of(cls, snapshot: str, own: str | None) -> "Position":
        """The place of a snapshot taken in transaction `own`, which has no number until it writes.

        PostgreSQL leaves a transaction out of its own list of the running ones. It is not over for that.
        """
        here = cls.parse(snapshot)
        if own is None or int(own) >= here.end:
            return here
        return cls(min(here.oldest, int(own)), here.end, here.running | {int(own)})

    def is_past(self, event: LoggedEvent) -> bool:
        """Whether the event could be read here."""
        return event.xid < self.oldest or (event.xid < self.end and event.xid not in self.running)


# The outer joins give the position of the statement also when there is no event to give.
_READ = """
    SELECT pg_current_snapshot()::text, pg_current_xact_id_if_assigned()::text,
           event.xid, event.id, event.case_id,
           escalation.queue_id, escalation.overflow_queue_id,
           event.kind, event.version, event.actor, event.data,
           date_part('epoch', clock_timestamp() - event.created_at)
    FROM (SELECT) AS always
    LEFT JOIN ("""
_SINCE = """
        SELECT * FROM escalations_event
        WHERE xid >= pg_snapshot_xmin(%(position)s::pg_snapshot)::text::bigint
          AND NOT pg_visible_in_snapshot(xid::text::xid8, %(position)s::pg_snapshot)"""
_CHANGED = f"""
    SELECT array_agg(DISTINCT case_id), pg_current_snapshot()::text, pg_current_xact_id_if_assigned()::text
    FROM ({_SINCE}) event"""  # noqa: S608 - a part of this module
_LATEST = """
        SELECT * FROM escalations_event ORDER BY xid DESC, id DESC LIMIT %(limit)s"""
_IN_ORDER = """
    ) event ON true
    LEFT JOIN escalations_escalation escalation ON escalation.id = event.case_id
    ORDER BY event.xid, event.id
"""


def position() -> Position:
    """The place where the log is now. Ask before you render: what commits later comes after it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text, pg_current_xact_id_if_assigned()::text")
        return Position.of(*cursor.fetchone())


def committed_since(start: Position) -> tuple[Sequence[LoggedEvent], Position]:
    """The events committed since `start`, in the order of their transactions, and where to go on from."""
    return _read(_SINCE, position=str(start))


def cases_changed_since(start: Position) -> tuple[Sequence[UUID], Position]:
    """The cases that the events committed since `start` are about, each once, and where to go on from."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"position": str(start)})
        case_ids, *here = cursor.fetchone()
    return case_ids or [], Position.of(*here)


def latest(limit: int) -> tuple[Sequence[LoggedEvent], Position]:
    """The last `limit` events in the same order, and where to go on from."""
    return _read(_LATEST, limit=limit)


def _read(which: str, **parameters: str | int) -> tuple[list[LoggedEvent], Position]:
    with connection.cursor() as cursor:
        cursor.execute(_READ + which + _IN_ORDER, parameters)
        rows = cursor.fetchall()
    return [_event(*event) for _, _, *event in rows if event[0] is not None], Position.of(*rows[0][:2])


def _event(
    xid: int,
    id_: int,
    case_id: UUID,
    queue_id: int,
    overflow_queue_id: int | None,
    kind: str,
    version: int,
    actor: str,
    data: str,
    lag: float,
) -> LoggedEvent:
    return LoggedEvent(
        xid, id_, case_id, queue_id, overflow_queue_id, kind, version, actor, json.loads(data), lag
    )
