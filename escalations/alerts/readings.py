"""What a rule measures, at this moment or at many in the past, by the same statements.

The many are the same step apart, as `moments` has them. Flows are counted once for each step and added up for
each window; facts of the past count as they are known today. What stands at a moment is found from the
stretches of time in which it stood.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from escalations import sql
from escalations.alerts import baselines
from escalations.alerts.episodes import Reading
from escalations.metrics import METRICS
from escalations.metrics.registry import parameters
from escalations.metrics.statistics import ENOUGH, wilson
from escalations.models import AlertRule

Read = Callable[[AlertRule, Sequence[datetime]], list[Reading]]

BASELINE = timedelta(days=28)
# A mode that came less often in a window is chance.
_SPIKE = 5
# Whoever answered a ping so long ago is there.
_THERE = timedelta(seconds=60)
_NEVER = datetime.max.replace(tzinfo=UTC)

_BUCKETS = """
SELECT floor(extract(epoch FROM %(last)s::timestamptz - fact.at) / %(step)s)::int AS bucket, fact.part,
       count(*) AS n, count(fact.value) AS valued, coalesce(sum(fact.value), 0)::float8 AS total
FROM (
{facts}
) fact
WHERE fact.at > %(first)s AND fact.at <= %(last)s{scope}
GROUP BY 1, 2
"""
_OF_AGENT = (
    " AND fact.version_id = ANY (ARRAY(SELECT id FROM escalations_agentversion WHERE agent_id = %(agent)s))"
)
_OF_QUEUE = " AND fact.queue_id = %(queue)s"

# Facts as metrics give them (escalations/metrics), of what no metric is about.
ESCALATIONS_AND_RUNS = """
SELECT received_at AS at, agent_version_id AS version_id, queue_id, 'escalated' AS part, NULL::float8 AS value
FROM escalations_escalation WHERE kind <> 'review'
UNION ALL
SELECT finished_at, agent_version_id, NULL, 'finished', NULL FROM escalations_run
"""
_extra: dict[str, str] = {}


def add_facts(name: str, statement: str) -> None:
    """Facts that an application of the desk has and the domain does not know of."""
    _extra[name] = statement


@dataclass(frozen=True)
class Flow:
    """Facts, as SQL, of `metric` if it is one, and the part that counts among them; empty for all."""

    facts: str
    part: str = ""
    metric: str = ""

    @classmethod
    def of(cls, metric: str) -> "Flow":
        """The facts of a metric."""
        return cls(METRICS[metric].sql, metric=metric)


@dataclass
class Sums:
    """What fell into a stretch of time: facts by part, and their values together."""

    parts: dict[str, int]
    valued: int = 0
    total: float = 0.0

    @property
    def n(self) -> int:
        return sum(self.parts.values())

    @property
    def mean(self) -> float:
        return self.total / self.valued

    def add(self, row: Mapping[str, Any]) -> None:
        """One more row of `_BUCKETS`."""
        self.parts[row["part"]] += row["n"]
        self.valued += row["valued"]
        self.total += row["total"]


def share(metric: str, part: str) -> Read:
    """The share of a part among a metric's facts."""

    def read(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
        return [
            Reading(at, now.parts[part] / now.n if now.n >= ENOUGH else None, now.n)
            for at, now, _ in _windows(Flow.of(metric), rule, moments)
        ]

    return read


def mean(metric: str) -> Read:
    """The mean of a metric's values."""

    def read(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
        return [
            Reading(at, now.mean if now.valued >= ENOUGH else None, now.n)
            for at, now, _ in _windows(Flow.of(metric), rule, moments)
        ]

    return read


def ratio(flow: Flow, *, both_ways: bool = False) -> Read:
    """How many times the share of a part is what it was before, at least, as sure as 95%.

    With `both_ways` also how many times less. What may be chance is once.
    """

    def value(now: Sums, before: Sums) -> float | None:
        if now.n < ENOUGH or before.n < ENOUGH or not before.parts[flow.part]:
            return None
        usual = before.parts[flow.part] / before.n
        low, high = wilson(now.parts[flow.part], now.n)
        return max(1.0, low / usual, usual / high if both_ways else 0.0)

    def read(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
        windows = _windows(flow, rule, moments, baseline=BASELINE)
        return [Reading(at, value(now, before), now.n) for at, now, before in windows]

    return read


def worse_mean(metric: str) -> Read:
    """How much higher the mean of a metric's values is than before."""

    def read(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
        return [
            Reading(at, now.mean - before.mean if min(now.valued, before.valued) >= ENOUGH else None, now.n)
            for at, now, before in _windows(Flow.of(metric), rule, moments, baseline=BASELINE)
        ]

    return read


def spike(metric: str, *, leave_out: Iterable[str]) -> Read:
    """The part whose share grew the most times, at least, as sure as 95%; `detail` says which."""
    silent = set(leave_out)

    def most(now: Sums, before: Sums) -> tuple[float | None, str]:
        if now.n < ENOUGH or before.n < ENOUGH:
            return None, ""
        grown = [
            (wilson(hits, now.n)[0] / (max(before.parts[part], 1) / before.n), part)
            for part, hits in now.parts.items()
            if part not in silent and hits >= _SPIKE
        ]
        return max(grown, default=(0.0, ""))

    def read(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
        windows = _windows(Flow.of(metric), rule, moments, baseline=BASELINE)
        return [Reading(at, *_with_n(most(now, before), now.n)) for at, now, before in windows]

    return read


def failed_deliveries(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
    """How many webhooks failed."""
    flow = Flow(_extra["delivery"])
    return [Reading(at, float(now.parts["failed"]), now.n) for at, now, _ in _windows(flow, rule, moments)]


def oldest_case(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
    """For how many seconds the oldest open case has been open."""
    return _oldest("alert_open_cases", rule, moments)


def oldest_audit(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
    """For how many seconds the oldest audit or review has waited."""
    return _oldest("alert_audits", rule, moments)


def nobody_eligible(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
    """For how many seconds the longest waiting case waits that nobody who is available may take."""
    rows = sql.run("alert_nobody", moments=list(moments), there=_THERE, **_scope(rule))
    return [Reading(row["at"], row["seconds"] or 0.0, row["n"]) for row in rows]


def _oldest(statement: str, rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
    rows = sql.run(statement, first=moments[0], last=moments[-1], **_scope(rule))
    stretches = sorted((row["since"], row["until"] or _NEVER) for row in rows)
    standing: list[tuple[datetime, datetime]] = []
    found, next_one = [], 0
    for at in moments:
        while next_one < len(stretches) and stretches[next_one][0] <= at:
            heapq.heappush(standing, stretches[next_one])
            next_one += 1
        while standing and standing[0][1] <= at:
            heapq.heappop(standing)
        age = (at - standing[0][0]).total_seconds() if standing else 0.0
        found.append(Reading(at, age))
    return found


def _windows(
    flow: Flow, rule: AlertRule, moments: Sequence[datetime], *, baseline: timedelta | None = None
) -> list[tuple[datetime, Sums, Sums]]:
    """For each moment what fell into the hours of the rule before it, and what into the time before these."""
    window = timedelta(hours=rule.hours)
    if len(moments) == 1 and baseline and baselines.applies(flow.metric):
        return [_against_rollups(flow, rule, moments[0] - window, moments[0], baseline)]
    step = moments[1] - moments[0] if len(moments) > 1 else window
    wide, before = window // step, -(-baseline // step) if baseline else 0
    first = moments[-1] - step * (len(moments) - 1 + wide + before)
    buckets = _buckets(flow, rule, first, moments[-1], step)
    return [
        (at, _sum(buckets, back, back + wide), _sum(buckets, back + wide, back + wide + before))
        for back, at in zip(range(len(moments) - 1, -1, -1), moments, strict=True)
    ]


def _against_rollups(
    flow: Flow, rule: AlertRule, start: datetime, at: datetime, baseline: timedelta
) -> tuple[datetime, Sums, Sums]:
    """The same for one moment; of the time before, facts are read of what is no whole hour."""
    before = Sums(defaultdict(int))
    for row in baselines.rolled(flow.metric, rule, start - baseline, start):
        before.add(row)
    for after, until in baselines.edges(start - baseline, start):
        for row in _between(flow, rule, after, until):
            before.add(row)
    now = Sums(defaultdict(int))
    for row in _between(flow, rule, start, at):
        now.add(row)
    return at, now, before


def _between(flow: Flow, rule: AlertRule, after: datetime, until: datetime) -> list[dict[str, Any]]:
    """The facts after a moment until another, by part."""
    return _buckets(flow, rule, after, until, until - after)[0] if after < until else []


def _sum(buckets: Mapping[int, list[dict[str, Any]]], start: int, end: int) -> Sums:
    found = Sums(defaultdict(int))
    for bucket in range(start, end):
        for row in buckets.get(bucket, ()):
            found.add(row)
    return found


def _buckets(
    flow: Flow, rule: AlertRule, first: datetime, last: datetime, step: timedelta
) -> dict[int, list[dict[str, Any]]]:
    scope = (_OF_AGENT if rule.agent_id else "") + (_OF_QUEUE if rule.queue_id else "")
    statement = _BUCKETS.format(facts=flow.facts, scope=scope)
    asked: dict[str, Any] = {
        "first": first,
        "last": last,
        "step": step.total_seconds(),
        **parameters(),
        **_scope(rule),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["bucket"]].append(row)
    return found


def _scope(rule: AlertRule) -> dict[str, int | None]:
    return {"agent": rule.agent_id, "queue": rule.queue_id}


def _with_n(found: tuple[float | None, str], n: int) -> tuple[float | None, int, str]:
    value, detail = found
    return value, n, detail
