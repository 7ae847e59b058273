"""What a rule measures, at this moment or at many in the past, by the same statements.

The many are the same step apart, as `moments` has them. Flows are counted once for each step and added up for
each window; facts of the past count as they are known today. What stands at a moment is found from the
stretches of time in which it stood.
"""

import heapq
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from escalations import sql
from escalations.alerts.episodes import Reading
from escalations.alerts.flows import BASELINE, Flow, Sums, windows
from escalations.metrics.statistics import ENOUGH, wilson
from escalations.models import AlertRule
from escalations.models.offers import AFFINITY

Read = Callable[[AlertRule, Sequence[datetime]], list[Reading]]

# What stands at a moment, as statements give it.
OPEN_CASES, AUDITS, ALONE = "alert_open_cases", "alert_audits", "alert_alone"
# A mode that came less often in a window is chance.
_SPIKE = 5
# Whoever answered a ping so long ago is there.
_THERE = timedelta(seconds=60)
# By what `ALONE` tells who could take a case.
_ALONE = {"there": _THERE, "kept": AFFINITY}
_NEVER = datetime.max.replace(tzinfo=UTC)

# Facts as metrics give them (escalations/metrics), of what no metric is about: runs are counted one by one.
_FINISHED_RUNS = """
SELECT finished_at AS at, agent_version_id AS version_id, NULL::bigint AS queue_id, 'finished' AS part,
       NULL::float8 AS value
FROM escalations_run
"""
_ESCALATED = ""
_extra: dict[str, str] = {}


def add_facts(name: str, statement: str) -> None:
    """Facts that an application of the desk has and the domain does not know of."""
    _extra[name] = statement


def share(metric: str, part: str) -> Read:
    """The share of a part among a metric's facts."""

    def read(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
        return [
            Reading(at, now.parts[part] / now.n if now.n >= ENOUGH else None, now.n)
            for at, now, _ in windows(Flow.of(metric), rule, moments)
        ]

    return read


def mean(metric: str) -> Read:
    """The mean of a metric's values."""

    def read(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
        return [
            Reading(at, now.mean if now.valued >= ENOUGH else None, now.n)
            for at, now, _ in windows(Flow.of(metric), rule, moments)
        ]

    return read


def escalation_rate(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
    """How many times more or less of the runs were escalated than before, at least, as sure as 95%.

    What may be chance is once.
    """

    def value(now: Sums, before: Sums) -> float | None:
        if now.n < ENOUGH or before.n < ENOUGH or not before.parts[_ESCALATED]:
            return None
        usual = before.parts[_ESCALATED] / before.n
        low, high = wilson(now.parts[_ESCALATED], now.n)
        return max(1.0, low / usual, usual / high)

    flow = Flow.of("escalated", beside=_FINISHED_RUNS)
    found = windows(flow, rule, moments, baseline=BASELINE)
    return [Reading(at, value(now, before), now.n) for at, now, before in found]


def worse_mean(metric: str) -> Read:
    """How much higher the mean of a metric's values is than before."""

    def read(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
        return [
            Reading(at, now.mean - before.mean if min(now.valued, before.valued) >= ENOUGH else None, now.n)
            for at, now, before in windows(Flow.of(metric), rule, moments, baseline=BASELINE)
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
        found = windows(Flow.of(metric), rule, moments, baseline=BASELINE)
        return [Reading(at, *_with_n(most(now, before), now.n)) for at, now, before in found]

    return read


def failed_deliveries(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
    """How many webhooks failed."""
    flow = Flow(beside=_extra["delivery"])
    return [Reading(at, float(now.parts["failed"]), now.n) for at, now, _ in windows(flow, rule, moments)]


def oldest_case(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
    """For how many seconds the oldest open case has been open."""
    return _oldest(OPEN_CASES, rule, moments)


def oldest_audit(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
    """For how many seconds the oldest audit or review has waited."""
    return _oldest(AUDITS, rule, moments)


def nobody_eligible(rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
    """For how many seconds the longest waiting case waits that nobody who is available may take.

    Also one that somebody had and gave back or passed on: it waits since then.
    """
    rows = sql.run(ALONE, "alert_nobody", moments=list(moments), **_ALONE, **_scope(rule))
    return [Reading(row["at"], row["seconds"] or 0.0, row["n"]) for row in rows]


def stood(statement: str, rule: AlertRule, at: datetime, *, limit: int, offset: int) -> list[dict[str, Any]]:
    """The rows of `OPEN_CASES`, `AUDITS` or `ALONE` that a reading of a moment rests on, the oldest first."""
    when = {"moments": [at], **_ALONE} if statement == ALONE else {"first": at, "last": at}
    return sql.run(statement, "alert_stood", limit=limit, offset=offset, **when, **_scope(rule))


def _oldest(statement: str, rule: AlertRule, moments: Sequence[datetime]) -> list[Reading]:
    rows = sql.run(statement, "alert_stretches", first=moments[0], last=moments[-1], **_scope(rule))
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


def _scope(rule: AlertRule) -> dict[str, int | None]:
    return {"agent": rule.agent_id, "queue": rule.queue_id}


def _with_n(found: tuple[float | None, str], n: int) -> tuple[float | None, int, str]:
    value, detail = found
    return value, n, detail
