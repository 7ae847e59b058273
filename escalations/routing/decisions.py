"""What the router saw and did, kept as long as somebody may ask."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from escalations.models import Escalation, Ring, RoutingDecision
from escalations.models.cases import INFEASIBLE
from escalations.routing.eligibility import Reason, WhyNot

# Of each case, and in each decision.
KEPT, PEOPLE_KEPT = 10, 50
# The mark of a look that found nobody in any ring.
NOBODY = "nobody"


@dataclass(frozen=True)
class Seen:
    """One look at one case: the ring (None: nobody in any), who was offered it, why others were not."""

    case: Escalation
    ring: Ring | None
    offered: Sequence[int]
    reasons: Mapping[int, Reason]

    @property
    def counts(self) -> dict[str, int]:
        """How many people there are for each reason."""
        return dict(Counter(reason.why.value for reason in self.reasons.values() if reason.why))

    @property
    def mark(self) -> str:
        """Looks with equal marks say the same."""
        return NOBODY if self.ring is None else str(int(self.ring))


def store(seen: Seen, now: datetime) -> None:
    """Keep a look, and only the last few of its case."""
    RoutingDecision.objects.create(
        case=seen.case,
        ring=Ring.OVERFLOW if seen.ring is None else seen.ring,
        inputs=rank_inputs(seen.case, now) | {"counts": seen.counts, "mark": seen.mark},
        people=[
            {"operator": person, "why": reason.why.value, "detail": reason.detail}
            for person, reason in sorted(seen.reasons.items(), key=lambda item: item[1].why != WhyNot.NONE)
        ][:PEOPLE_KEPT],
        offered=len(seen.offered),
    )
    all_of_it = RoutingDecision.objects.filter(case=seen.case)
    kept = list(all_of_it.order_by("-id").values_list("id", flat=True)[:KEPT])
    all_of_it.exclude(id__in=kept).delete()


def store_changes(looks: Collection[Seen], now: datetime) -> list[Seen]:
    """Keep the looks that say something else than the last one of their case. Returns those."""
    before = last_marks([seen.case.id for seen in looks])
    changed = [seen for seen in looks if before.get(seen.case.id) != seen.mark]
    for seen in changed:
        store(seen, now)
    return changed


def last_marks(case_ids: Collection[UUID]) -> dict[UUID, str]:
    """What the last look at each of the cases said."""
    latest = RoutingDecision.objects.filter(case__in=case_ids).order_by("case_id", "-id").distinct("case_id")
    return {case_id: inputs.get("mark", "") for case_id, inputs in latest.values_list("case_id", "inputs")}


def rank_inputs(case: Escalation, now: datetime) -> dict[str, Any]:
    """What the place in the order of work is made of."""
    return {
        "priority": case.priority,
        "rank": case.rank,
        "infeasible": case.rank >= INFEASIBLE,
        "received_at": case.received_at.isoformat(),
        "due_at": case.due_at.isoformat(),
        "waited_seconds": round((now - case.clock_started_at).total_seconds()),
        "weight": case.weight,
    }
