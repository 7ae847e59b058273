"""How many cases wait where, counted up to a bound so that a long queue does not slow a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, TextField
from django.db.models.expressions import RawSQL

from escalations import events
from escalations.events import Position
from escalations.models import Escalation, Queue

COUNTED = 200
_NOW = RawSQL("pg_current_snapshot()::text", [], output_field=TextField())


class _Count(Subquery):
    """Rows of a (bounded) query as a number, so that many of them are one round trip."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


@dataclass(frozen=True)
class Count:
    """A number of cases, at most `COUNTED` and then "more"."""

    number: int

    def __str__(self) -> str:
        return f"{COUNTED}+" if self.number > COUNTED else str(self.number)

    def __bool__(self) -> bool:
        return self.number > 0


@dataclass(frozen=True)
class Tally:
    """The numbers on the pills of a page: by name as they were asked for, and by queue.

    `cursor` is the place in the event log where they were counted. Rows that are read afterwards are as
    new or newer.
    """

    cursor: Position
    counts: Mapping[str, Count]
    queues: Sequence[tuple[str, Count]]


def tally(visible: QuerySet[Queue], counted: Mapping[str, QuerySet[Escalation]]) -> Tally:
    """Count the open cases of each of the `visible` queues, and each of `counted`, in one query."""
    places = {f"counted_{place}": name for place, name in enumerate(counted)}
    rows: list[Any] = list(
        visible.annotate(
            cursor=_NOW,
            open_cases=_bounded(Escalation.objects.open().filter(queue=OuterRef("pk"))),
            **{place: _bounded(counted[name]) for place, name in places.items()},
        ).values("name", "cursor", "open_cases", *places)
    )
    return Tally(
        cursor=Position.parse(rows[0]["cursor"]) if rows else events.position(),
        counts={name: Count(rows[0][place] if rows else 0) for place, name in places.items()},
        queues=[(row["name"], Count(row["open_cases"])) for row in rows],
    )


def _bounded(cases: QuerySet[Escalation]) -> _Count:
    return _Count(cases.order_by().values("pk")[: COUNTED + 1])
