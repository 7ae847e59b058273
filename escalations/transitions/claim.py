"""Take a case: the next one by the order of work, or one that the operator picked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from escalations import audit, sql
from escalations.models import Escalation, How, Operator, State
from escalations.transitions.errors import NotAllowed, NotClaimable
from escalations.transitions.recording import announce
from escalations.transitions.tokens import LEASE, LeaseToken


@dataclass(frozen=True)
class Claimed:
    """A lease just given: the fence to show with each write, and when it runs out."""

    lease: LeaseToken
    expires_at: datetime


def claim_next(*, operator: Operator) -> Claimed | None:
    """Lease the most urgent case that `operator` may work, or return None.

    Skips rows that another transaction is claiming, so that no caller waits.
    """
    return _lease("candidate_next", operator, How.PULLED)


def claim(*, case_id: UUID, operator: Operator) -> Claimed:
    """Lease the case that `operator` picked.

    Raises:
        NotClaimable: somebody holds it, or it is not waiting; says who or what.
        NotAllowed: not in the operator's queues or beyond their skills.
        Escalation.DoesNotExist: there is no such case.
    """
    claimed = _lease("candidate_picked", operator, How.PICKED, case_id=case_id)
    if claimed is None:
        raise _why_not(case_id)
    return claimed


def _lease(candidate: str, operator: Operator, how: How, **parameters: Any) -> Claimed | None:
    with transaction.atomic():
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
    lease = LeaseToken(case_id=rows[0]["id"], operator=operator, token=rows[0]["lease_token"])
    return Claimed(lease=lease, expires_at=rows[0]["lease_expires_at"])


def _why_not(case_id: UUID) -> NotClaimable | NotAllowed:
    case = Escalation.objects.select_related("holder", "queue").get(id=case_id)
    if case in Escalation.objects.filter(id=case_id).waiting():
        return NotAllowed(f"You are not in the queue {case.queue} or lack a skill that this case requires.")
    if case in Escalation.objects.past_hard_limit().filter(id=case_id):
        return NotClaimable(case_id, State.EXPIRED)
    return NotClaimable(case_id, case.state, str(case.holder or ""))
