"""What the desk forgets after a while: rows that only kept it going, never what was decided or said.

Each step reads a bounded number of rows from an index, and may run twice, late or alongside itself.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now

from escalations import sql
from escalations.models import Bookmark, Notice, Stay

# Timers and offers, after their case closed. Until then a reopened case shows what became of it.
CLOSED_KEPT = timedelta(days=30)
# Notices, read or not.
NOTICES_KEPT = timedelta(days=90)
# When people were there; they see their own of today.
STAYS_KEPT = timedelta(days=30)
_BOOKMARK = "forgotten"
_START = "-infinity 00000000-0000-0000-0000-000000000000"
_RUNS, _FIRST_RUN = "runs", "00000000-0000-0000-0000-000000000000"
_CHECKPOINTS, _FIRST_CHECKPOINT = "checkpoints", "0"


def forget_closed(*, limit: int) -> int:
    """Delete the timers and ended offers of the next cases that closed long ago. Returns how many cases.

    A bookmark in the order of closing says how far this came, so that no case is looked at twice, except
    those that are reopened and close again.
    """
    Bookmark.objects.get_or_create(name=_BOOKMARK, defaults={"place": _START})
    [row] = sql.run("forget_closed", bookmark=_BOOKMARK, kept=CLOSED_KEPT, limit=limit)
    return int(row["cases"])


def forget_notices(*, limit: int) -> int:
    """Delete the old ones among the first `limit` notices. Returns how many."""
    first = Notice.objects.order_by("id").values_list("id", "created_at")[:limit]
    old = Notice.objects.filter(id__in=[one for one, _ in first], created_at__lt=Now() - NOTICES_KEPT)
    return old.delete()[0]


def forget_stays(*, limit: int) -> int:
    """Delete the old ones among the first `limit` stays. Returns how many."""
    first = Stay.objects.order_by("id").values_list("id", flat=True)[:limit]
    return Stay.objects.filter(id__in=list(first), ended_at__lt=Now() - STAYS_KEPT).delete()[0]


def forget_runs(*, limit: int) -> int:
    """Delete the next `limit` finished runs that came long ago. Returns how many were looked at.

    How long they are kept is a setting of the deployment. Runs whose audit a person has are kept.
    """
    return _forget("forget_runs", _RUNS, start=_FIRST_RUN, limit=limit)


def forget_checkpoints(*, limit: int) -> int:
    """Delete the next `limit` checkpoints of long ago, likewise. Those that opened a case are kept."""
    return _forget("forget_checkpoints", _CHECKPOINTS, start=_FIRST_CHECKPOINT, limit=limit)


def _forget(statement: str, bookmark: str, *, start: str, limit: int) -> int:
    if not settings.RUNS_KEPT_DAYS:
        return 0
    Bookmark.objects.get_or_create(name=bookmark, defaults={"place": start})
    kept = timedelta(days=settings.RUNS_KEPT_DAYS)
    [row] = sql.run(statement, bookmark=bookmark, kept=kept, limit=limit)
    return int(row["passed"])
