"""How long until something happens, where some have waited in vain so far: Kaplan and Meier's estimate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import exp, log, sqrt
from typing import Any

from escalations.metrics import bins, counting, figures, rolled
from escalations.metrics.registry import METRICS
from escalations.metrics.scope import Scope
from escalations.metrics.statistics import ENOUGH, Z_95

_VALUES = """
WITH fact AS (
{facts}
)
SELECT {key} AS key, value, count(*) FILTER (WHERE part = 'claimed') AS claimed,
       count(*) FILTER (WHERE part <> 'claimed') AS others
FROM fact GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Step:
    """From `seconds` on, a share still waits; with its 95% interval."""

    seconds: float
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Survival:
    """Who still waits, by time. `n` waited, to `events` of them it happened."""

    n: int
    events: int
    steps: tuple[Step, ...]

    @property
    def is_enough(self) -> bool:
        return self.n >= ENOUGH

    def at(self, seconds: float) -> Step:
        """The share that still waits after so long."""
        begun = Step(0.0, 1.0, 1.0, 1.0)
        return next((step for step in reversed(self.steps) if step.seconds <= seconds), begun)

    @property
    def median(self) -> float | None:
        """When half of them no longer wait; None while more than half still do."""
        return next((step.seconds for step in self.steps if step.share <= 0.5), None)

    @property
    def interval(self) -> tuple[float | None, float | None]:
        """Of the median, 95%: None where the curve does not get there.

        Source: R. Brookmeyer, J. Crowley, "A confidence interval for the median survival time", 1982.
        """
        low = next((step.seconds for step in self.steps if step.low <= 0.5), None)
        return low, next((step.seconds for step in self.steps if step.high <= 0.5), None)


def kaplan_meier(waits: Iterable[tuple[float, int, int]]) -> Survival:
    """The estimate from (seconds, how many events, how many that had waited so long in vain), in any order.

    Sources: E. L. Kaplan, P. Meier, "Nonparametric estimation from incomplete observations", 1958; of the
    variance M. Greenwood, "The natural duration of cancer", 1926. Intervals are taken on the scale of
    log(-log), where they stay between 0 and 1 (J. D. Kalbfleisch, R. L. Prentice, "The statistical analysis
    of failure time data", 1980).
    """
    gathered: dict[float, tuple[int, int]] = {}
    for seconds, events, censored in waits:
        before = gathered.get(seconds, (0, 0))
        gathered[seconds] = (before[0] + events, before[1] + censored)
    ordered = sorted((seconds, *counts) for seconds, counts in gathered.items())
    n = at_risk = sum(events + censored for _, events, censored in ordered)
    share, variance = 1.0, 0.0
    steps = []
    for seconds, events, censored in ordered:
        if events:
            share *= 1 - events / at_risk
            variance += events / (at_risk * (at_risk - events)) if at_risk > events else 0.0
            steps.append(Step(seconds, share, *_interval(share, variance)))
        at_risk -= events + censored
    return Survival(n, sum(events for _, events, _ in ordered), tuple(steps))


def waiting(scope: Scope) -> Survival:
    """Time to pickup of the cases received, with those that nobody claimed: they waited at least so long."""
    return _by_key(scope, "").get(None) or kaplan_meier([])


def waiting_by(scope: Scope, by: str) -> dict[Any, Survival]:
    """The same by version, agent, queue or label; the keys are those of `breakdown`."""
    named = figures.NAMES[by]()
    return {named(key): curve for key, curve in _by_key(scope, by).items() if key is not None}


def waiting_over_time(scope: Scope) -> dict[datetime, Survival]:
    """The same of each hour or day in which something was received; the keys are those of `series`."""
    return {start.astimezone(scope.clock_zone): curve for start, curve in _by_key(scope, "time").items()}


def _by_key(scope: Scope, by: str) -> dict[Any, Survival]:
    metric = METRICS["wait"]
    waits: dict[Any, list[tuple[float, int, int]]] = {}
    if rolled.applies(scope):
        for row in rolled.binned(metric, scope, by):
            middle, n = sum(bins.edges(row["bin"])) / 2, int(row["n"])
            counts = (n, 0) if row["part"] == "claimed" else (0, n)
            waits.setdefault(row["key"], []).append((middle, *counts))
    else:
        for row in counting.asked(_VALUES, [metric], scope, by):
            waits.setdefault(row["key"], []).append((row["value"], row["claimed"], row["others"]))
    return {key: kaplan_meier(found) for key, found in waits.items()}


def _interval(share: float, variance: float) -> tuple[float, float]:
    """Of a share, 95%; `variance` is Greenwood's sum, that of the logarithm of the share."""
    if share in (0.0, 1.0):
        return share, share
    half = Z_95 * sqrt(variance) / abs(log(share))
    return float(share ** exp(half)), float(share ** exp(-half))
