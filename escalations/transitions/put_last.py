"""Put cases that nobody can decide before they expire behind all that can be saved, and say so at once."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from escalations.models import Escalation, NoticeKind, State, Timer
from escalations.models.cases import INFEASIBLE
from escalations.people import notices
from escalations.sla import clocks
from escalations.transitions.recording import record

# Somebody may be deciding it just now; looked at again after this, until it is over.
_AGAIN = timedelta(seconds=30)


def put_last(*, limit: int = 100, now: datetime | None = None) -> int:
    """Look at the cases whose time left is what handling one takes on the mean of the queue.

    One that nobody holds goes last, for the rest of its cycle, even if the mean falls later. Returns how
    many were looked at.
    """
    now = now or clocks.database_now()
    with transaction.atomic():
        ringing = list(
            Timer.objects.filter(kind="infeasible", fired_at=None, due_at__lte=now)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("case__queue")
            .order_by("due_at")[:limit]
        )
        for timer in ringing:
            _look(timer, now)
    return len(ringing)


def _look(timer: Timer, now: datetime) -> None:
    case = timer.case
    if not case.is_open or case.is_infeasible or case.expires_at is None or case.expires_at <= now:
        timer.delete()
        return
    hopeless_at = case.expires_at - timedelta(seconds=case.queue.mean_handle_seconds)
    if hopeless_at > now:  # the mean has fallen
        Timer.objects.filter(id=timer.id).update(due_at=hopeless_at)
    elif _moved(case, now):
        Timer.objects.filter(id=timer.id).update(fired_at=now)
        case.refresh_from_db(fields=["version"])
        record(case_id=case.id, version=case.version, kind="infeasible", actor="system")
        notices.page([(case, NoticeKind.INFEASIBLE, notices.INFEASIBLE)])
    else:
        Timer.objects.filter(id=timer.id).update(due_at=now + _AGAIN)


def _moved(case: Escalation, now: datetime) -> int:
    is_free = Q(state=State.QUEUED) | Q(state=State.CLAIMED, lease_expires_at__lte=now)
    return Escalation.objects.filter(is_free, id=case.id, rank__lt=INFEASIBLE).update(
        rank=F("rank") + INFEASIBLE, version=F("version") + 1
    )
