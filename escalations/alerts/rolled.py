"""Whole hours of what rules look at, out of what was counted ahead (`escalations.metrics.rolling`)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import QuerySet, Sum

from escalations.metrics import Metric, rolling
from escalations.models import AgentVersion, AlertRule, Rollup

_HOUR, _MOMENT = timedelta(hours=1), timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def applies(metric: Metric, first: datetime, last: datetime, step: timedelta) -> bool:
    """Whether a stretch of time, and each step in it, is of whole hours whose facts were counted ahead."""
    is_whole = whole_hours(first, last) == (first, last) and not step % _HOUR
    return is_whole and metric in rolling.rolled_up() and rolling.is_ready()


def whole_hours(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """When the first hour (UTC) begins from `start` on, and when the last one is over by `end`."""
    return -(-_since_1970(start) // _HOUR) * _HOUR + _EPOCH, _since_1970(end) // _HOUR * _HOUR + _EPOCH


def counted(
    metric: Metric, rule: AlertRule, first: datetime, last: datetime, step: timedelta
) -> list[dict[str, Any]]:
    """How many settled facts, and their values together, by part and step; the step before `last` is 0.

    All facts count as having a value: of metrics whose values are asked for here each has one.
    """
    cells = _narrowed(rule).filter(metric=metric.name, hour__gte=first, hour__lt=last)
    rows = cells.values_list("hour", "part").annotate(facts=Sum("n"), millionths=Sum("total"))
    return [
        {
            "bucket": (last - _MOMENT - hour) // step,
            "part": part,
            "n": int(n),
            "valued": int(n),
            "total": float(total) / 1e6,
        }
        for hour, part, n, total in rows
    ]


def _since_1970(moment: datetime) -> timedelta:
    return moment.astimezone(UTC) - _EPOCH


def _narrowed(rule: AlertRule) -> "QuerySet[Rollup]":
    if not rule.agent_id and not rule.queue_id:
        return Rollup.objects.filter(version_id=0, queue_id=0)
    cells = Rollup.objects.exclude(version_id=0)
    if rule.agent_id:
        cells = cells.filter(version_id__in=AgentVersion.objects.filter(agent=rule.agent_id).values("id"))
    return cells.filter(queue_id=rule.queue_id) if rule.queue_id else cells
