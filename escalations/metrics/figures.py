"""Definitions turned into numbers: one statement for all metrics that go by the same clock."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Avg, Count, F, FilteredRelation, Max, Q

from escalations.metrics.definitions import METRICS, NOW, Metric
from escalations.metrics.scope import Scope
from escalations.metrics.statistics import ENOUGH, Percentiles, wilson
from escalations.models import Escalation
from escalations.models.case_queries import EscalationQuerySet

PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95}


@dataclass(frozen=True)
class Figure:
    """What a metric came to: `n` cases, so many in each part; percentiles in the metric's unit."""

    metric: Metric
    n: int = 0
    parts: Mapping[str, int] = field(default_factory=dict)
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    mean: float | None = None
    highest: float | None = None

    @classmethod
    def empty(cls, metric: Metric) -> "Figure":
        """Nothing was counted."""
        return cls(metric, parts=dict.fromkeys((part.name for part in metric.parts), 0))

    @classmethod
    def total(cls, metric: Metric, figures: Iterable["Figure"]) -> "Figure":
        """The counts of several figures together. Percentiles do not add up: there are none."""
        counted = list(figures)
        parts = {part.name: sum(figure.parts[part.name] for figure in counted) for part in metric.parts}
        return cls(metric, n=sum(figure.n for figure in counted), parts=parts)

    @property
    def is_enough(self) -> bool:
        """Whether there are cases enough to name a rate or a percentile."""
        return self.n >= ENOUGH

    @property
    def hits(self) -> int:
        """The cases in the part that the figure is the share of."""
        return self.parts.get(self.metric.share, 0)

    @property
    def share(self) -> float | None:
        """Hits ÷ n, from 0 to 1."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """Of `share`, 95%."""
        return wilson(self.hits, self.n)

    def share_of(self, part: str) -> float | None:
        """A part ÷ n, from 0 to 1."""
        return self.parts[part] / self.n if self.n else None

    def interval_of(self, part: str) -> tuple[float, float]:
        """Of `share_of(part)`, 95%."""
        return wilson(self.parts[part], self.n)


def cases(metric: Metric, scope: Scope, part: str = "") -> EscalationQuerySet:
    """The cases that a figure counts, or those in one of its parts."""
    chosen = metric.part(part)
    rows = chosen.rows & metric.rows if chosen else _counted(metric)
    return _population(metric.clock, scope, of_decisions=metric.of_decisions).filter(rows)


def measure(names: Iterable[str], scope: Scope) -> dict[str, Figure]:
    """The figure of each metric."""
    return {
        metric.name: _figure(metric, row)
        for group in _by_clock(names)
        for row in [_population_of(group, scope).aggregate(**_columns(group))]
        for metric in group
    }


def series(names: Iterable[str], scope: Scope) -> dict[str, dict[Any, Figure]]:
    """The figures of each hour or day (`scope.buckets`) in which something was counted."""
    found: dict[str, dict[Any, Figure]] = {}
    for group in _by_clock(names):
        population = _population_of(group, scope)
        rows = population.annotate(key=scope.bucket(group[0].clock)).values("key").order_by("key")
        found |= _figures(group, rows.annotate(**_columns(group)))
    return found


def breakdown(names: Iterable[str], scope: Scope, by: str) -> dict[str, dict[Any, Figure]]:
    """The figures by each value of a field."""
    found: dict[str, dict[Any, Figure]] = {}
    for group in _by_clock(names):
        rows = _population_of(group, scope).annotate(key=F(by)).values("key").order_by("key")
        found |= _figures(group, rows.annotate(**_columns(group)))
    return found


def _by_clock(names: Iterable[str]) -> list[list[Metric]]:
    groups: dict[str, list[Metric]] = {}
    for name in names:
        groups.setdefault(METRICS[name].clock, []).append(METRICS[name])
    return list(groups.values())


def _population_of(group: list[Metric], scope: Scope) -> EscalationQuerySet:
    of_decisions = any(metric.of_decisions for metric in group)
    population = _population(group[0].clock, scope, of_decisions=of_decisions)
    # Where all count the same rows, an index may serve them: the open ones above all.
    return population.filter(group[0].rows) if _count_the_same(group) else population


def _count_the_same(group: list[Metric]) -> bool:
    return len({metric.rows for metric in group}) == 1


def _population(clock: str, scope: Scope, *, of_decisions: bool) -> EscalationQuerySet:
    cases = Escalation.objects.filter(scope.condition())
    if of_decisions:
        # No case is closed before it is decided: the time only tells the database where to look.
        current = Q(resolutions__superseded_at=None, resolutions__created_at__gte=scope.since)
        cases = cases.alias(decision=FilteredRelation("resolutions", condition=current))
    if clock != NOW:
        cases = cases.filter(**{f"{clock}__gte": scope.since, f"{clock}__lt": scope.until})
    return cases


def _counted(metric: Metric) -> Q:
    """A share is of what its parts hold together; other figures are of all rows."""
    if not metric.share and not (metric.parts and metric.value is None):
        return metric.rows
    together = Q()
    for part in metric.parts:
        together |= part.rows
    return metric.rows & together


def _columns(group: list[Metric]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for metric in group:
        # What the whole population is filtered by need not be asked of each row again.
        rows = Q() if _count_the_same(group) else metric.rows
        counted = _counted(replace(metric, rows=rows)) or None
        columns[f"{metric.name}_n"] = Count("pk", filter=counted)
        for part in metric.parts:
            columns[f"{metric.name}_is_{part.name}"] = Count("pk", filter=rows & part.rows)
        if metric.value is not None:
            columns |= {
                f"{metric.name}_percentiles": Percentiles(metric.value, PERCENTILES.values(), filter=counted),
                f"{metric.name}_mean": Avg(metric.value, filter=counted),
                f"{metric.name}_highest": Max(metric.value, filter=counted),
            }
    return columns


def _figure(metric: Metric, row: Mapping[str, Any]) -> Figure:
    counts = {part.name: row[f"{metric.name}_is_{part.name}"] for part in metric.parts}
    figure = Figure(metric, n=row[f"{metric.name}_n"], parts=counts)
    if metric.value is None or not figure.n:
        return figure
    percentiles = dict(zip(PERCENTILES, row[f"{metric.name}_percentiles"], strict=True))
    return replace(
        figure, **percentiles, mean=row[f"{metric.name}_mean"], highest=row[f"{metric.name}_highest"]
    )


def _figures(group: list[Metric], rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[Any, Figure]]:
    found: dict[str, dict[Hashable, Figure]] = {metric.name: {} for metric in group}
    for row in rows:
        for metric in group:
            found[metric.name][row["key"]] = _figure(metric, row)
    return found
