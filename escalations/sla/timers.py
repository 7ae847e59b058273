"""Timers of the SLA: warnings at 50, 75 and 90% of a clock, the breach at 100%, and cases beyond saving."""

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from escalations import sql
from escalations.models import Clock, Escalation, NoticeKind, Timer
from escalations.people import notices
from escalations.signals import tell_committed
from escalations.sla import clocks

_ALL = 100


def fire(*, limit: int, now: datetime | None = None) -> int:
    """Tell of the steps that clocks have reached at `now` (the database's, unless a test says otherwise).

    A late timer tells only of the newest step. Clocks that stopped or stand still tell of nothing; a
    restart sets their timers again. Warnings reach the holder and then the supervisors, breaches the
    supervisors. Returns how many timers rang.
    """
    now = now or clocks.database_now()
    with transaction.atomic():
        rows = sql.run("ringing_due", "clock_steps", "fire_clocks", now=now, limit=limit)
        reached = [row for row in rows if row["case_id"]]
        _tell([(row["case_id"], row["kind"], row["percent"]) for row in reached])
        for case_id in {row["case_id"] for row in reached}:
            transaction.on_commit(partial(tell_committed, case_id))
    return int(rows[0]["rung"])


def _tell(reached: list[tuple[UUID, str, int]]) -> None:
    """Warn, and page of each breach; but only of the first answer to a user that is late in a cycle."""
    cases = Escalation.objects.with_liveness().select_related("holder").in_bulk([row[0] for row in reached])
    for case_id, clock, percent in reached:
        case = cases[case_id]
        if percent < _ALL:
            notices.warn(case, clock, percent)
        elif clock != Clock.RESPONSE or _is_first(case):
            notices.page([(case, NoticeKind.BREACHED, notices.BREACHED[clock])])


def _is_first(case: Escalation) -> bool:
    late = Timer.objects.filter(case=case, kind="response", fired_at__gte=case.clock_started_at)
    return late.count() <= 1
