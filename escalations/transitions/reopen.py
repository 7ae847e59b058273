"""Take up a resolved case again. The earlier resolution is superseded, never edited."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from escalations.auditing import audit
from escalations.handoffs.dispatch import dispatched
from escalations.models import Delivery, Escalation, Operator, Resolution, State
from escalations.sla import clocks
from escalations.transitions.errors import CaseClosed, Erased, ReasonMissing
from escalations.transitions.recording import record


def reopen(*, case_id: UUID, operator: Operator, reason: str) -> Escalation:
    """Queue a resolved case for a new cycle with new clocks.

    Raises:
        CaseClosed: it is not resolved: still open, expired or withdrawn; or decided so lately that the
            decision can be undone instead.
        Erased: nothing is left of what was said in it.
        ReasonMissing: the agent has applied the decision, and `reason` is empty.
        Escalation.DoesNotExist: there is no such case.
    """
    with transaction.atomic():
        case = Escalation.objects.select_for_update(of=("self",)).select_related("queue").get(id=case_id)
        if case.erased_at:
            raise Erased
        if case.state == State.RESOLVED and case.delivery == Delivery.APPLIED and not reason:
            raise ReasonMissing
        now = clocks.database_now()
        resolved = Escalation.objects.filter(dispatched(), state=State.RESOLVED)
        moved = resolved.filter(id=case_id, version=case.version).update(
            state=State.QUEUED,
            closed_at=None,
            delivery=Delivery.NONE,
            delivered_at=None,
            dispatch_at=None,
            cycle=F("cycle") + 1,
            version=F("version") + 1,
            **clocks.started(case.queue, case.priority, now),
        )
        if not moved:
            raise CaseClosed(case_id, case.state)
        Resolution.objects.filter(case=case).current().update(superseded_at=Now())
        clocks.restart_timers(case_id)
        actor = audit.operator_actor(operator)
        record(
            case_id=case_id, version=case.version + 1, kind="reopened", actor=actor, data={"reason": reason}
        )
    return Escalation.objects.get(id=case_id)
