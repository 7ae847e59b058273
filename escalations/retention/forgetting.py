"""What the desk forgets after a while: rows that only kept it going, and what was said; no decision.

Each step reads a bounded number of rows from an index, and may run twice, late or alongside itself. How long
what is kept, `keeping` says.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.functions import Now

from escalations import sql
from escalations.models import (
    Bookmark,
    Checkpoint,
    DatasetVersion,
    Escalation,
    Kept,
    LiveMinute,
    Notice,
    PolicyReplay,
    Queue,
    Replay,
    RoutingDecision,
    Run,
    Stay,
    VersionState,
)
from escalations.models.replays import Played
from escalations.retention import erasing, keeping
from escalations.retention.keeping import COUNTED, counted
from escalations.sla.clocks import database_now

_REPLAYS: tuple[type[Played], ...] = (Replay, PolicyReplay)
_PATIENCE = timedelta(days=1)
_BOOKMARK = "forgotten"
_START = "-infinity 00000000-0000-0000-0000-000000000000"
_RUNS, _FIRST_RUN = "runs", "00000000-0000-0000-0000-000000000000"
_CHECKPOINTS, _FIRST_CHECKPOINT = "checkpoints", "0"


def forget_closed(*, limit: int) -> int:
    """Delete the timers and ended offers of the next cases that closed long ago. Returns how many cases.

    A bookmark in the order of closing says how far this came, so that no case is looked at twice, except
    those that are reopened and close again.
    """
    kept = keeping.time(Kept.CLOSED)
    if kept is None:
        return 0
    Bookmark.objects.get_or_create(name=_BOOKMARK, defaults={"place": _START})
    [row] = sql.run("forget_closed", bookmark=_BOOKMARK, kept=kept, limit=limit)
    return int(row["cases"])


def forget_conversations(*, limit: int) -> int:
    """Erase what was said in the next cases of each queue that closed long ago. Returns how many.

    While a version of a dataset is being built those of the last day wait: each erasure lets the build begin
    again, and a long one would never end.
    """
    is_building = DatasetVersion.objects.filter(state=VersionState.BUILDING, folder="").exists()
    patience = _PATIENCE if is_building else timedelta()
    return sum(_forget_said(queue_id, kept + patience, limit) for queue_id, kept in _times_of_conversations())


def forget_notices(*, limit: int) -> int:
    """Delete the old ones among the first `limit` notices. Returns how many."""
    return _forget_first(Kept.NOTICES, _old_notices, limit)


def forget_stays(*, limit: int) -> int:
    """Delete the old ones among the first `limit` stays. Returns how many."""
    return _forget_first(Kept.STAYS, _old_stays, limit)


def forget_replays(*, limit: int) -> int:
    """Delete the old ones among the first `limit` replays of each kind. Returns how many."""
    kept = keeping.time(Kept.REPLAYS)
    if kept is None:
        return 0
    # With each go its rows, which are not counted.
    return sum(_old_replays(model, kept, limit).delete()[1].get(model._meta.label, 0) for model in _REPLAYS)


def forget_live_minutes(*, limit: int) -> int:
    """Delete what live processes measured among the first `limit` minutes, if as old. Returns how many."""
    return _forget_first(Kept.STAYS, _old_live_minutes, limit)


def forget_looks(*, limit: int) -> int:
    """Delete the oldest of what the router looked at, if it is old enough. Returns how many."""
    kept = keeping.time(Kept.ROUTING)
    if kept is None:
        return 0
    ids = list(_old_looks(kept).order_by("created_at").values_list("id", flat=True)[:limit])
    return RoutingDecision.objects.filter(id__in=ids).delete()[0]


def forget_runs(*, limit: int) -> int:
    """Delete the next `limit` finished runs that came long ago. Returns how many were looked at.

    Runs whose audit a person has are kept.
    """
    return _forget("forget_runs", _RUNS, start=_FIRST_RUN, limit=limit)


def forget_checkpoints(*, limit: int) -> int:
    """Delete the next `limit` checkpoints of long ago, likewise. Those that opened a case are kept."""
    return _forget("forget_checkpoints", _CHECKPOINTS, start=_FIRST_CHECKPOINT, limit=limit)


def _times_of_conversations() -> Iterator[tuple[int, timedelta]]:
    """The queues whose conversations are not kept for ever, and how long they are."""
    rules = keeping.rules()
    for queue_id in Queue.objects.values_list("pk", flat=True):
        days = rules.get((Kept.CONVERSATIONS, queue_id), rules[Kept.CONVERSATIONS, None])
        if days != keeping.FOR_EVER:
            yield queue_id, timedelta(days=days)


def _forget_said(queue_id: int, kept: timedelta, limit: int) -> int:
    """A bookmark in the order of closing says how far this came; with nothing left it moves up to now."""
    bookmark = f"said {queue_id}"
    Bookmark.objects.get_or_create(name=bookmark, defaults={"place": _START})
    due = database_now() - kept
    cases = list(_said(queue_id, due).order_by("closed_at", "id").values_list("closed_at", "id")[:limit])
    for _, case_id in cases:
        erasing.let_go(case_id, actor="system")
    came_to = cases[-1][0] if len(cases) == limit else due
    Bookmark.objects.filter(name=bookmark).update(place=(came_to or due).isoformat())
    return len(cases)


def _said(queue_id: int, due: datetime) -> QuerySet[Escalation]:
    """The cases of a queue that closed before that, and that the sweep has still to come to."""
    place = Bookmark.objects.filter(name=f"said {queue_id}").values_list("place", flat=True).first()
    closed = Escalation.objects.filter(queue=queue_id, closed_at__lt=due, erased_at=None)
    return closed if place in (None, _START) else closed.filter(closed_at__gte=place)


def _forget(statement: str, bookmark: str, *, start: str, limit: int) -> int:
    kept = keeping.time(Kept.RUNS)
    if kept is None:
        return 0
    Bookmark.objects.get_or_create(name=bookmark, defaults={"place": start})
    [row] = sql.run(statement, bookmark=bookmark, kept=kept, limit=limit)
    return int(row["passed"])


def _forget_first(kept: Kept, old: Callable[[timedelta, int], QuerySet[Model]], limit: int) -> int:
    time = keeping.time(kept)
    return old(time, limit).delete()[0] if time is not None else 0


def _old_notices(kept: timedelta, limit: int) -> QuerySet[Notice]:
    """Those among the first `limit`, which are the oldest."""
    first = Notice.objects.order_by("id").values("id")[:limit]
    return Notice.objects.filter(id__in=first, created_at__lt=Now() - kept)


def _old_stays(kept: timedelta, limit: int) -> QuerySet[Stay]:
    first = Stay.objects.order_by("id").values("id")[:limit]
    return Stay.objects.filter(id__in=first, ended_at__lt=Now() - kept)


def _old_replays(model: type[Played], kept: timedelta, limit: int) -> QuerySet[Any]:
    first = model._default_manager.order_by("pk").values("pk")[:limit]
    return model._default_manager.filter(pk__in=first, started_at__lt=Now() - kept)


def _old_live_minutes(kept: timedelta, limit: int) -> QuerySet[LiveMinute]:
    first = LiveMinute.objects.order_by("id").values("id")[:limit]
    return LiveMinute.objects.filter(id__in=first, minute__lt=Now() - kept)


def _old_looks(kept: timedelta) -> QuerySet[RoutingDecision]:
    return RoutingDecision.objects.filter(created_at__lt=Now() - kept)


@keeping.counts(Kept.CONVERSATIONS)
def _count_said(kept: timedelta, queue_id: int | None) -> int:
    """Cases of the queue, or of all queues without a rule of their own."""
    own = [queue for kind, queue in keeping.rules() if kind == Kept.CONVERSATIONS and queue]
    others = Queue.objects.exclude(pk__in=own).values_list("pk", flat=True)
    due = database_now() - kept
    return sum(counted(_said(one, due)) for one in ([queue_id] if queue_id else others))


@keeping.counts(Kept.CLOSED)
def _count_closed(kept: timedelta, queue_id: int | None) -> int:
    """Cases that the sweep has still to come to."""
    place = Bookmark.objects.filter(name=_BOOKMARK).values_list("place", flat=True).first() or _START
    closed = Escalation.objects.filter(closed_at__lt=Now() - kept)
    came_to, _, _ = place.partition(" ")
    return counted(closed if came_to == "-infinity" else closed.filter(closed_at__gt=came_to))


@keeping.counts(Kept.NOTICES)
def _count_notices(kept: timedelta, queue_id: int | None) -> int:
    return _old_notices(kept, COUNTED + 1).count()


@keeping.counts(Kept.STAYS)
def _count_stays(kept: timedelta, queue_id: int | None) -> int:
    return _old_stays(kept, COUNTED + 1).count()


@keeping.counts(Kept.REPLAYS)
def _count_replays(kept: timedelta, queue_id: int | None) -> int:
    return sum(_old_replays(model, kept, COUNTED + 1).count() for model in _REPLAYS)


@keeping.counts(Kept.ROUTING)
def _count_looks(kept: timedelta, queue_id: int | None) -> int:
    return counted(_old_looks(kept))


@keeping.counts(Kept.RUNS)
def _count_runs(kept: timedelta, queue_id: int | None) -> int:
    """Runs and checkpoints that the sweep has still to come to."""
    places = dict(Bookmark.objects.values_list("name", "place"))
    runs = Run.objects.filter(id__gt=places.get(_RUNS, _FIRST_RUN)).order_by("id")
    checks = Checkpoint.objects.filter(id__gt=places.get(_CHECKPOINTS, _FIRST_CHECKPOINT)).order_by("id")
    old_runs = Run.objects.filter(id__in=runs.values("id")[:COUNTED], received_at__lt=Now() - kept, case=None)
    old_checks = Checkpoint.objects.filter(
        id__in=checks.values("id")[:COUNTED], created_at__lt=Now() - kept, case=None
    )
    return counted(old_runs) + counted(old_checks)
