"""Charts over time, by hour or day, and how old what is open has grown."""

from dataclasses import replace
from datetime import datetime

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from escalations.metrics import METRICS, Figure, Metric, Scope, Shape
from operators.metrics.charts import columns
from operators.metrics.charts.chart import (
    CASES,
    MODE_TONES,
    Cell,
    Chart,
    Row,
    Series,
    Table,
    data,
    of_rows,
    point,
)
from operators.metrics.filters import cases_url
from operators.rendering.formatting import whole

# By its sign, what a chart of times in a unit is called.
_HINTS = {
    "h": gettext_lazy("p50 and p90, hours"),
    "min": gettext_lazy("p50 and p90, minutes"),
    "s": gettext_lazy("p50 and p90, seconds"),
}
# The least of the highest value from which a unit is the handy one, its seconds, its sign.
_UNITS = [(2 * 3600.0, 3600.0, "h"), (120.0, 60.0, "min"), (0.0, 1.0, "s")]


def handy_unit(highest: float) -> tuple[float, str]:
    """In which unit times of up to `highest` seconds are drawn: how many seconds it has, and its sign."""
    return next((seconds, sign) for least, seconds, sign in _UNITS if highest >= least)


def flow(series: Series, scope: Scope) -> Chart:
    """What came in and what was resolved."""
    chart = _over_time(series, scope).chart(
        "flow",
        _("Received and resolved"),
        _("cases an hour") if scope.is_hourly else _("cases a day"),
        "line",
        CASES,
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


def backlog(figure: Figure, scope: Scope) -> Chart:
    """How old the open cases are."""
    parts = figure.metric.parts
    counts = [figure.parts[part.name] for part in parts]
    urls = [cases_url(scope, figure.metric, part.name) for part in parts]
    points = [point(count, url) for count, url in zip(counts, urls, strict=True)]
    cells = [[Cell(whole(count), url, count)] for count, url in zip(counts, urls, strict=True)]
    labels = [str(part.title) for part in parts]
    return Chart(
        "backlog",
        _("Backlog by age"),
        _("open cases, now"),
        data("bar", CASES, labels, [(_("cases"), "accent", points)]),
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
    return replace(table.chart("course", title, hint, "line", CASES, *shown), is_wide=True)


def standing(metric: Metric, series: Series, scope: Scope) -> Chart:
    """How many there were at the end of each hour or day, and what came and went in it."""
    flows = [METRICS[name] for name in metric.flows]
    rows = []
    for start in scope.buckets():
        row, stood = _bucket(start, scope), series[metric.name][start]
        then = cases_url(row.scope, metric, at=row.scope.until.isoformat())
        cells = [Cell(whole(stood.n), then, stood.n)]
        for flow in flows:
            figure = series[flow.name].get(start) or Figure.empty(flow)
            cells.append(Cell(whole(figure.n), cases_url(row.scope, flow), figure.n))
        rows.append((row.label, cells))
    heading = _("Hour") if scope.is_hourly else _("Day")
    hint = _("open at the end of the hour") if scope.is_hourly else _("open at the end of the day")
    titles = [heading, pgettext("adjective", "Open"), *(str(flow.title) for flow in flows)]
    chart = of_rows("course", str(metric.title), hint, "line", CASES, titles, rows)
    return replace(chart, is_wide=True)


def _over_time(series: Series, scope: Scope) -> Table:
    rows = [_bucket(start, scope) for start in scope.buckets()]
    return Table(_("Hour") if scope.is_hourly else _("Day"), rows, series)


def _bucket(start: datetime, scope: Scope) -> Row:
    there = start.astimezone(scope.zone)
    written = "H:i" if scope.is_hourly else pgettext("format of a day of this year", "j M")
    label = dateformat.format(there, written)
    if scope.after(start) > scope.until:
        # In a line of its own, for which there is room below an axis.
        label += "\n" + _("so far")
    part = replace(scope, since=max(start, scope.since), until=min(scope.after(start), scope.until))
    return Row(label, start, part)


def _times(table: Table, name: str) -> Chart:
    measured = [figure.p90 or 0.0 for figure in table.series[name].values() if figure.is_enough]
    highest = max(measured, default=0.0)
    seconds, sign = handy_unit(highest)
    return table.chart(
        name,
        str(METRICS[name].title),
        str(_HINTS[sign]),
        "line",
        sign,
        columns.count(name),
        columns.time(name, "p50", "accent", seconds),
        columns.time(name, "p90", "warn", seconds),
        columns.time(name, "p95", "", seconds),
        columns.time(name, "mean", "", seconds),
    )
