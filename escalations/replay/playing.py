"""What was asked is played in the background, in the order of asking, each by one process."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Model
from django.db.models.functions import Now

from escalations.jobs import JobLease, JobLost, claim
from escalations.models import PolicyReplay, PolicyReplayRows, Replay, ReplayRows
from escalations.models.jobs import FREE
from escalations.models.replays import Played
from escalations.replay import policies, running

log = structlog.get_logger(__name__)

# Reading what is replayed takes less.
_TERM = timedelta(seconds=120)
_FINDINGS: dict[type[Played], Callable[[Any], tuple[dict[str, Any], Any]]] = {
    Replay: running.findings,
    PolicyReplay: policies.findings,
}
_ROWS: dict[type[Played], type[Model]] = {Replay: ReplayRows, PolicyReplay: PolicyReplayRows}


def run_next() -> int:
    """Play the oldest that waits. Returns how many were played: 1 or 0."""
    lease = _claim()
    if lease is None:
        return 0
    try:
        _play(lease)
    except JobLost:
        log.warning("replay_lost", kind=lease.job._meta.model_name, replay=lease.job.pk)
        return 0
    return 1


def _claim() -> JobLease[Played] | None:
    """The right to play the one that waits longest, or whose process is dead."""
    waiting = [kind._default_manager.filter(FREE, finished_at=None).order_by("id") for kind in _FINDINGS]
    oldest = [(first.started_at, some) for some in waiting if (first := some.first())]
    for _, some in sorted(oldest, key=lambda one: one[0]):
        if found := claim(some, _TERM):
            return JobLease(found, _TERM)
    return None


def _play(lease: JobLease[Played]) -> None:
    try:
        findings, rows = _FINDINGS[type(lease.job)](lease)
    except JobLost:
        raise
    except Exception as error:
        # Whatever it was: the others must not wait behind it for ever.
        log.exception("replay_failed", kind=lease.job._meta.model_name, replay=lease.job.pk)
        lease.end(finished_at=Now(), problem=repr(error)[:200])
        return
    with transaction.atomic():
        lease.end(finished_at=Now(), findings=findings, done=lease.job.total)
        _ROWS[type(lease.job)]._default_manager.create(replay=lease.job, rows=rows)
