"""Alerts for cases that nobody who is there could take: once for each stretch of time in which that is so.

Each sweep looks at the first cases of each queue and at a part of all others, and the next one goes on from
there: a sweep costs the same however many cases wait, and none is left out for ever.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from escalations import sql
from escalations.models import Escalation, Notice, NoticeKind
from escalations.models.people import CONNECTED
from escalations.people import notices
from escalations.routing import decisions
from escalations.routing.decisions import Seen
from escalations.sla import clocks
from escalations.transitions.recording import record

# One unread notice for each queue is enough for so long, however many cases wait.
QUIET = timedelta(hours=1)
# How many cases one sweep looks at: the first of each queue, and of all others.
FIRST, OTHERS = 20, 100
_START = {"queue_id": 0, "rank": 0, "due_at": "-infinity", "received_at": "-infinity", "id": UUID(int=0)}


class _Walk:
    """Where among all open cases the last sweep of this process stopped. Lost with it, and begun again."""

    def __init__(self) -> None:
        self._place: dict[str, Any] = _START

    def go_on(self) -> list[UUID]:
        """The next cases that wait; after the last one it begins again."""
        rows = sql.run("waiting_after", **self._place, limit=OTHERS)
        if len(rows) < OTHERS:
            rows += sql.run("waiting_after", **_START, limit=OTHERS - len(rows))
        self._place = rows[-1] if rows else _START
        return [row["id"] for row in rows if row["waits"]]


_walk = _Walk()


def alert() -> None:
    """Note cases of which nobody knew it yet, and tell the supervisors."""
    looked_at = {row["id"] for row in sql.run("waiting_first", limit=FIRST)} | set(_walk.go_on())
    if not looked_at:
        return
    deserted = sql.run("subject", "able", "deserted", case_ids=list(looked_at), connected=CONNECTED)
    case_ids = [row["id"] for row in deserted]
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
            _tell_supervisors(case)


def _tell_supervisors(case: Escalation) -> None:
    told = Notice.objects.filter(
        kind=NoticeKind.UNROUTABLE,
        read_at=None,
        created_at__gt=Now() - QUIET,
        case__queue=case.queue_id,
    )
    text = f"{notices.NOBODY % {'queue': case.queue}}: {case.headline}"[:300]
    Notice.objects.bulk_create(
        Notice(operator=person, case=case, kind=NoticeKind.UNROUTABLE, text=text)
        for person in notices.supervisors().exclude(id__in=told.values("operator"))
    )
