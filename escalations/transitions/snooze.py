"""Put a case aside until a time, and wake it then, or before when somebody writes."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from escalations.auditing import audit
from escalations.models import Escalation, NoticeKind, Outcome, State
from escalations.people import notices
from escalations.sla import clocks
from escalations.transitions import aside, giving
from escalations.transitions.errors import InvalidTime
from escalations.transitions.lease import end_claim, held, lost
from escalations.transitions.recording import record
from escalations.transitions.tokens import LeaseToken


def snooze(*, lease: LeaseToken, until: datetime) -> Escalation:
    """Put the case aside until `until`. Its clocks go on; it comes back to the same person first.

    Raises:
        InvalidTime: in the past, or after the case is due or ends.
        LeaseLost: the case is not the caller's any more.
    """
    with transaction.atomic():
        giving.locked(lease.case_id)
        in_time = Q(due_at__gte=until) & (Q(expires_at=None) | Q(expires_at__gte=until))
        moved = (
            held(lease)
            .within_hard_limit()
            .alias(now=Now())
            .filter(in_time, now__lt=until)
            .update(state=State.SNOOZED, snoozed_until=until, **aside.begun(lease))
        )
        if not moved:
            raise _why_not(lease)
        end_claim(lease.case_id, Outcome.SNOOZED)
        case = Escalation.objects.get(id=lease.case_id)
        actor = audit.operator_actor(lease.operator)
        data = {"until": until.isoformat(), "seconds": (until - clocks.database_now()).total_seconds()}
        record(case_id=case.id, version=case.version, kind="snoozed", actor=actor, data=data)
    return case


def wake_due(*, limit: int = 100) -> int:
    """Put snoozed cases whose time has come back in the queue. Returns how many."""
    with transaction.atomic():
        over = Escalation.objects.filter(state=State.SNOOZED, snoozed_until__lte=Now())
        due = over.lock_first(limit, by="snoozed_until")
        for case in due:
            record(case_id=case.id, version=aside.bring_back(case), kind="woken", actor="system")
            if case.affinity:
                giving.tell(case.affinity, case, NoticeKind.WOKEN, notices.WOKEN)
    return len(due)


def _why_not(lease: LeaseToken) -> Exception:
    if not held(lease).within_hard_limit().exists():
        return lost(lease)
    case = Escalation.objects.get(id=lease.case_id)
    latest = min(filter(None, [case.due_at, case.expires_at]))
    return InvalidTime(latest if latest > clocks.database_now() else None)
