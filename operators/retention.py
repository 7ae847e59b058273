"""What pages and browsers leave behind, forgotten after a while in short steps."""

from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.db.models.functions import Now

from operators.models import Viewing

# Whoever has a page open renews its row each minute; what a stopped server left behind is of no use.
VIEWINGS_KEPT = timedelta(days=1)


def forget_viewings(*, batch: int = 1000) -> int:
    """Delete the rows of pages that were closed without a word. Returns how many.

    The table is as short as the list of people who look at something, so it needs no index for that, and
    each ping would have to keep one.
    """
    return _forget(Viewing.objects.filter(seen_at__lt=Now() - VIEWINGS_KEPT), batch)


def forget_sessions(*, batch: int = 1000) -> int:
    """Delete the sessions that ran out. Returns how many."""
    return _forget(Session.objects.filter(expire_date__lt=Now()), batch)


def _forget(rows: QuerySet[Any], batch: int) -> int:
    forgotten = 0
    while True:
        deleted: int = rows.model._default_manager.filter(pk__in=rows.values("pk")[:batch]).delete()[0]
        forgotten += deleted
        if deleted < batch:
            return forgotten
