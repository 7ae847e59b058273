"""Keep a case, give it back, or lose it: what happens to a claim between taking and deciding."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest, Least, Now

from escalations.auditing import audit
from escalations.models import Availability, Claim, Escalation, Operator, Outcome, Presence, State
from escalations.models.case_queries import EscalationQuerySet
from escalations.transitions.errors import LeaseLost
from escalations.transitions.recording import record
from escalations.transitions.tokens import KEPT_WHILE_AWAY, LEASE, LeaseToken


def heartbeat(*, lease: LeaseToken) -> datetime:
    """Prolong a live lease to now + `LEASE` and return its new end. It is no change of the case.

    What somebody held when they went away is kept for `KEPT_WHILE_AWAY` after that, whatever page is open.

    Raises:
        LeaseLost: it ran out or passed on; a dead lease is never revived.
    """
    left_at = left_behind_at(lease)
    end = Now() + LEASE
    kept = Greatest("lease_expires_at", Least(end, left_at + KEPT_WHILE_AWAY)) if left_at else end
    if not held(lease).update(lease_expires_at=kept):
        raise lost(lease)
    expires_at = Escalation.objects.values_list("lease_expires_at", flat=True).get(id=lease.case_id)
    if expires_at is None:  # resolved by its own holder in another tab, between these two lines
        raise lost(lease)
    return expires_at


def release(*, lease: LeaseToken) -> None:
    """Put the case back where it stood in the queue. The draft stays.

    Raises:
        LeaseLost: the case is not the caller's to release any more.
    """
    with transaction.atomic():
        if not held(lease).update(**_back_in_the_queue()):
            raise lost(lease)
        end_claim(lease.case_id, Outcome.RELEASED)
        version = Escalation.objects.values_list("version", flat=True).get(id=lease.case_id)
        record(
            case_id=lease.case_id,
            version=version,
            kind="released",
            actor=audit.operator_actor(lease.operator),
        )


def left_behind_at(lease: LeaseToken) -> datetime | None:
    """When its holder went away from the case; None while they are there, or took it while they were away."""
    since_claimed = Claim.objects.filter(case=lease.case_id, ended_at=None).values("started_at")
    away = Presence.objects.filter(operator=lease.operator, availability=Availability.AWAY)
    return away.filter(since__gt=since_claimed).values_list("since", flat=True).first()


def put_all_back(operator: Operator) -> int:
    """Release everything that `operator` holds. Returns how many. Needs their desk locked."""
    mine = Escalation.objects.held_by(operator)
    held_cases = list(mine.select_for_update(no_key=True, of=("self",)).order_by("id"))
    for case in held_cases:
        release(lease=LeaseToken(case.id, operator, case.lease_token))
    return len(held_cases)


def keep_all(operator: Operator) -> int:
    """Keep all that `operator` holds for `KEPT_WHILE_AWAY`. Returns how many. Needs their desk locked."""
    mine = Escalation.objects.held_by(operator)
    kept = list(mine.select_for_update(no_key=True, of=("self",)).order_by("id").values_list("id", flat=True))
    return mine.filter(id__in=kept).update(
        lease_expires_at=Greatest("lease_expires_at", Now() + KEPT_WHILE_AWAY)
    )


def requeue_dead_leases(*, limit: int = 100) -> int:
    """Tidy up leases that ran out, and say so. Returns how many; rows that others hold are skipped."""
    with transaction.atomic():
        over = Escalation.objects.filter(state=State.CLAIMED, lease_expires_at__lte=Now())
        dead = over.lock_first(limit, by="lease_expires_at")
        for case in dead:
            Claim.objects.filter(case=case, ended_at=None).update(
                ended_at=case.lease_expires_at, outcome=Outcome.LOST
            )
            Escalation.objects.filter(id=case.id).update(**_back_in_the_queue())
            record(case_id=case.id, version=case.version + 1, kind="lease_lost", actor="system")
    return len(dead)


def end_claim(case_id: Any, outcome: Outcome) -> None:
    """End the live claim of a case, if it has one."""
    Claim.objects.filter(case_id=case_id, ended_at=None).update(ended_at=Now(), outcome=outcome)


def lost(lease: LeaseToken) -> LeaseLost:
    """The error for a write under a dead lease: who has the case now."""
    case = Escalation.objects.select_related("holder").get(id=lease.case_id)
    if Escalation.objects.past_hard_limit().filter(id=case.id).exists():
        return LeaseLost(case.id, State.EXPIRED)
    other = case.holder if case.lease_token != lease.token else None
    return LeaseLost(case.id, case.state, str(other or ""))


def held(lease: LeaseToken) -> EscalationQuerySet:
    """The case of a lease, for as long as the lease is live."""
    return Escalation.objects.held_by(lease.operator).filter(id=lease.case_id, lease_token=lease.token)


def _back_in_the_queue() -> dict[str, Any]:
    return {"state": State.QUEUED, "holder": None, "lease_expires_at": None, "version": F("version") + 1}
