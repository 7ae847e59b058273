"""What a metric came to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from escalations.metrics.registry import Metric, Shape
from escalations.metrics.statistics import ENOUGH, wilson


@dataclass(frozen=True)
class Figure:
    """`n` facts, so many in each part; percentiles, mean and `highest` in the metric's unit.

    Of how something is spread, `people` is over how many and `gini` how unevenly: 0 is evenly, 1 all to one.
    `of` is what a rate is divided by: how many facts the metric has that it is `per`.

    Where cases are many, `is_binned`: then percentiles come from `bins`, within 4.5% of the exact ones, and
    `highest` is not known.
    """

    metric: Metric
    n: int = 0
    parts: Mapping[str, int] = field(default_factory=dict)
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None
    mean: float | None = None
    highest: float | None = None
    of: int | None = None
    gini: float | None = None
    people: int | None = None
    is_binned: bool = False

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
    def base(self) -> int:
        """How many facts a share or a rate is divided by."""
        return self.of or 0 if self.metric.shape is Shape.RATE else self.n

    @property
    def is_enough(self) -> bool:
        """Whether there are facts enough to name a rate or a percentile."""
        if self.metric.shape is Shape.GINI:
            return self.gini is not None and self.parts[self.metric.share] >= ENOUGH
        return (self.n if self.of is None else self.of) >= ENOUGH

    @property
    def hits(self) -> int:
        """The facts that the figure is the share of."""
        return self.n if self.metric.shape is Shape.RATE else self.parts.get(self.metric.share, 0)

    @property
    def share(self) -> float | None:
        """Hits ÷ base. From 0 to 1, except for rates of what happens more than once to a case."""
        return self.hits / self.base if self.base else None

    @property
    def interval(self) -> tuple[float, float]:
        """Of `share`, 95%."""
        return wilson(min(self.hits, self.base), self.base)

    @property
    def value(self) -> float | None:
        """The one number that stands for the metric: a count, a share, a median or a mean."""
        if self.metric.shape in (Shape.SHARE, Shape.RATE):
            return self.share
        if self.metric.shape is Shape.GINI:
            return self.gini
        return self.typical if self.metric.shape is Shape.VALUES else self.n

    @property
    def typical(self) -> float | None:
        """What stands for its values: a percentile or the mean, as `Metric.stands` says."""
        found: float | None = getattr(self, self.metric.stands)
        return found

    def share_of(self, part: str) -> float | None:
        """A part ÷ n, from 0 to 1."""
        return self.parts[part] / self.n if self.n else None

    def interval_of(self, part: str) -> tuple[float, float]:
        """Of `share_of(part)`, 95%."""
        return wilson(self.parts[part], self.n)
