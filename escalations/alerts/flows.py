"""What happened in the hours before a moment, or before many: facts by part, and their values together.

Of metrics that are counted ahead, whole hours (UTC) of the past come out of the rollups, so that weeks cost
the same however many cases there are; the rest is counted from the facts. So are the hours of a rule before
this moment: an alert must not wait for whoever counts ahead.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from escalations.alerts import rolled
from escalations.metrics import METRICS, Metric
from escalations.metrics.registry import parameters
from escalations.models import AlertRule

# How far back goes what a rule's hours are held against.
BASELINE = timedelta(days=28)

_BUCKETS = """
SELECT (ceil(extract(epoch FROM %(last)s::timestamptz - fact.at) / %(step)s) - 1)::int AS bucket, fact.part,
       count(*) AS n, count(fact.value) AS valued, coalesce(sum(fact.value), 0)::float8 AS total
FROM (
{facts}
) fact
WHERE fact.at >= %(first)s AND fact.at < %(last)s{more}
GROUP BY 1, 2
"""
_OF_AGENT = (
    " AND fact.version_id = ANY (ARRAY(SELECT id FROM escalations_agentversion WHERE agent_id = %(agent)s))"
)
_OF_QUEUE = " AND fact.queue_id = %(queue)s"
_OPEN = " AND NOT fact.settled"

Row = Mapping[str, Any]
Buckets = Mapping[int, Sequence[Row]]  # by how many steps ago


@dataclass(frozen=True)
class Flow:
    """The facts of `metric`, if it is of one, and those that a statement gives beside them, likewise."""

    metric: Metric | None = None
    beside: str = ""

    @classmethod
    def of(cls, metric: str, *, beside: str = "") -> "Flow":
        """The facts of the metric of this name, and others."""
        return cls(METRICS[metric], beside)


@dataclass
class Sums:
    """What fell into a stretch of time: facts by part, and their values together."""

    parts: dict[str, int]
    valued: int = 0
    total: float = 0.0

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Sums":
        """From rows of `_BUCKETS`."""
        found = cls(defaultdict(int))
        for row in rows:
            found.parts[row["part"]] += row["n"]
            found.valued += row["valued"]
            found.total += row["total"]
        return found

    @property
    def n(self) -> int:
        return sum(self.parts.values())

    @property
    def mean(self) -> float:
        return self.total / self.valued


def windows(
    flow: Flow, rule: AlertRule, moments: Sequence[datetime], *, baseline: timedelta = timedelta(0)
) -> list[tuple[datetime, Sums, Sums]]:
    """For each moment what fell into the hours of the rule before it, and what into `baseline` before these.

    Each stretch is from its beginning on until before its end. Several moments are one step apart, of which
    the hours of a rule and the baseline are whole ones.
    """
    window = timedelta(hours=rule.hours)
    if len(moments) == 1:
        [at] = moments
        now = _buckets(flow, rule, at - window, at, window, ahead=False)
        return [(at, _sum(now, 0, 1), _between(flow, rule, at - window - baseline, at - window))]
    step = moments[1] - moments[0]
    wide, back_to = window // step, baseline // step
    first = moments[-1] - step * (len(moments) - 1 + wide + back_to)
    buckets = _buckets(flow, rule, first, moments[-1], step)
    return [
        (at, _sum(buckets, back, back + wide), _sum(buckets, back + wide, back + wide + back_to))
        for back, at in zip(range(len(moments) - 1, -1, -1), moments, strict=True)
    ]


def _sum(buckets: Buckets, start: int, end: int) -> Sums:
    return Sums.of(row for bucket in range(start, end) for row in buckets.get(bucket, ()))


def _between(flow: Flow, rule: AlertRule, start: datetime, end: datetime) -> Sums:
    """Of a stretch with whole hours in it, only what is left at both ends is read from the facts."""
    first, last = rolled.whole_hours(start, end)
    pieces = [(start, first), (first, last), (last, end)] if first < last else [(start, end)]
    found = [_buckets(flow, rule, since, until, until - since) for since, until in pieces if since < until]
    return Sums.of(row for buckets in found for row in buckets[0])


def _buckets(
    flow: Flow, rule: AlertRule, first: datetime, last: datetime, step: timedelta, *, ahead: bool = True
) -> Buckets:
    """The rows of each step from `first` on until before `last`, the newest of which is 0."""
    found: dict[int, list[Row]] = defaultdict(list)
    span = {"first": first, "last": last, "step": step.total_seconds()}
    if ahead and flow.metric and rolled.applies(flow.metric, first, last, step):
        for cell in rolled.counted(flow.metric, rule, first, last, step):
            found[cell["bucket"]].append(cell)
        asked = [(flow.metric.sql, _OPEN)] if flow.metric.counts_open else []
    else:
        asked = [(flow.metric.sql, "")] if flow.metric else []
    for facts, more in [*asked, *([(flow.beside, "")] if flow.beside else [])]:
        for row in _asked(facts, more, rule, span):
            found[row["bucket"]].append(row)
    return found


def _asked(facts: str, more: str, rule: AlertRule, span: Mapping[str, Any]) -> list[Row]:
    scope = (_OF_AGENT if rule.agent_id else "") + (_OF_QUEUE if rule.queue_id else "")
    narrowed = {"agent": rule.agent_id, "queue": rule.queue_id}
    with connection.cursor() as cursor:
        cursor.execute(_BUCKETS.format(facts=facts, more=more + scope), {**span, **parameters(), **narrowed})
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
