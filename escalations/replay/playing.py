"""What was asked is played in the background, one after the other in the order of asking."""

from typing import Any

import structlog
from django.db.models.functions import Now

from escalations.models import PolicyReplay, Replay
from escalations.replay import policies, running

log = structlog.get_logger(__name__)


def run_next() -> int:
    """Play the oldest that waits. Returns how many were played: 1 or 0."""
    one = _oldest()
    if one is None:
        return 0
    try:
        found = _play(one)
    except Exception as error:
        # Whatever it was: the others must not wait behind it for ever.
        log.exception("replay_failed", kind=one._meta.model_name, replay=one.pk)
        _finish(one, problem=repr(error)[:200])
        return 1
    _finish(one, findings=found, done=one.total)
    return 1


def _oldest() -> Replay | PolicyReplay | None:
    routing = Replay.objects.filter(finished_at=None).order_by("id").first()
    policy = PolicyReplay.objects.filter(finished_at=None).order_by("id").first()
    waiting = [one for one in (routing, policy) if one]
    return min(waiting, key=lambda one: one.started_at, default=None)


def _play(one: Replay | PolicyReplay) -> dict[str, Any]:
    return running.findings(one) if isinstance(one, Replay) else policies.findings(one)


def _finish(one: Replay | PolicyReplay, **found: Any) -> None:
    type(one).objects.filter(pk=one.pk, finished_at=None).update(finished_at=Now(), **found)
