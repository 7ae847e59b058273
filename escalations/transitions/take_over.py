"""A supervisor takes a case out of somebody's hands, or from where it was put aside."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from escalations.auditing import audit
from escalations.models import Escalation, How, NoticeKind, Operator, State
from escalations.people import notices
from escalations.transitions import giving
from escalations.transitions.claim import Claimed
from escalations.transitions.errors import NotClaimable
from escalations.transitions.recording import record
from escalations.transitions.tokens import LEASE


def take_over(*, case_id: UUID, supervisor: Operator) -> Claimed:
    """Lease an open case to `supervisor`, whoever holds it. That person is told, and what they typed is kept.

    The capacity of a supervisor is not asked for: they act on purpose.

    Raises:
        NotAllowed: not a reviewer or an admin.
        NotClaimable: it is closed, or theirs already.
        Escalation.DoesNotExist: there is no such case.
    """
    giving.require_supervisor(supervisor)
    with transaction.atomic():
        before = giving.locked(case_id)
        held_by_self = Q(state=State.CLAIMED, holder=supervisor, lease_expires_at__gt=Now())
        found = Escalation.objects.within_hard_limit().filter(id=case_id).exclude(held_by_self)
        case = giving.lease_to(found, supervisor, How.TAKEN, before=before, lasts=LEASE)
        if case is None:
            raise NotClaimable(case_id, before.state, str(before.holder or ""))
        loser = before.holder if before.is_held else None
        if loser:
            giving.tell(loser, case, NoticeKind.TAKEN, notices.TAKEN_OVER % {"person": supervisor})
        record(
            case_id=case_id,
            version=case.version,
            kind="taken_over",
            actor=audit.operator_actor(supervisor),
            data={"from": loser.pk if loser else None},
        )
    return giving.claimed(case, supervisor)
