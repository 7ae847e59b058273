"""SLA time. Only the database's clock counts; the host's may be wrong.

The clocks of a case start together (`clock_started_at`) and stand still while it waits for a reply. Each has
the moment by which it must stop: `pickup_due_at`, `due_at`, `response_due_at`. The agent's hard limit
`expires_at` is none of them: it never moves.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now

from escalations.models import Escalation, Priority, Queue, SlaTarget, Timer

# Seconds to (pickup, resolution) where a queue sets no target of its own.
DEFAULT_TARGETS: dict[int, tuple[int, int]] = {
    Priority.URGENT: (120, 900),
    Priority.HIGH: (600, 3_600),
    Priority.NORMAL: (1_800, 14_400),
    Priority.LOW: (7_200, 86_400),
}


def database_now() -> datetime:
    """The database's time, zone-aware."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def business_deadline(calendar_id: int | None, start: datetime, seconds: float) -> datetime:
    """When so many seconds of business time will be over, or in 400 days if that is sooner.

    The definition is the function of the same name in the database (migration 0006).
    """
    if calendar_id is None:
        return start.astimezone(UTC) + timedelta(seconds=seconds)
    with connection.cursor() as cursor:
        cursor.execute("SELECT business_deadline(%s, %s, %s)", [calendar_id, start, seconds])
        moment: datetime = cursor.fetchone()[0]
    return moment


def business_seconds(calendar_id: int | None, since: datetime, until: datetime) -> float:
    """Seconds of business time between two moments; none if the second is earlier."""
    if calendar_id is None:
        return max(0.0, (until - since).total_seconds())
    with connection.cursor() as cursor:
        cursor.execute("SELECT business_seconds(%s, %s, %s)", [calendar_id, since, until])
        seconds: float = cursor.fetchone()[0]
    return seconds


def targets(queue: Queue, priority: int) -> tuple[int, int]:
    """Seconds to pickup and to resolution for a case of `priority` in `queue`."""
    target = SlaTarget.objects.filter(queue=queue, priority=priority).first()
    return (target.pickup_seconds, target.resolution_seconds) if target else DEFAULT_TARGETS[priority]


def rank(queue: Queue, priority: int, since: datetime) -> int:
    """The ageing class of a case that waits since `since`: smaller is called first (docs/decisions/0002)."""
    return priority + int(since.timestamp() // queue.aging_seconds)


def paused() -> dict[str, Any]:
    """The fields to update when a case starts to wait for a reply: its clocks stand still from now on."""
    return {"paused_at": Now()}


def resumed(case: Escalation, now: datetime) -> dict[str, Any]:
    """The fields to update when a case that waited goes on at `now`; nothing for one that did not.

    What was left of each clock is left again. Hold the row's lock, and call `restart_timers` afterwards
    in the same transaction.
    """
    if case.paused_at is None:
        return {}
    stood = max(now - case.paused_at, timedelta())
    fields: dict[str, Any] = {
        "paused_at": None,
        "waited_seconds": case.waited_seconds + stood.total_seconds(),
    }
    for name in ("due_at", "response_due_at"):
        due_at: datetime | None = getattr(case, name)
        if due_at is not None and due_at > case.paused_at:
            fields[name] = due_at + stood
    return fields


def reprioritised(case: Escalation, priority: int) -> dict[str, Any]:
    """The fields to update when an open case gets another priority; then call `restart_timers`.

    The clocks run from where they started, so time that passed already counts.
    """
    pickup, resolution = targets(case.queue, priority)
    waited = timedelta(seconds=case.waited_seconds)
    return {
        "priority": priority,
        "rank": rank(case.queue, priority, case.clock_started_at),
        "pickup_due_at": case.clock_started_at + timedelta(seconds=pickup),
        "due_at": case.clock_started_at + timedelta(seconds=resolution) + waited,
    }


def response_due(case: Escalation, now: datetime) -> datetime | None:
    """Until when the user who writes at `now` must have an answer; None if the queue sets no such target.

    A user who writes again before the answer does not move it.
    """
    if case.response_due_at is not None:
        return case.response_due_at
    target = SlaTarget.objects.filter(queue=case.queue_id, priority=case.priority).first()
    if target is None or target.response_seconds is None:
        return None
    return now + timedelta(seconds=target.response_seconds)


def restart_timers(case_id: UUID) -> None:
    """Drop the timers of the case's clocks that have not fired, and set them from the clocks as they are.

    Call it in the transaction that moved the clocks, after the update.
    """
    Timer.objects.filter(case=case_id, kind="due", fired_at=None).delete()
    case = Escalation.objects.get(id=case_id)
    if case.is_open and case.paused_at is None:
        Timer.objects.create(case=case, kind="due", due_at=case.due_at)
