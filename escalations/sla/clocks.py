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
from pydantic import AwareDatetime, TypeAdapter

from escalations import sql
from escalations.models import Escalation, Priority, Queue, SlaTarget, Timer
from escalations.models.cases import INFEASIBLE

# Reads times as the agents' door does.
_MOMENT: TypeAdapter[datetime] = TypeAdapter(AwareDatetime)

# The clocks by the kinds of their timers, and the timer of a case that can soon not be saved any more.
TIMERS = ("pickup", "resolution", "response", "infeasible")

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


def rank(queue: Queue, priority: int, since: datetime, now: datetime) -> int:
    """The class of a case that waits since `since`, `max(0, priority - floor(wait / aging step))`.

    A smaller one is called first; within a class the due time decides (docs/decisions/0002).
    """
    return max(0, priority - int((now - since).total_seconds() // queue.aging_seconds))


def place(
    case: Escalation, now: datetime, *, queue: Queue | None = None, priority: int | None = None
) -> dict[str, Any]:
    """The fields to update when an open case gets another queue or priority: its place by its age.

    One that cannot be saved stays behind all that can.
    """
    chosen = case.priority if priority is None else priority
    fields = _place(queue or case.queue, chosen, case.clock_started_at, now)
    if case.is_infeasible:
        fields["rank"] += INFEASIBLE
    return fields


def _place(queue: Queue, priority: int, since: datetime, now: datetime) -> dict[str, Any]:
    reached = rank(queue, priority, since, now)
    steps = priority - reached + 1
    next_step = since + timedelta(seconds=steps * queue.aging_seconds)
    return {"rank": reached, "ages_at": next_step if reached else None}


def started(queue: Queue, priority: int, now: datetime) -> dict[str, Any]:
    """The fields to update when a case starts a new cycle at `now`, with new clocks and a new place."""
    pickup, resolution = targets(queue, priority)
    return {
        **_place(queue, priority, now, now),
        "clock_started_at": now,
        "waited_seconds": 0,
        "response_due_at": None,
        "pickup_due_at": business_deadline(queue.calendar_id, now, pickup),
        "due_at": business_deadline(queue.calendar_id, now, resolution),
    }


def paused() -> dict[str, Any]:
    """The fields to update when a case starts to wait for a reply: its clocks stand still from now on."""
    return {"paused_at": Now()}


def resumed(case: Escalation, now: datetime) -> dict[str, Any]:
    """The fields to update when a case that waited goes on at `now`; nothing for one that did not.

    What business time was left of each clock is left again. Hold the row's lock, and call `restart_timers`
    afterwards in the same transaction.
    """
    if case.paused_at is None:
        return {}
    calendar = case.queue.calendar_id
    fields: dict[str, Any] = {
        "paused_at": None,
        "waited_seconds": case.waited_seconds + business_seconds(calendar, case.paused_at, now),
        "waited_calendar_seconds": case.waited_calendar_seconds + (now - case.paused_at).total_seconds(),
    }
    for name in ("due_at", "response_due_at"):
        due_at: datetime | None = getattr(case, name)
        if due_at is not None and due_at > case.paused_at:
            left = business_seconds(calendar, case.paused_at, due_at)
            # A due time that the agent chose may lie in a closed hour: never earlier than it was.
            fields[name] = max(due_at, business_deadline(calendar, now, left))
    return fields


def reprioritised(case: Escalation, priority: int) -> dict[str, Any]:
    """The fields to update when an open case gets another priority; then call `restart_timers`.

    The clocks run from where they started, so time that passed already counts. What the agent asked for in
    the handoff (`respond_by`) still holds in the first cycle.
    """
    pickup, resolution = targets(case.queue, priority)
    calendar, waited = case.queue.calendar_id, case.waited_seconds
    due_at = business_deadline(calendar, case.clock_started_at, resolution + waited)
    if (respond_by := _respond_by(case)) is not None:
        due_at = min(due_at, business_deadline(calendar, respond_by, waited))
    return {
        "priority": priority,
        **place(case, database_now(), priority=priority),
        "pickup_due_at": business_deadline(calendar, case.clock_started_at, pickup),
        "due_at": due_at,
    }


def response_due(case: Escalation, now: datetime) -> datetime | None:
    """Until when the user who writes at `now` must have an answer; None if the queue sets no such target.

    One who writes again before the answer does not move it. Store it in `response_due_at` when the user
    writes to a case that a person holds or has spoken in, None when a person answers; then call
    `restart_timers`.
    """
    if case.response_due_at is not None:
        return case.response_due_at
    target = SlaTarget.objects.filter(queue=case.queue_id, priority=case.priority).first()
    if target is None or target.response_seconds is None:
        return None
    return business_deadline(case.queue.calendar_id, now, target.response_seconds)


def answered(case_id: UUID) -> datetime | None:
    """The user waits for an answer no longer: until when it was due, None if none was owed.

    Hold the row's lock, call `restart_timers` if one was, and note it in the event (`owed_until`): from that
    figures count which answers came in time.
    """
    owed = Escalation.objects.filter(id=case_id, response_due_at__isnull=False)
    due_at = owed.values_list("response_due_at", flat=True).first()
    if due_at is not None:
        owed.update(response_due_at=None)
    return due_at


def owed_until(due_at: datetime | None) -> dict[str, str]:
    """What the event of an answer says besides; nothing where none was owed."""
    return {} if due_at is None else {"answer_due_at": due_at.isoformat()}


def restart_timers(case_id: UUID, now: datetime | None = None) -> None:
    """Drop the timers of the case's clocks that have not fired, and set them from the clocks as they are.

    Call it in the transaction that moved the clocks, after the update. A case that waits or is closed gets
    none for its clocks. A timer that rings just now is left alone: the sweep that has it looks at the case
    before it ends, so to wait for it here would be to wait for each other.
    """
    waiting = Timer.objects.filter(case=case_id, kind__in=TIMERS, fired_at=None)
    Timer.objects.filter(
        id__in=list(waiting.select_for_update(skip_locked=True).values_list("id", flat=True))
    ).delete()
    sql.run(
        "ringing_case",
        "clock_steps",
        "restart_clocks",
        case_id=case_id,
        now=now or database_now(),
        infeasible=INFEASIBLE,
    )


def _respond_by(case: Escalation) -> datetime | None:
    """When the agent asked to have the decision, in the only cycle that it could mean."""
    asked = (case.handoff.payload.get("sla") or {}).get("respond_by") if case.cycle == 1 else None
    return _MOMENT.validate_python(asked) if asked else None
