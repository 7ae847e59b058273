"""Take a case: the next one by the order of work, or one that the operator picked. Never more than fits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from escalations import sql, stored_words
from escalations.auditing import audit
from escalations.models import Escalation, How, Operator, State
from escalations.models.offers import PREFERRED
from escalations.models.people import SILENT
from escalations.people import capacity
from escalations.people.capacity import Load
from escalations.transitions.errors import NotAllowed, NotClaimable
from escalations.transitions.recording import announce
from escalations.transitions.tokens import LEASE, LeaseToken

_WIDENING = {"preferred": PREFERRED, "connected": SILENT, "watching": stored_words.WATCHING}


@dataclass(frozen=True)
class Claimed:
    """A lease just given: the fence to show with each write, and when it runs out."""

    lease: LeaseToken
    expires_at: datetime


def claim_next(*, operator: Operator) -> Claimed | None:
    """Lease the most urgent case that `operator` may work, or return None.

    A case that is kept for them comes first; what is offered to another person, kept for one, declined by
    `operator`, too heavy for their desk, or for somebody with preferred skills first is left out. None may
    also mean that the desk is full (`foreseen`). Skips rows that another transaction is claiming, so
    that no caller waits.
    """
    return lease("candidate_next", operator, How.PULLED, empty_desk=False, **_WIDENING)


def foreseen(*, operator: Operator) -> UUID | None:
    """The case that `claim_next` would give `operator` now, had they room for it. Locks nothing."""
    looked = {"operator_id": operator.pk, "empty_desk": True} | _WIDENING
    rows = sql.look("candidate_next", "candidate_told", **looked)
    return rows[0]["id"] if rows else None


def claim(*, case_id: UUID, operator: Operator) -> Claimed:
    """Lease the case that `operator` picked.

    Raises:
        NotClaimable: somebody holds it, or it is not waiting; says who or what.
        NotAllowed: not in the operator's queues, beyond their skills, or more than fits on their desk.
        Escalation.DoesNotExist: there is no such case.
    """
    claimed = lease("candidate_picked", operator, How.PICKED, case_id=case_id)
    if claimed is None:
        raise _why_not(case_id, operator)
    return claimed


def lease(candidate: str, operator: Operator, how: How, **parameters: Any) -> Claimed | None:
    """Lease what `candidate` (a named statement) chooses for `operator`, whose desk is locked for it."""
    with transaction.atomic():
        capacity.lock_desk(operator.pk)
        rows = sql.run(
            candidate,
            "lease",
            operator_id=operator.pk,
            how=how.value,
            actor=audit.operator_actor(operator),
            request_id=audit.current_request_id(),
            lease=LEASE,
            **parameters,
        )
        if not rows:
            return None
        announce(case_id=rows[0]["id"], kind="claimed")
    token = LeaseToken(case_id=rows[0]["id"], operator=operator, token=rows[0]["lease_token"])
    return Claimed(lease=token, expires_at=rows[0]["lease_expires_at"])


def _why_not(case_id: UUID, operator: Operator) -> NotClaimable | NotAllowed:
    case = Escalation.objects.select_related("holder", "queue").get(id=case_id)
    this = Escalation.objects.filter(id=case_id)
    if not this.waiting().exists():
        is_over = this.past_hard_limit().exists()
        return NotClaimable(case_id, State.EXPIRED) if is_over else not_waiting(case)
    if not this.pickable_by(operator).exists():
        return unworkable(case)
    return too_much(capacity.load(operator), case.weight)


def not_waiting(case: Escalation) -> NotClaimable:
    """The error for a case that nobody can take now; needs `holder` loaded."""
    return NotClaimable(case.id, case.state, str(case.holder or ""))


def unworkable(case: Escalation) -> NotAllowed:
    """The error for a case of another queue, or beyond one's skills; needs `queue` loaded."""
    words = _("You are not in the queue %(queue)s or lack a skill that this case requires.")
    return NotAllowed(words % {"queue": case.queue})


def too_much(load: Load, weight: int) -> NotAllowed:
    """The error for a case that does not fit on a desk, with what to do about it."""
    if weight > load.capacity:
        words = _("This case weighs %(weight)s, and you may hold %(capacity)s at one time.")
    elif weight > 1:
        words = _(
            "This case weighs %(weight)s, and you hold %(used)s of %(capacity)s already. "
            "Decide a case or put one back first."
        )
    else:
        words = _("You hold %(used)s of %(capacity)s already. Decide a case or put one back first.")
    return NotAllowed(words % {"weight": weight, "used": load.used, "capacity": load.capacity})
