"""Take a decision back before the agent has it."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from escalations.auditing import audit
from escalations.models import Claim, Delivery, Escalation, How, Operator, Resolution, State
from escalations.people import capacity
from escalations.sla import clocks
from escalations.transitions import giving
from escalations.transitions.claim import Claimed
from escalations.transitions.errors import NotAllowed, TransitionError
from escalations.transitions.recording import record
from escalations.transitions.tokens import LEASE


class TooLate(TransitionError):
    """The decision is on its way to the agent. It can only be changed by reopening the case."""

    def __init__(self, case_id: UUID) -> None:
        self.case_id = case_id
        super().__init__(_("Too late to undo: the decision is on its way to the agent."))


def undo(*, resolution_id: UUID, operator: Operator) -> Claimed:
    """Take back the decision that `operator` made a moment ago; they hold the case again.

    It is theirs even beyond their capacity: they had it a moment ago.

    Raises:
        TooLate: its time is over, or it was taken back already.
        NotAllowed: somebody else decided it.
        Resolution.DoesNotExist: there is no such decision.
    """
    resolution = Resolution.objects.get(id=resolution_id)
    if resolution.operator_id != operator.pk:
        raise NotAllowed(_("Only who decided a case can undo it."))
    with transaction.atomic():
        capacity.lock_desk(operator.pk)
        before = giving.locked(resolution.case_id)
        if not _claimed_again(before, resolution, operator):
            raise TooLate(before.id)
        Resolution.objects.filter(id=resolution_id).update(superseded_at=Now())
        case = Escalation.objects.get(id=before.id)
        Claim.objects.create(case=case, operator=operator, token=case.lease_token, how=How.UNDONE)
        clocks.restart_timers(case.id)
        record(
            case_id=case.id,
            version=case.version,
            kind="undone",
            actor=audit.operator_actor(operator),
            data={"resolution": str(resolution_id)},
        )
        # A webhook may have been taken for delivery before its row was removed just now.
        if before.dispatch_at is None or clocks.database_now() >= before.dispatch_at:
            raise TooLate(before.id)
    return giving.claimed(case, operator)


def _claimed_again(before: Escalation, resolution: Resolution, operator: Operator) -> bool:
    """The one conditional update. Its row is locked, so nobody shows the decision to the agent meanwhile."""
    stands = Resolution.objects.current().filter(id=resolution.id, case=OuterRef("id"))
    moved = Escalation.objects.filter(
        Exists(stands),
        id=before.id,
        state=State.RESOLVED,
        delivery=Delivery.UNDELIVERED,
        dispatch_at__gt=Now(),
    ).update(
        state=State.CLAIMED,
        holder=operator,
        lease_token=F("lease_token") + 1,
        lease_expires_at=Now() + LEASE,
        closed_at=None,
        delivery=Delivery.NONE,
        dispatch_at=None,
        version=F("version") + 1,
    )
    return bool(moved)
