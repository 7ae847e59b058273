"""Work that comes due by the clock. Each sweep is safe to run late, twice, alongside itself, or never."""

import time
from collections.abc import Callable

from django.db import connection
from django.db.models.functions import Now

from escalations import replay, routing, transitions
from escalations.alerts import watching
from escalations.auditing import checks, seals
from escalations.datasets import building
from escalations.labels import label_import
from escalations.metrics import rolling
from escalations.models import SweepRun
from escalations.reports import usual_costs
from escalations.retention import erasing, forgetting, subjects
from escalations.reviews import drawing
from escalations.search.indexing import index_pending
from escalations.sla import ageing, timers
from escalations.transitions.lease import requeue_dead_leases

BATCH = 100
# A backlog of words, or of what is to be forgotten, must not keep a worker for itself.
BACKLOG_SECONDS = 20
# Nor must those who ask all the time: so often at the most it goes on at once, and then with the beat.
_ROUNDS = 10
# Runs come by the thousand in a second, so they go by the thousand too.
MANY = 5_000


def sweep_leases() -> int:
    """Return cases whose lease ran out to the queue."""
    return _swept("leases", lambda: requeue_dead_leases(limit=BATCH))


def sweep_expired() -> int:
    """Close cases past the agent's hard limit."""
    return _swept("expired", lambda: transitions.expire(limit=BATCH))


def sweep_timers() -> int:
    """Warn of clocks that run out, page supervisors of breaches, and put what cannot be saved last."""
    return _swept("timers", _fire_timers)


def sweep_ages() -> int:
    """Move up the cases that have waited long enough for the next class."""
    return _swept("ages", lambda: ageing.age(limit=BATCH))


def sweep_aside() -> int:
    """Put cases back in the queue that were snoozed until now, or whose reply did not come in time."""
    return _swept("aside", lambda: transitions.wake_due(limit=BATCH) + transitions.stop_waiting(limit=BATCH))


def sweep_routing() -> int:
    """Offer waiting cases to people, and settle the offers that are over."""
    return _swept_for_each("routing", routing.route)


def sweep_words() -> int:
    """Write the words that the search finds cases by; what takes too long goes on in the next sweep."""
    return _swept_for_each("words", _for_a_while(lambda: index_pending(BATCH)))


def sweep_closed() -> int:
    """Forget what closed cases need no more; what takes too long goes on in the next sweep."""
    return _swept("closed", _for_a_while(lambda: forgetting.forget_closed(limit=BATCH)))


def sweep_conversations() -> int:
    """Erase what was said in closed cases whose time is over, likewise."""
    return _swept("conversations", _for_a_while(lambda: forgetting.forget_conversations(limit=BATCH)))


def sweep_notices() -> int:
    """Forget old notices, and who was there long ago, likewise."""
    return _swept("notices", _for_a_while(_forget_by_age))


def sweep_runs() -> int:
    """Forget old finished runs and checkpoints, likewise."""
    return _swept("runs", _for_a_while(_forget_runs))


def sweep_alerts() -> int:
    """Look whether anything calls for attention."""
    return _swept("alerts", watching.watch)


def sweep_audit() -> int:
    """Seal the audit log; what takes too long goes on in the next sweep."""
    return _swept("audit", _for_a_while(seals.seal))


def sweep_audit_checks() -> int:
    """Check the sealed audit log once a day and whenever somebody asked for it, likewise."""
    checks.start_daily()
    return _swept_for_each("audit_checks", _for_a_while(lambda: checks.proceed(seconds=BACKLOG_SECONDS)))


def sweep_reviews() -> int:
    """Draw the decisions that somebody looks at a second time, and drop those that count no more."""
    return _swept("reviews", _for_a_while(_draw_reviews))


def sweep_subjects() -> int:
    """Note whose cases came, likewise."""
    return _swept("subjects", _for_a_while(lambda: subjects.note_subjects(limit=BATCH)))


def sweep_erasures() -> int:
    """Erase the data of people as was asked, and note which datasets held them."""
    return _swept_for_each("erasures", erasing.carry_out_asked)


def build_datasets() -> int:
    """Build the versions of datasets that wait. Takes as long as it takes: each has its own lease."""
    return building.build_waiting()


def import_labels() -> int:
    """Read the files of labels that wait. Takes as long as it takes: each has its own lease."""
    return label_import.read_waiting()


def sweep_figures() -> int:
    """Count ahead what the figures come to; what takes too long goes on in the next sweep."""
    return _swept("figures", _for_a_while(rolling.roll_up))


def sweep_replays() -> int:
    """Play the replays that people asked for."""
    return _swept_for_each("replays", replay.run_next)


def measure_queues() -> int:
    """Refresh each queue's mean handle time, from the claims of the last week that ended in a decision."""
    return _swept("queues", _measure_queues)


def measure_costs() -> int:
    """Refresh what is usual for each agent to cost."""
    return _swept("costs", usual_costs.measure)


def _forget_by_age() -> int:
    steps = (forgetting.forget_notices, forgetting.forget_stays, forgetting.forget_replays)
    return sum(forget(limit=BATCH) for forget in steps) + forgetting.forget_live_minutes(limit=MANY)


def _forget_runs() -> int:
    return forgetting.forget_runs(limit=MANY) + forgetting.forget_checkpoints(limit=MANY)


def _draw_reviews() -> int:
    drawing.drop()
    return drawing.draw(limit=MANY)


def _for_a_while(once: Callable[[], int]) -> Callable[[], int]:
    """`once`, which has nothing more to do after `BACKLOG_SECONDS`."""
    ends = time.monotonic() + BACKLOG_SECONDS
    return lambda: once() if time.monotonic() < ends else 0


def _swept_for_each(name: str, once: Callable[[], int]) -> int:
    """Run `once` for each nudge; where another worker is at it, that one goes on for it afterwards.

    For it may have read before there was what the nudge is about. Returns what this worker handled.
    """
    handled = 0
    for _ in range(_ROUNDS):
        mine = _swept_alone(name, once)
        if mine is None:
            # Tried again, for who is at it may have looked for wishes already, and ended.
            SweepRun.objects.update_or_create(name=name, defaults={"is_wanted": True})
            mine = _swept_alone(name, once)
        if mine is None:
            break
        handled += mine
        if not _was_wanted(name):
            break
    return handled


def _was_wanted(name: str) -> bool:
    return bool(SweepRun.objects.filter(name=name, is_wanted=True).update(is_wanted=False))


def _swept(name: str, once: Callable[[], int]) -> int:
    """Run `once` until a batch comes back short, unless another worker is at it."""
    return _swept_alone(name, once) or 0


def _swept_alone(name: str, once: Callable[[], int]) -> int | None:
    """Run `once` until a batch comes back short, and note when it ended; None if another worker is at it."""
    started = time.monotonic()
    handled = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [f"sweep {name}"])
        if not cursor.fetchone()[0]:
            return None
    try:
        while True:
            batch = once()
            handled += batch
            if batch < BATCH:
                break
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [f"sweep {name}"])
    SweepRun.objects.update_or_create(
        name=name,
        defaults={"finished_at": Now(), "took_seconds": time.monotonic() - started, "handled": handled},
    )
    return handled


def _fire_timers() -> int:
    return timers.fire(limit=BATCH) + transitions.put_last(limit=BATCH)


def _measure_queues() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE escalations_queue queue SET mean_handle_seconds = measured.seconds
            FROM (
                SELECT escalation.queue_id, greatest(1, avg(resolution.handle_seconds))::int AS seconds
                FROM escalations_resolution resolution
                JOIN escalations_escalation escalation ON escalation.id = resolution.case_id
                WHERE resolution.created_at > now() - interval '7 days' AND resolution.decided_by = 'human'
                GROUP BY escalation.queue_id
            ) measured
            WHERE measured.queue_id = queue.id AND queue.mean_handle_seconds <> measured.seconds
            """
        )
        changed: int = cursor.rowcount
    return changed
