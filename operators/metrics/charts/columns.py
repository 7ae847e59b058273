"""What a column of a chart says of each figure: its text in the table and its value in the drawing."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from escalations.metrics import METRICS, Figure
from escalations.wording import number as spelt
from operators.metrics.words import amount, shown
from operators.rendering.formatting import duration, interval, money, percent, whole

_NOT_ENOUGH = "–"


@dataclass(frozen=True)
class Column:
    """`part` narrows the cases that its numbers lead to. Without a `tone` it is in the table only."""

    metric: str
    title: str
    text: Callable[[Figure], str]
    tone: str = ""
    value: Callable[[Figure], float | None] = lambda figure: figure.n
    part: str = ""


def count(metric: str, title: str = "n", tone: str = "") -> Column:
    """How many cases were counted."""
    return Column(metric, title, lambda figure: whole(figure.n), tone)


def share(metric: str, title: str, tone: str) -> Column:
    """The share that the metric is about, with its interval; drawn in percent."""

    def text(figure: Figure) -> str:
        if not figure.is_enough:
            return _NOT_ENOUGH
        return f"{percent(figure.share)} ({interval(figure.interval)})"

    return Column(metric, title, text, tone, lambda figure: _drawn(figure, 100 * (figure.share or 0.0)))


def part_count(metric: str, part: str, tone: str = "") -> Column:
    """How many cases are in one part."""

    def number(figure: Figure) -> float:
        return figure.parts[part]

    return Column(metric, _title(metric, part), lambda figure: whole(figure.parts[part]), tone, number, part)


def part_share(metric: str, part: str, tone: str = "") -> Column:
    """How many cases are in one part, their share and its interval; drawn in percent."""

    def text(figure: Figure) -> str:
        number = whole(figure.parts[part])
        if not figure.is_enough:
            return number
        return f"{number} · {percent(figure.share_of(part))} ({interval(figure.interval_of(part))})"

    def value(figure: Figure) -> float | None:
        return _drawn(figure, 100 * (figure.share_of(part) or 0.0))

    return Column(metric, _title(metric, part), text, tone, value, part)


def mean_cost(metric: str, title: str, tone: str = "") -> Column:
    """The mean, in US dollars."""
    return Column(
        metric,
        title,
        lambda figure: money(figure.mean) if figure.is_enough else _NOT_ENOUGH,
        tone,
        lambda figure: _drawn(figure, figure.mean or 0.0),
    )


def mean_minutes(metric: str, title: str, tone: str = "") -> Column:
    """The mean of a time, drawn in minutes."""
    return Column(
        metric,
        title,
        lambda figure: duration(figure.mean) if figure.is_enough else _NOT_ENOUGH,
        tone,
        lambda figure: _drawn(figure, (figure.mean or 0.0) / 60),
    )


def mean(metric: str, title: str, tone: str = "") -> Column:
    """The mean of a number."""
    return Column(
        metric,
        title,
        lambda figure: spelt(round(figure.mean or 0.0, 2), 2) if figure.is_enough else _NOT_ENOUGH,
        tone,
        lambda figure: _drawn(figure, figure.mean or 0.0),
    )


def time(metric: str, name: str, tone: str, seconds: float) -> Column:
    """A percentile or the mean of a time, drawn in units of so many seconds."""

    def text(figure: Figure) -> str:
        return duration(getattr(figure, name)) if figure.is_enough else _NOT_ENOUGH

    def value(figure: Figure) -> float | None:
        return _drawn(figure, (getattr(figure, name) or 0.0) / seconds)

    return Column(metric, _statistic(name), text, tone, value)


def statistic(metric: str, name: str, tone: str = "") -> Column:
    """A percentile or the mean, in the unit of the metric."""

    def text(figure: Figure) -> str:
        return amount(figure.metric, getattr(figure, name) or 0.0) if figure.is_enough else _NOT_ENOUGH

    def value(figure: Figure) -> float | None:
        return _drawn(figure, shown(figure.metric, getattr(figure, name) or 0.0))

    return Column(metric, _statistic(name), text, tone, value)


def _statistic(name: str) -> str:
    return {"mean": _("mean"), "gini": "Gini"}.get(name, name)


def _title(metric: str, part: str) -> str:
    known = METRICS[metric].part(part)
    return str(known.title) if known else part


def _drawn(figure: Figure, value: float) -> float | None:
    """Too few cases leave a gap in the drawing."""
    return round(value, 2) if figure.is_enough else None
