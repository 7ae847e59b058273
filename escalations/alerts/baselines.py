"""The time before what a rule looks at: weeks of facts, out of what was counted ahead where that is there."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from escalations.metrics import rolling
from escalations.models import AgentVersion, AlertRule, Rollup

_HOUR, _MOMENT = timedelta(hours=1), timedelta(microseconds=1)


def applies(metric: str) -> bool:
    """Whether the facts of a metric, empty for none, are counted ahead."""
    return bool(metric) and rolling.is_ready()


def edges(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """What whole hours (UTC) leave of the time after `start` until `end`, which is hours: after, until."""
    first, last = _hours(start, end)
    yield start, first - _MOMENT
    yield last - _MOMENT, end


def rolled(metric: str, rule: AlertRule, start: datetime, end: datetime) -> list[dict[str, Any]]:
    """The facts of the whole hours in between by part: how many they are, and their values together."""
    first, last = _hours(start, end)
    cells = _narrowed(rule).filter(metric=metric, hour__gte=first, hour__lt=last)
    counted = cells.values("part").annotate(facts=Sum("n"), millionths=Sum("total"))
    return [
        {"part": part, "n": int(n), "valued": int(n), "total": float(total) / 1e6}
        for part, n, total in counted.values_list("part", "facts", "millionths")
    ]


def _hours(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The first whole hour that begins after `start`, and the last that begins up to `end`."""
    first, last = (
        moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0) for moment in (start, end)
    )
    return first + _HOUR, last


def _narrowed(rule: AlertRule) -> "QuerySet[Rollup]":
    if not rule.agent_id and not rule.queue_id:
        return Rollup.objects.filter(version_id=0, queue_id=0)
    cells = Rollup.objects.exclude(version_id=0)
    if rule.agent_id:
        cells = cells.filter(version_id__in=AgentVersion.objects.filter(agent=rule.agent_id).values("id"))
    return cells.filter(queue_id=rule.queue_id) if rule.queue_id else cells
