"""Alerts for cases that nobody who is there could take: once for each stretch of time in which that is so."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from escalations import clocks
from escalations.models import Escalation, Notice, NoticeKind, Operator, Role
from escalations.routing import decisions
from escalations.routing.decisions import Seen
from escalations.transitions.recording import record

# One unread notice for each queue is enough for so long, however many cases wait.
QUIET = timedelta(hours=1)


def alert(case_ids: Sequence[UUID]) -> None:
    """Note the cases of which nobody knew it yet, and tell the admins."""
    if not case_ids:
        return
    known = decisions.last_marks(case_ids)
    news = [case_id for case_id in case_ids if known.get(case_id) != decisions.NOBODY]
    if not news:
        return
    cases = Escalation.objects.filter(id__in=news).select_related("queue")
    now = clocks.database_now()
    for case in cases.order_by("rank", "id"):
        with transaction.atomic():
            decisions.store(Seen(case, None, (), {}), now)
            record(case_id=case.id, version=case.version, kind="unroutable", actor="system")
            _tell_admins(case)


def _tell_admins(case: Escalation) -> None:
    told = Notice.objects.filter(
        kind=NoticeKind.UNROUTABLE,
        read_at=None,
        created_at__gt=Now() - QUIET,
        case__queue=case.queue_id,
    )
    admins = Operator.objects.filter(role=Role.ADMIN, is_active=True)
    text = f"Nobody who is there can take a case in {case.queue}: {case.headline}"[:300]
    Notice.objects.bulk_create(
        Notice(operator=admin, case=case, kind=NoticeKind.UNROUTABLE, text=text)
        for admin in admins.exclude(id__in=told.values("operator"))
    )
