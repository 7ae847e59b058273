"""Why a case is here, where it stands, and why nobody has it: computed when somebody asks."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from escalations.handoffs.line import line_of
from escalations.models import Escalation, Offer, Ring, RoutingDecision
from escalations.policy import triggers
from escalations.policy.triggers import Trigger
from escalations.routing import decisions, rooms
from escalations.routing.eligibility import (
    Reason,
    WhyNot,
    histories,
    not_at_all,
    not_now,
    ring,
    ring_by_time,
)
from escalations.routing.people import everybody
from escalations.sla import clocks

# How many looks and offers are shown.
SHOWN = 10
_ORDER = [
    WhyNot.NONE,
    WhyNot.OFFERED,
    WhyNot.OTHER_OFFER,
    WhyNot.ROOM_KEPT,
    WhyNot.AT_CAPACITY,
    WhyNot.MISSED,
    WhyNot.KEPT,
    WhyNot.DECLINED,
    WhyNot.WRAP_UP,
    WhyNot.AWAY,
    WhyNot.NOT_CONNECTED,
    WhyNot.TOO_HEAVY,
    WhyNot.LACKS_SKILL,
    WhyNot.NOT_IN_QUEUE,
]


class Turn(StrEnum):
    """How a ring stands in the search for a person."""

    BEFORE = "before"
    SKIPPED = "skipped"
    NOW = "now"
    LATER = "later"


@dataclass(frozen=True)
class RingTurn:
    """One ring of the search, and how many people in it are ready, with room or not."""

    ring: Ring
    turn: Turn
    there: int


@dataclass(frozen=True)
class PersonsReason:
    """Why this person is not offered the case; `WhyNot.NONE` if they are next."""

    operator_id: int
    reason: Reason


@dataclass(frozen=True)
class Explanation:
    """Everything that routing can say of a case at this moment.

    `ring` is how far the search has widened, None when no ring has anybody who is ready or the case does
    not wait; `there` counts who is ready in each. `inputs` is what its place in the order is made of,
    `ahead` how many come before it (up to a bound).
    """

    case: Escalation
    is_waiting: bool
    triggers: Sequence[Trigger]
    inputs: dict[str, Any]
    ahead: int
    ring: Ring | None
    there: Mapping[Ring, int]
    people: Sequence[PersonsReason]
    looks: Sequence[RoutingDecision]
    offers: Sequence[Offer]
    at: datetime

    @property
    def rings(self) -> list[RingTurn]:
        """How far the search has come: one ring after the other, none if the case does not wait."""
        return [RingTurn(ring, self._turn(ring), self.there[ring]) for ring in Ring] if self.there else []

    def _turn(self, ring: Ring) -> Turn:
        """A ring without anybody there is skipped at once, so that with nobody in any all of them were."""
        if self.ring is not None and ring >= self.ring:
            return Turn.NOW if ring == self.ring else Turn.LATER
        return Turn.BEFORE if self.there[ring] else Turn.SKIPPED

    @property
    def counts(self) -> list[tuple[WhyNot, int]]:
        """How many people there are for each reason, the nearest to an offer first."""
        counted = Counter(one.reason.why for one in self.people)
        return [(why, counted[why]) for why in _ORDER if counted[why]]


def explain(case: Escalation) -> Explanation:
    """The account of `case`, which needs `queue` and `policy` loaded."""
    now = clocks.database_now()
    is_waiting = Escalation.objects.waiting().filter(id=case.id).exists()
    in_ring, there, people = _people(case, now) if is_waiting else (None, {}, [])
    return Explanation(
        case=case,
        is_waiting=is_waiting,
        triggers=triggers.reasons(case, case.handoff.payload),
        inputs=decisions.rank_inputs(case, now),
        ahead=line_of(case.id).ahead if is_waiting else 0,
        ring=in_ring,
        there=there,
        people=people,
        looks=list(RoutingDecision.objects.filter(case=case).order_by("-id")[:SHOWN]),
        offers=list(Offer.objects.filter(case=case).select_related("operator").order_by("-id")[:SHOWN]),
        at=now,
    )


def _people(case: Escalation, now: datetime) -> tuple[Ring | None, dict[Ring, int], list[PersonsReason]]:
    """The ring that is searched, who is there in each, and everybody's reason, nearest to an offer first."""
    history = histories([case])[case.id]
    people = everybody()
    rooms.mark(case, people, now)
    found = ring(case, now, people, history)
    there = {one: sum(not not_at_all(person, case, one, history).why for person in people) for one in Ring}
    in_ring = found[0] if found else None
    # With nobody in any ring, the widest one says what is missing.
    asked = in_ring if in_ring is not None else max(ring_by_time(case, now), Ring.OVERFLOW)
    reasons = []
    for person in people:
        reason = not_at_all(person, case, asked, history)
        if not reason.why:
            reason = not_now(person, case, history, now)
        reasons.append(PersonsReason(person.id, reason))
    return in_ring, there, sorted(reasons, key=lambda one: (_ORDER.index(one.reason.why), one.operator_id))
