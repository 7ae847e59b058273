"""What the page of one metric shows: its figure, its course, what tells it apart, and the rows behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations import metrics
from escalations.metrics import METRICS, Compared, Figure, Metric, Place, Row, Scope, Shape, Survival
from operators.metrics import measured
from operators.metrics import words as metric_words
from operators.metrics.charts import chart as charts
from operators.metrics.charts import time_charts
from operators.metrics.charts.chart import Cell, Chart
from operators.metrics.filters import Filters, cases_url, scope_query
from operators.metrics.words import amount, headline, is_immature, spread
from operators.rendering import csv_files
from operators.rendering.formatting import interval, percent, whole

PAGE = 50
_MOST_GROUPS = 50
# The curve is drawn until so few still wait, at evenly spaced times.
_TAIL = 0.05
_CURVE_POINTS = 40


class MetricForm(forms.Form):
    """What `Filters` has not: by what the figure is told apart, and which rows are listed."""

    by = forms.ChoiceField(label=gettext_lazy("By"), required=False)
    part = forms.ChoiceField(label=gettext_lazy("Part"), required=False)
    label = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    before = forms.CharField(max_length=100, required=False)

    def __init__(self, data: Mapping[str, Any], metric: Metric) -> None:
        super().__init__(data, auto_id="filter-%s")
        by = {"version": _("version"), "agent": _("agent"), "queue": _("queue")}
        if metric.label:
            by["label"] = label_title(metric)
        self._choose("by", by)
        self._choose("part", {"": _("All"), **{part.name: str(part.title) for part in metric.parts}})

    def _choose(self, field: str, choices: Mapping[str, str]) -> None:
        cast(forms.ChoiceField, self.fields[field]).choices = [*choices.items()]

    def clean_before(self) -> Place | None:
        """Where the list goes on."""
        if not (text := self.cleaned_data["before"]):
            return None
        try:
            return Place.parse(text)
        except ValueError:
            raise forms.ValidationError(_("This page is not there any more.")) from None


@dataclass(frozen=True)
class Line:
    """A row of the list, in words."""

    row: Row
    part: str
    label: str
    value: str


def label_title(metric: Metric) -> str:
    """What the labels of a metric are."""
    return str(_LABELS.get(metric.label, metric.label))


def context(metric: Metric, filters: Filters, form: MetricForm, now: datetime) -> dict[str, Any]:
    """All that the page shows."""
    scope = filters.scope
    chosen = form.cleaned_data
    part, label = chosen.get("part", ""), chosen.get("label", "")
    compared = metrics.compare([metric.name], scope)[metric.name]
    curve = metrics.waiting(scope) if metric.name in ("wait", "pickup") else None
    shown, place = metrics.page(metric, scope, part=part, label=label, limit=PAGE, place=chosen.get("before"))
    names = metric_words.labels(metric, [row.label for row in shown] + [label])
    narrowed = {"by": chosen.get("by", ""), "part": part, "label": label}
    return {
        "metric": metric,
        "label_title": label_title(metric) if metric.label else "",
        "label": names.get(label, metric_words.NOTHING) if label else "",
        "facts": _facts(compared, curve),
        "parts": measured.parts(compared.figure, scope),
        "charts": [
            *_course(metric, scope, now),
            *_told_apart(metric, filters, chosen.get("by") or "version"),
        ],
        "curve": _curve(curve, scope) if curve else None,
        "lines": [_line(metric, row, names) for row in shown],
        "has_values": metric.measures,
        "is_immature": is_immature(metric, scope, now),
        "older": scope_query(scope, **narrowed, before=str(place)) if place else "",
        "file": scope_query(scope, part=part, label=label),
    }


def csv_lines(metric: Metric, scope: Scope, *, part: str, label: str) -> Iterator[bytes]:
    """All rows as a file."""
    yield csv_files.line(
        ["at", "case", "headline", "agent", "version", "queue", "part", metric.label or "label", metric.unit]
    )
    for row in metrics.all_rows(metric, scope, part=part, label=label):
        cells = [row.at.isoformat(), row.case_id or "", row.headline, row.agent, row.version, row.queue]
        yield csv_files.line([*cells, row.part, row.label, "" if row.value is None else row.value])


def _facts(compared: Compared, curve: Survival | None) -> list[tuple[str, str, str]]:
    """What the figure is made of, in (title, value, tone)."""
    figure, metric = compared.figure, compared.figure.metric
    said, tone = metric_words.change(compared)
    found = [(_("Now") if metric.is_now else _("In the period"), headline(figure), "")]
    if metric.shape in _SHARES and figure.is_enough:
        found.append((_("95% interval"), interval(figure.interval), ""))
    found.append(("n", whole(figure.n), ""))
    if figure.of is not None:
        found.append((_("of"), whole(figure.of), ""))
    if figure.people is not None:
        found.append((_("People"), whole(figure.people), ""))
    if metric.is_censored and curve:
        found.append((_("Median (Kaplan–Meier)"), metric_words.median_wait(curve), ""))
    elif metric.measures and figure.is_enough:
        for name in (*metric_words.PERCENTILES, "mean"):
            title = _("mean") if name == "mean" else name
            found.append((title, amount(metric, getattr(figure, name)), ""))
    if compared.before is not None:
        found.append((_("The period before"), headline(compared.before), ""))
        found.append((_("Change"), said or metric_words.NOTHING, tone))
    return found


def _course(metric: Metric, scope: Scope, now: datetime) -> list[Chart]:
    if metric.flows:
        past = scope.past(now)
        return [time_charts.standing(metric, metrics.series([metric.name, *metric.flows], past), past)]
    if metric.is_now:
        return []
    return [time_charts.course(metric, metrics.series([metric.name], scope), scope)]


def _told_apart(metric: Metric, filters: Filters, by: str) -> list[Chart]:
    """The figures by version, agent, queue or label, the largest first; what is numbered, in its order."""
    found = metrics.breakdown([metric.name], filters.scope, by)[metric.name]
    names = _group_names(metric, filters, by, found)
    by_size = sorted(found.items(), key=lambda one: (-one[1].n, names.get(one[0], str(one[0]))))
    largest = by_size[:_MOST_GROUPS]
    if by == "label" and metric.label in _ORDERED:
        largest.sort(key=lambda one: float(one[0] or "inf"))
    parts = [part for part in metric.parts if metric.shape in (Shape.PARTS, Shape.COUNT, Shape.SHARE)]
    scale, unit = _scale(metric, [figure for _, figure in largest])
    rows = [
        (
            names.get(key, str(key)),
            [
                Cell(headline(figure), _group_url(filters, metric, by, key), _drawn(figure, scale)),
                Cell(spread(figure)),
                Cell(whole(figure.n), _group_url(filters, metric, by, key), figure.n),
                *(_part(filters, figure, by, key, part.name) for part in parts),
            ],
        )
        for key, figure in largest
    ]
    # What one person has is no spread, but a rate.
    said = _("an hour") if metric.shape is Shape.GINI and by == "label" else str(metric.title)
    titles = [_heading(metric, by), said, _("Spread"), "n", *(str(part.title) for part in parts)]
    hint = ", ".join(filter(None, (_heading(metric, by), unit if unit != "cases" else "")))
    chart = charts.of_rows("apart", _("Told apart"), hint, "bar", unit, titles, rows)
    return [replace(chart, is_wide=True)] if rows else []


def _scale(metric: Metric, figures: list[Figure]) -> tuple[float, str]:
    """What values are divided by to be drawn, and the sign of the unit that they are in then."""
    if metric.shape is not Shape.VALUES:
        return (0.01 if metric.shape in _SHARES else 1.0), _SHAPE_UNITS.get(metric.shape, "cases")
    if metric.unit == "seconds":
        known = [figure.value or 0.0 for figure in figures if figure.is_enough]
        return time_charts.handy_unit(max(known, default=0.0))
    return 1.0, _UNITS.get(metric.unit, "")


def _drawn(figure: Figure, scale: float) -> float | None:
    """The value as it is drawn; nothing where there is not enough data."""
    shape = figure.metric.shape
    if shape in (Shape.COUNT, Shape.PARTS):
        return figure.n
    if shape is Shape.GINI and figure.people == 1 and figure.mean is not None:
        return round(figure.mean, 2)
    if not figure.is_enough or figure.value is None:
        return None
    return round(figure.value / scale, 2)


def _group_url(filters: Filters, metric: Metric, by: str, key: Any) -> str:
    """The rows of one group."""
    here, scope = reverse("metric_rows", args=[metric.name]), filters.scope
    if by == "label":
        return f"{here}?{scope_query(scope, by=by, label=key or metrics.NO_LABEL)}"
    if by == "version":
        agent, version = filters.form.versions[key]
        return f"{here}?{scope_query(replace(scope, agent=agent, version=version), by=by)}"
    narrowed = {"agent": {"agent": key, "version": ""}, "queue": {"queue": key}}[by]
    return f"{here}?{scope_query(replace(scope, **narrowed), by=by)}"


def _part(filters: Filters, figure: Figure, by: str, key: Any, part: str) -> Cell:
    text = number = whole(figure.parts[part])
    if figure.is_enough:
        text = f"{number} · {percent(figure.share_of(part))}"
    return Cell(text, f"{_group_url(filters, figure.metric, by, key)}&part={part}", figure.parts[part])


def _heading(metric: Metric, by: str) -> str:
    titles = {"version": _("Version"), "agent": _("Agent"), "queue": _("Queue")}
    return titles.get(by) or label_title(metric)


def _group_names(metric: Metric, filters: Filters, by: str, found: Mapping[Any, Figure]) -> Mapping[Any, str]:
    if by == "version":
        return {key: f"{agent} {name}" for key, (agent, name) in filters.form.versions.items()}
    return metric_words.labels(metric, map(str, found)) if by == "label" else {}


def _curve(curve: Survival, scope: Scope) -> dict[str, Any] | None:
    """Who still waits, by time: Kaplan and Meier's estimate, each point of which is of all the cases."""
    if not curve.is_enough or not curve.steps:
        return None
    end = next((one.seconds for one in curve.steps if one.share <= _TAIL), curve.steps[-1].seconds)
    wait = METRICS["wait"]
    rows, url = [], cases_url(scope, wait)
    for number in range(_CURVE_POINTS + 1):
        seconds = end * number / _CURVE_POINTS
        one = curve.at(seconds)
        words = f"{percent(one.share)} ({interval((one.low, one.high))})"
        rows.append((amount(wait, seconds), [Cell(words, url, round(100 * one.share, 1))]))
    title, hint = _("Who still waits"), _("% of the cases received, by the time since")
    headings = [_("After"), _("still waiting")]
    low, high = curve.interval
    return {
        "median": amount(wait, curve.median) if curve.median is not None else "",
        "low": amount(wait, low),
        "high": amount(wait, high),
        "n": curve.n,
        "events": curve.events,
        "chart": replace(charts.of_rows("curve", title, hint, "line", "%", headings, rows), is_wide=True),
    }


def _line(metric: Metric, row: Row, names: Mapping[str, str]) -> Line:
    part = metric.part(row.part)
    value = amount(metric, row.value) if row.value is not None else ""
    return Line(row, str(part.title) if part else "", names.get(row.label, row.label), value)


_LABELS = {
    "reason": gettext_lazy("reason"),
    "state": gettext_lazy("state"),
    "operator": gettext_lazy("person"),
    "confidence": gettext_lazy("confidence from"),
    "confidence_source": gettext_lazy("source"),
    "step": gettext_lazy("step"),
    "checkpoint": gettext_lazy("checkpoint"),
    "detector": gettext_lazy("detector"),
    "responsible": gettext_lazy("who"),
    "tool": gettext_lazy("tool"),
    "code": gettext_lazy("code"),
    "sweep": gettext_lazy("sweep"),
    "timer": gettext_lazy("timer"),
    "event": gettext_lazy("event"),
}
# Labels that are numbers.
_ORDERED = ("confidence", "step")
_UNITS = {"usd": "USD"}
_SHARES = (Shape.SHARE, Shape.RATE)
_SHAPE_UNITS = {Shape.SHARE: "%", Shape.RATE: "%", Shape.GINI: "Gini"}
