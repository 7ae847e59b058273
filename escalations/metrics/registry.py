"""What a metric is, and where all of them are found by name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Of the outputs that were checked in a period only so many are looked at: the newest ones.
NEWEST_CHECKED = 10_000
RECEIVED, PICKED_UP, CLOSED = "received_at", "first_claimed_at", "closed_at"


class Shape(Enum):
    """What the figure of a metric is."""

    COUNT = "count"  # how many facts
    SHARE = "share"  # those of one part ÷ all
    VALUES = "values"  # percentiles and mean; one of them stands for all
    RATE = "rate"  # how many ÷ the facts of another metric
    PARTS = "parts"  # the share of each part
    GINI = "gini"  # how unevenly something per hour is spread over labels


@dataclass(frozen=True)
class Part:
    """Some of a metric's facts, with a name for links and a title for people."""

    name: str
    title: "StrOrPromise"
    tone: str = "accent"


@dataclass(frozen=True)
class Metric:
    """One definition; its facts are what `facts/<name>.sql` gives, from `package`.

    `clock` is the time of a case by which a list of its cases is ordered. `share` names the part whose share
    is the figure, `per` the metric that is divided by. `label` says what the label of a fact is, empty where
    it is none. With `is_now` the facts are of this moment, and no period applies but to its course, if
    it has `flows`. With `counts_open`, time alone makes facts of open cases: those that are not settled are
    counted when they are asked for. `matures` is how long after its time a fact may still change its part.
    `better` says which direction is good.
    """

    name: str
    title: "StrOrPromise"
    meaning: "StrOrPromise"
    topic: str
    shape: Shape
    clock: str = CLOSED
    parts: tuple[Part, ...] = ()
    unit: str = "cases"
    share: str = ""
    per: str = ""
    label: str = ""
    is_now: bool = False
    # Of what there is now: the metrics that count what came and what went, which tell of other times.
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    counts_open: bool = False
    matures: timedelta | None = None
    better: str = ""
    has_values: bool = False
    # Some of its values are of what has not happened yet, so percentiles of them would say too little and are
    # not taken; how long it takes is estimated by `survival.waiting`.
    is_censored: bool = False
    # Its facts are forgotten so long after the case was closed; what was counted of them stays.
    forgotten_after: timedelta | None = None
    package: str = "escalations.metrics.facts"
    # Whether each fact is a case, and none comes twice: then a list of cases is as long as the figure says.
    # Else facts are of people or the desk, or a case may have several, and they are listed one by one.
    counts_cases: bool = True
    # What its statement begins with, as those of other metrics do: `facts/frames/<name>.sql`.
    frame: str = ""
    # Which of its statistics stands for its values, where it is not what `stands` says of its unit.
    statistic: str = ""
    rolled_up: bool = field(default=True)

    def part(self, name: str) -> Part | None:
        """The part of that name, or None."""
        return next((part for part in self.parts if part.name == name), None)

    @property
    def flows(self) -> tuple[str, ...]:
        """The metrics by which it has a course though it is of this moment; none where it has none."""
        return (*self.came, *self.went)

    @property
    def stands(self) -> str:
        """Which of its statistics stands for its values: the median of times, the mean of all else.

        What is paid or happens now and then adds up, and its median hides the few cases that cost the most.
        """
        return self.statistic or ("p50" if self.unit == "seconds" else "mean")

    @property
    def measures(self) -> bool:
        """Whether its facts have values."""
        return self.shape is Shape.VALUES or self.has_values

    @property
    def has_percentiles(self) -> bool:
        """Whether percentiles and the mean of its values say what they seem to."""
        return self.measures and not self.is_censored

    @cached_property
    def sql(self) -> str:
        """The statement that gives its facts."""
        facts = files(self.package)
        frame = facts.joinpath("frames", f"{self.frame}.sql").read_text() if self.frame else ""
        return (frame + facts.joinpath(f"{self.name}.sql").read_text()).strip()


METRICS: dict[str, Metric] = {}


def register(metrics: Iterable[Metric]) -> None:
    """Add metrics, as an application does once when it starts.

    Raises:
        ValueError: a name is taken.
    """
    for metric in metrics:
        if METRICS.setdefault(metric.name, metric) is not metric:
            raise ValueError(f"There is a metric {metric.name} already.")


def parameters() -> "dict[str, Any]":
    """What definitions may name besides columns."""
    return {"service_level": timedelta(seconds=settings.SERVICE_LEVEL_SECONDS), "newest": NEWEST_CHECKED}
