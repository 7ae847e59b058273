"""Timers of the SLA: warnings at 50, 75 and 90% of a clock, the breach at 100%, and cases beyond saving."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from escalations import clocks, notices, sql
from escalations.models import Escalation, NoticeKind, Timer
from escalations.signals import tell_committed


def fire(*, limit: int, now: datetime | None = None) -> int:
    """Tell of the steps that clocks have reached at `now` (the database's, unless a test says otherwise).

    A late timer tells only of the newest step. Clocks that stopped or stand still tell of nothing; a
    restart sets their timers again. A breach pages the admins. Returns how many timers rang.
    """
    now = now or clocks.database_now()
    with transaction.atomic():
        rows = sql.run("ringing_due", "clock_steps", "fire_clocks", now=now, limit=limit)
        reached = [row for row in rows if row["case_id"]]
        _page([(row["case_id"], row["kind"]) for row in reached if row["percent"] == 100])
        for case_id in {row["case_id"] for row in reached}:
            transaction.on_commit(partial(tell_committed, case_id))
    return int(rows[0]["rung"])


def _page(breaches: list[tuple[UUID, str]]) -> None:
    """Page the admins of each breach, but only of the first answer to a user that is late in a cycle."""
    cases = Escalation.objects.in_bulk([case_id for case_id, _ in breaches])
    notices.page_admins(
        (cases[case_id], NoticeKind.BREACHED, notices.BREACHED[clock])
        for case_id, clock in breaches
        if clock != "response" or _is_first(cases[case_id])
    )


def _is_first(case: Escalation) -> bool:
    late = Timer.objects.filter(case=case, kind="response", fired_at__gte=case.clock_started_at)
    return late.count() <= 1
