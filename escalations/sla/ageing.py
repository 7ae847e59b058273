"""Waiting raises a case: one class for each step, until it is in the first."""

from datetime import datetime
from functools import partial

from django.db import transaction

from escalations import sql
from escalations.models.cases import INFEASIBLE
from escalations.signals import tell_committed
from escalations.sla import clocks


def age(*, limit: int = 100, now: datetime | None = None) -> int:
    """Move up the cases that have waited long enough. Returns how many; rows that others lock are skipped."""
    with transaction.atomic():
        moved = sql.run("age", now=now or clocks.database_now(), limit=limit, infeasible=INFEASIBLE)
        if moved:
            transaction.on_commit(partial(tell_committed, moved[0]["id"]))
    return len(moved)
