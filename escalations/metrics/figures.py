"""The figures of metrics: in all, over time, by what tells them apart, and against the time before."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from escalations.metrics import counting, rolled, standing
from escalations.metrics.counting import Found
from escalations.metrics.figure import Figure
from escalations.metrics.registry import METRICS, Metric, Shape
from escalations.metrics.scope import Scope
from escalations.models import Agent, Queue

# What counts as a change of a count or a percentile, of which there is no interval.
NOTABLE = 0.1
# What figures can be told apart by.
BY = ("version", "agent", "queue", "label")


@dataclass(frozen=True)
class Compared:
    """A figure, and the same of the period of the same length before; None where none applies."""

    figure: Figure
    before: Figure | None

    @property
    def difference(self) -> float | None:
        """How much the value grew; None where one of the two says nothing."""
        if not (self.before and self.before.is_enough and self.figure.is_enough):
            return None
        now, then = self.figure.value, self.before.value
        return None if now is None or then is None else now - then

    @property
    def is_notable(self) -> bool:
        """Whether it is more than chance: the intervals of shares do not meet; else a tenth or more."""
        if not self.before or self.difference is None:
            return False
        if self.figure.metric.shape in (Shape.SHARE, Shape.RATE):
            (low, high), (then_low, then_high) = self.figure.interval, self.before.interval
            return low > then_high or high < then_low
        return self.change is not None and abs(self.change) >= NOTABLE

    @property
    def change(self) -> float | None:
        """The same difference as a share of what it was; None where it was nothing."""
        then = self.before.value if self.before else None
        return self.difference / then if self.difference is not None and then else None


def is_ahead(scope: Scope) -> bool:
    """Whether figures of this scope come out of what was counted ahead.

    Who asks several questions about a scope may ask that once, and say so with each (`ahead`).
    """
    return rolled.applies(scope)


def measure(names: Iterable[str], scope: Scope, *, ahead: bool | None = None) -> dict[str, Figure]:
    """The figure of each metric."""
    found = _counted(names, scope, "", ahead)
    return {name: by_key.get(None) or Figure.empty(METRICS[name]) for name, by_key in found.items()}


def series(
    names: Iterable[str], scope: Scope, *, ahead: bool | None = None
) -> dict[str, dict[datetime, Figure]]:
    """The figures of each hour or day (`scope.buckets`) in which something was counted.

    Of what there is now (`Metric.flows`): how many there were at the end of each, and nothing else.
    """
    wanted = list(names)
    standing_ones = [METRICS[name] for name in wanted if METRICS[name].flows]
    others = [name for name in wanted if not METRICS[name].flows]
    found = {
        name: {moment.astimezone(scope.clock_zone): figure for moment, figure in by_key.items()}
        for name, by_key in (_counted(others, scope, "time", ahead) if others else {}).items()
    }
    for metric in standing_ones:
        is_counted = is_ahead(scope) if ahead is None else ahead
        found[metric.name] = standing.course(metric, scope, ahead=is_counted)
    return found


def breakdown(
    names: Iterable[str], scope: Scope, by: str, *, ahead: bool | None = None
) -> dict[str, dict[Any, Figure]]:
    """The figures by version (their ids), by agent or queue (their names), or by the label of the facts."""
    found = _counted(names, scope, by, ahead)
    named = NAMES[by]()
    return {
        name: {named(key): figure for key, figure in keys.items() if key is not None}
        for name, keys in found.items()
    }


def compare(names: Iterable[str], scope: Scope) -> dict[str, Compared]:
    """The figure of each metric, with that of the period before."""
    wanted = list(names)
    earlier = [name for name in wanted if not METRICS[name].is_now]
    now, before = measure(wanted, scope), measure(earlier, scope.before)
    return {name: Compared(now[name], before.get(name)) for name in wanted}


def _counted(names: Iterable[str], scope: Scope, by: str, ahead: bool | None) -> Found:
    """What was counted, rates with what they are divided by, whether that was asked for or not."""
    wanted = [METRICS[name] for name in dict.fromkeys(names)]
    bases = [METRICS[metric.per] for metric in wanted if metric.shape is Shape.RATE]
    found = _count(list({metric.name: metric for metric in (*wanted, *bases)}.values()), scope, by, ahead)
    return {metric.name: _rates(metric, found) for metric in wanted}


def _count(metrics: list[Metric], scope: Scope, by: str, ahead: bool | None) -> Found:
    """Out of what was counted ahead where that is there; what is of this moment never is."""
    if not (is_ahead(scope) if ahead is None else ahead):
        return counting.count(metrics, scope, by)
    kept = [metric for metric in metrics if metric.rolled_up and not metric.is_now]
    others = [metric for metric in metrics if metric not in kept]
    return rolled.count(kept, scope, by) | counting.count(others, scope, by)


def _rates(metric: Metric, found: Found) -> dict[Any, Figure]:
    by_key = found[metric.name]
    if metric.shape is not Shape.RATE:
        return by_key
    bases = found[metric.per]
    return {
        key: replace(by_key.get(key) or Figure.empty(metric), of=bases[key].n if key in bases else 0)
        for key in {*by_key, *bases}
    }


def _of(rows: Iterable[tuple[int, str]]) -> Callable[[str], str]:
    names = {str(key): name for key, name in rows}
    return lambda key: names[key]


# How what is told apart by a key is called.
NAMES: dict[str, Callable[[], Callable[[str], Any]]] = {
    "version": lambda: int,
    "agent": lambda: _of(Agent.objects.values_list("id", "name")),
    "queue": lambda: _of(Queue.objects.values_list("id", "name")),
    "label": lambda: str,
}
