"""All metrics in one table, each against the period before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from escalations import metrics
from escalations.metrics import METRICS, Compared, Figure, Metric, Scope
from operators.metrics.filters import scope_query
from operators.metrics.words import NOTHING, change, headline, is_immature, median_wait, spread
from operators.rendering import csv_files
from operators.rendering.formatting import whole

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TOPICS: "dict[str, StrOrPromise]" = {
    "flow": gettext_lazy("Flow"),
    "time": gettext_lazy("Time"),
    "people": gettext_lazy("People"),
    "quality": gettext_lazy("Quality"),
    "cost": gettext_lazy("Cost"),
    "delivery": gettext_lazy("Delivery"),
    "health": pgettext_lazy("of the desk", "Health"),
}
_SCOPED = ("metric", "title", "unit", "since", "until", "agent", "version", "queue")
_COLUMNS = ("n", "of", "value", "share", "low", "high", "p50", "p90", "p95", "mean")


@dataclass(frozen=True)
class Line:
    """One metric in words, with where its rows are, and those of the period before.

    `tone` says whether the change is for the better.
    """

    metric: Metric
    url: str
    value: str
    spread: str
    n: str
    before: str
    before_url: str
    change: str
    tone: str
    is_immature: bool


def topics(scope: Scope, now: datetime) -> list[tuple[str, list[Line]]]:
    """The metrics by topic."""
    compared = metrics.compare(METRICS, scope)
    order = list(TOPICS)
    ordered = sorted(METRICS.values(), key=lambda metric: order.index(metric.topic))
    return [
        (str(TOPICS[topic]), [_line(compared[metric.name], scope, now) for metric in of_topic])
        for topic, of_topic in groupby(ordered, key=lambda metric: metric.topic)
    ]


def csv_lines(scope: Scope) -> Iterator[bytes]:
    """The same as a file, numbers as they are."""
    before = (f"before_{name}" for name in _COLUMNS)
    yield csv_files.line([*_SCOPED, *_COLUMNS, *before, "difference", "change", "parts"])
    for name, compared in metrics.compare(METRICS, scope).items():
        metric = METRICS[name]
        parts = " ".join(f"{part}={n}" for part, n in compared.figure.parts.items())
        period = (scope.since.isoformat(), scope.until.isoformat(), scope.agent, scope.version, scope.queue)
        numbers = (*_numbers(compared.figure), *_numbers(compared.before))
        changed = (_known(compared.difference), _known(compared.change))
        yield csv_files.line([name, str(metric.title), metric.unit, *period, *numbers, *changed, parts])


def _line(compared: Compared, scope: Scope, now: datetime) -> Line:
    figure, metric = compared.figure, compared.figure.metric
    said, tone = change(compared)
    page = reverse("metric_rows", args=[metric.name])
    return Line(
        metric=metric,
        url=f"{page}?{scope_query(scope)}",
        value=headline(figure),
        spread=_median(scope) if metric.is_censored else spread(figure),
        n=whole(figure.n) + (f" / {whole(figure.of)}" if figure.of is not None else ""),
        before=headline(compared.before) if compared.before else NOTHING,
        before_url=f"{page}?{scope_query(scope.before)}" if compared.before else "",
        change=said,
        tone=tone,
        is_immature=is_immature(metric, scope, now),
    )


def _median(scope: Scope) -> str:
    """Of a time that some still wait for."""
    return _("median %(median)s") % {"median": median_wait(metrics.waiting(scope))}


def _numbers(figure: Figure | None) -> Sequence[object]:
    if figure is None:
        return [""] * len(_COLUMNS)
    has_share = bool(figure.metric.share or figure.metric.per) and figure.base
    low, high = figure.interval if has_share else ("", "")
    share = figure.share if has_share else ""
    found = [figure.n, figure.of, figure.value, share, low, high]
    found += [figure.p50, figure.p90, figure.p95, figure.mean]
    return [_known(number) for number in found]


def _known(number: object) -> object:
    return "" if number is None else number
