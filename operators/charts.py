"""Charts as values: what charts.js draws, and the table behind it, each number with its cases' address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from escalations.metrics import METRICS, Figure, Metric, Scope, Shape
from operators import columns
from operators.cards import whole
from operators.columns import Column
from operators.filters import cases_url

Series = Mapping[str, Mapping[Any, Figure]]
MODE_TONES = {
    "edge_case": "accent",
    "context_dilution": "warn",
    "error_cascade": "bad",
    "integration": "ink",
    "cost": "soft",
    "other": "line",
    "none": "",
}
_CASES = "cases"
# The least of the highest value from which a unit is the handy one, its seconds, its sign, the hint.
_UNITS = [
    (2 * 3600.0, 3600.0, "h", gettext_lazy("p50 and p90, hours")),
    (120.0, 60.0, "min", gettext_lazy("p50 and p90, minutes")),
    (0.0, 1.0, "s", gettext_lazy("p50 and p90, seconds")),
]


@dataclass(frozen=True)
class Cell:
    """One number of a table, linked to its cases; `number` is what a file of the table has in its place."""

    text: str
    url: str = ""
    number: float | None = None


@dataclass(frozen=True)
class Chart:
    """`data` is as charts.js wants it; each row starts with its heading."""

    id: str
    title: str
    hint: str
    data: Mapping[str, Any]
    headings: list[str]
    rows: list[tuple[str, list[Cell]]]
    is_wide: bool = False

    @property
    def script_id(self) -> str:
        """Of the element that holds `data`."""
        return f"chart-{self.id}"


@dataclass(frozen=True)
class Row:
    """What a row is called, the key of its figures, the scope of its cases, and a label that they share."""

    label: str
    key: Any
    scope: Scope
    of_label: str = ""


@dataclass(frozen=True)
class Table:
    """Rows that several charts share."""

    heading: str
    rows: list[Row]
    series: Series

    def chart(self, id_: str, title: str, hint: str, kind: str, unit: str, *shown: Column) -> Chart:
        """A chart of the columns that have a tone, over a table of all of them."""
        drawn = []
        lines: list[list[Cell]] = [[] for _ in self.rows]
        for column in shown:
            points = []
            for row, cells in zip(self.rows, lines, strict=True):
                figure = self.series[column.metric].get(row.key) or Figure.empty(METRICS[column.metric])
                url = cases_url(row.scope, figure.metric, column.part, label=row.of_label)
                cells.append(Cell(column.text(figure), url, column.value(figure)))
                points.append(_point(column.value(figure), url))
            if column.tone:
                drawn.append((column.title, column.tone, points))
        labels = [row.label for row in self.rows]
        headings = [self.heading, *(column.title for column in shown)]
        return Chart(
            id_,
            title,
            hint,
            _data(kind, unit, labels, drawn),
            headings,
            list(zip(labels, lines, strict=True)),
        )


def flow(series: Series, scope: Scope) -> Chart:
    """What came in and what was resolved."""
    chart = _over_time(series, scope).chart(
        "flow",
        _("Received and resolved"),
        _("cases an hour") if scope.is_hourly else _("cases a day"),
        "line",
        _CASES,
        columns.count("intake", _("received"), "accent"),
        columns.count("resolution", _("resolved"), "good"),
    )
    return replace(chart, is_wide=True)


def over_time(series: Series, scope: Scope) -> list[Chart]:
    """What is asked by hour or day."""
    table = _over_time(series, scope)
    kept = table.chart(
        "kept",
        _("SLA kept"),
        # xgettext:no-python-format
        _("% of the cases received"),
        "line",
        "%",
        columns.share("pickup_sla", _("pickup"), "accent"),
        columns.count("pickup_sla"),
        columns.part_count("pickup_sla", "breached"),
        columns.share("resolution_sla", _("resolution"), "good"),
        columns.count("resolution_sla"),
        columns.part_count("resolution_sla", "breached"),
    )
    return [kept, _times(table, "pickup"), _times(table, "resolution")]


def by_version(series: Series, versions: Mapping[int, tuple[str, str]], scope: Scope) -> list[Chart]:
    """What is asked of each agent version; `versions` gives (agent, version) by id."""
    overrides = _versions("override", series, versions, scope).chart(
        "overrides",
        _("Override rate"),
        # xgettext:no-python-format
        _("% of proposals"),
        "bar",
        "%",
        columns.share("override", _("decided otherwise"), "accent"),
        columns.count("override"),
        columns.part_count("override", "overrode"),
    )
    return [
        overrides,
        costs_by_version(series, versions, scope),
        modes_by_version(series, versions, scope),
    ]


def modes_by_version(series: Series, versions: Mapping[int, tuple[str, str]], scope: Scope) -> Chart:
    """What went wrong in each version."""
    modes = (columns.part_share("failure", mode, tone) for mode, tone in MODE_TONES.items())
    chart = _versions("failure", series, versions, scope).chart(
        "failures",
        _("Failure modes"),
        # xgettext:no-python-format
        _("% of labelled cases"),
        "stacked",
        "%",
        columns.count("failure"),
        *modes,
    )
    return replace(chart, is_wide=True)


def costs_by_version(series: Series, versions: Mapping[int, tuple[str, str]], scope: Scope) -> Chart:
    """What a resolved case of each version costs."""
    return _versions("cost", series, versions, scope).chart(
        "costs",
        _("Cost per resolved case"),
        _("mean, US dollars"),
        "stacked",
        "USD",
        columns.count("cost"),
        columns.mean_cost("people_cost", _("operators"), "accent"),
        columns.mean_cost("agent_cost", pgettext("part of a cost", "agent"), "soft"),
        columns.mean_cost("cost", _("together")),
    )


def minutes_by_version(series: Series, versions: Mapping[int, tuple[str, str]], scope: Scope) -> Chart:
    """How long a resolved case of each version took its agent, and people."""
    return _versions("handle", series, versions, scope).chart(
        "minutes",
        _("Minutes per resolved case"),
        _("mean"),
        "stacked",
        "min",
        columns.count("handle"),
        columns.mean_minutes("handle", _("operators"), "accent"),
        columns.mean_minutes("run_time", pgettext("part of a cost", "agent"), "soft"),
    )


def costs_over_time(series: Series, scope: Scope) -> Chart:
    """What a resolved case costs, by hour or day."""
    chart = _over_time(series, scope).chart(
        "costs-over-time",
        _("Cost per resolved case"),
        _("mean, US dollars"),
        "stacked",
        "USD",
        columns.count("cost"),
        columns.mean_cost("people_cost", _("operators"), "accent"),
        columns.mean_cost("agent_cost", pgettext("part of a cost", "agent"), "soft"),
    )
    return replace(chart, is_wide=True)


def retries_by_version(series: Series, versions: Mapping[int, tuple[str, str]], scope: Scope) -> Chart:
    """How often runs tried again."""
    return _versions("retries", series, versions, scope).chart(
        "retries",
        _("Retries"),
        _("mean of the runs that reported them"),
        "bar",
        "",
        columns.count("retries"),
        columns.mean("retries", _("retries"), "warn"),
    )


def _versions(metric: str, series: Series, versions: Mapping[int, tuple[str, str]], scope: Scope) -> Table:
    rows = [
        Row(f"{agent} {name}", key, replace(scope, agent=agent, version=name))
        for key, (agent, name) in versions.items()
        if key in series[metric]
    ]
    return Table(_("Version"), rows, series)


def backlog(figure: Figure, scope: Scope) -> Chart:
    """How old the open cases are."""
    parts = figure.metric.parts
    counts = [figure.parts[part.name] for part in parts]
    urls = [cases_url(scope, figure.metric, part.name) for part in parts]
    points = [_point(count, url) for count, url in zip(counts, urls, strict=True)]
    cells = [[Cell(whole(count), url, count)] for count, url in zip(counts, urls, strict=True)]
    labels = [str(part.title) for part in parts]
    return Chart(
        "backlog",
        _("Backlog by age"),
        _("open cases, now"),
        _data("bar", _CASES, labels, [(_("cases"), "accent", points)]),
        [_("Age"), _("cases")],
        list(zip(labels, cells, strict=True)),
    )


def course(metric: Metric, series: Series, scope: Scope) -> Chart:
    """One metric by hour or day."""
    table, title = _over_time(series, scope), str(metric.title)
    if metric.shape in (Shape.SHARE, Shape.RATE):
        shown = [columns.share(metric.name, title, "accent"), columns.count(metric.name)]
        return replace(table.chart("course", title, "%", "line", "%", *shown), is_wide=True)
    if metric.shape is Shape.VALUES and metric.unit == "seconds":
        return replace(_times(table, metric.name), is_wide=True)
    if metric.shape is Shape.VALUES:
        shown = [
            columns.statistic(metric.name, "mean", "accent"),
            columns.statistic(metric.name, "p90", "warn"),
            columns.statistic(metric.name, "p50"),
            columns.statistic(metric.name, "p95"),
        ]
        hint = _("mean and p90")
        unit = "USD" if metric.unit == "usd" else ""
        return replace(
            table.chart("course", title, hint, "line", unit, *shown, columns.count(metric.name)), is_wide=True
        )
    if metric.shape is Shape.PARTS:
        tones = {part.name: MODE_TONES.get(part.name, part.tone) for part in metric.parts}
        shown = [columns.count(metric.name)]
        shown += [columns.part_share(metric.name, name, tone) for name, tone in tones.items()]
        return replace(table.chart("course", title, "%", "stacked", "%", *shown), is_wide=True)
    if metric.shape is Shape.GINI:
        shown = [columns.statistic(metric.name, "gini", "accent"), columns.count(metric.name)]
        return replace(table.chart("course", title, "Gini", "line", "", *shown), is_wide=True)
    hint = _("an hour") if scope.is_hourly else _("a day")
    shown = [columns.count(metric.name, title, "accent")]
    return replace(table.chart("course", title, hint, "line", _CASES, *shown), is_wide=True)


def of_rows(
    id_: str,
    title: str,
    hint: str,
    kind: str,
    unit: str,
    headings: list[str],
    rows: list[tuple[str, list[Cell]]],
) -> Chart:
    """A chart of the first column of a table."""
    points = [_point(cells[0].number, cells[0].url) for _, cells in rows]
    data = _data(kind, unit, [label for label, _ in rows], [(headings[1], "accent", points)])
    return Chart(id_, title, hint, data, headings, rows)


def _over_time(series: Series, scope: Scope) -> Table:
    rows = [_bucket(start, scope) for start in scope.buckets()]
    return Table(_("Hour") if scope.is_hourly else _("Day"), rows, series)


def _bucket(start: datetime, scope: Scope) -> Row:
    there = start.astimezone(scope.zone)
    written = "H:i" if scope.is_hourly else pgettext("format of a day of this year", "j M")
    label = dateformat.format(there, written)
    part = replace(scope, since=max(start, scope.since), until=min(scope.after(start), scope.until))
    return Row(label, start, part)


def _times(table: Table, name: str) -> Chart:
    measured = [figure.p90 or 0.0 for figure in table.series[name].values() if figure.is_enough]
    highest = max(measured, default=0.0)
    __, seconds, sign, hint = next(unit for unit in _UNITS if highest >= unit[0])
    return table.chart(
        name,
        str(METRICS[name].title),
        str(hint),
        "line",
        sign,
        columns.count(name),
        columns.time(name, "p50", "accent", seconds),
        columns.time(name, "p90", "warn", seconds),
        columns.time(name, "p95", "", seconds),
        columns.time(name, "mean", "", seconds),
    )


def _data(kind: str, unit: str, x: list[str], series: Iterable[tuple[str, str, list[Any]]]) -> dict[str, Any]:
    lines = [{"name": name, "tone": tone, "data": points} for name, tone, points in series]
    data = {"type": kind, "unit": unit, "zero": True, "x": x, "series": lines}
    if unit == _CASES:
        data |= {"unit": _("cases"), "whole": True}
    return data | {"max": 100} if (kind, unit) == ("line", "%") else data


def _point(value: float | None, url: str) -> dict[str, Any] | None:
    return None if value is None else {"value": value, "href": url}
