"""The cases that are late or soon will be, and who could take each of them now."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from escalations.models import Escalation, Ring, State
from escalations.models.case_queries import LATE_FROM, EscalationQuerySet
from escalations.routing.eligibility import History, not_at_all
from escalations.routing.people import Person, ready

# Of each kind.
SHOWN = 50
COUNTED = 1_000


@dataclass(frozen=True)
class AtRisk:
    """A case. Of those who are there, `able` have its queue and skills, and `free` also room for it."""

    case: Escalation
    able: int
    free: int


@dataclass(frozen=True)
class Risk:
    """The late cases, the latest first, and those at risk, the next to be late first.

    Each list has at most `SHOWN`; the counts stop one above `COUNTED`.
    """

    breached: Sequence[AtRisk]
    at_risk: Sequence[AtRisk]
    breached_count: int
    at_risk_count: int

    @property
    def is_cut(self) -> bool:
        """Whether there are more than are listed."""
        return max(self.breached_count, self.at_risk_count) > SHOWN


def risk(queue: str = "") -> Risk:
    """What is late or at risk, in one queue or in all."""
    people = ready()
    cases = Escalation.objects.filter(queue__name=queue) if queue else Escalation.objects.all()
    late, soon = cases.breached(), cases.at_risk()
    return Risk(
        breached=_shown(late.order_by(LATE_FROM.asc(), "id"), people),
        at_risk=_shown(soon.order_by("next_due_at", "id"), people),
        breached_count=_counted(late),
        at_risk_count=_counted(soon),
    )


def _counted(cases: QuerySet[Escalation]) -> int:
    return cases.order_by().values("pk")[: COUNTED + 1].count()


def _shown(cases: EscalationQuerySet, people: Sequence[Person]) -> list[AtRisk]:
    """The first of the cases, found by the narrow columns before anything is joined to them."""
    ids = list(cases.values_list("id", flat=True)[:SHOWN])
    found = (
        Escalation.objects.with_liveness()
        .select_related("queue", "agent_version__agent", "holder")
        .in_bulk(ids)
    )
    return [_at_risk(found[one], people) for one in ids if one in found]


def _at_risk(case: Escalation, people: Sequence[Person]) -> AtRisk:
    nothing = History()
    able = [person for person in people if not not_at_all(person, case, Ring.SEVERAL, nothing).why]
    if case.state == State.CLAIMED:
        able = [person for person in able if person.id != case.holder_id]
    free = [person for person in able if person.used + case.weight <= person.capacity]
    return AtRisk(case, len(able), len(free))
