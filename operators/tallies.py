"""How many cases wait where, counted up to a bound so that a long queue does not slow a page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import IntegerField, OuterRef, QuerySet, Subquery, Value

from escalations.models import Escalation, Operator, Queue

COUNTED = 200


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
    """The numbers on the pills of a page."""

    waiting: Count
    at_risk: Count
    breached: Count
    mine: Count
    queues: list[tuple[str, Count]]


def tally(
    *,
    visible: QuerySet[Queue],
    member_of: Collection[int],
    skills: Sequence[str],
    holder: Operator | None = None,
) -> Tally:
    """Count the open cases of the `visible` queues, in one query.

    `waiting` are those that a member of `member_of` with `skills` could take now, `mine` those that `holder`
    holds.
    """
    cases = Escalation.objects.filter(queue__in=visible)
    takeable = Escalation.objects.waiting().in_queues(member_of).within_skills(skills)
    rows: list[Any] = list(
        visible.annotate(
            open_cases=_bounded(Escalation.objects.open().filter(queue=OuterRef("pk"))),
            waiting=_bounded(takeable),
            at_risk=_bounded(cases.at_risk()),
            breached=_bounded(cases.breached()),
            mine=_bounded(Escalation.objects.held_by(holder)) if holder else Value(0),
        ).values("name", "open_cases", "waiting", "at_risk", "breached", "mine")
    )
    whole = rows[0] if rows else {"waiting": 0, "at_risk": 0, "breached": 0, "mine": 0}
    return Tally(
        waiting=Count(whole["waiting"]),
        at_risk=Count(whole["at_risk"]),
        breached=Count(whole["breached"]),
        mine=Count(whole["mine"]),
        queues=[(row["name"], Count(row["open_cases"])) for row in rows],
    )


def _bounded(cases: QuerySet[Escalation]) -> _Count:
    return _Count(cases.order_by().values("pk")[: COUNTED + 1])
