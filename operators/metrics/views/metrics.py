"""The figures of the desk. Reviewers and admins see them, for all queues."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from escalations import metrics
from escalations.auditing import audit
from escalations.metrics import METRICS, Figure, Metric, Passing, Scope
from escalations.sla import clocks
from operators.access import signed_in
from operators.metrics import page, table
from operators.metrics.cards import CARDS, cards
from operators.metrics.charts import time_charts, version_charts
from operators.metrics.filters import Filters, figures_asked, scope_query
from operators.metrics.page import MetricForm
from operators.rendering.formatting import interval
from operators.rendering.streaming import csv_file

_OVER_TIME = ["intake", "pickup_sla", "resolution_sla", "pickup", "resolution"]
_IN_ALL = ["backlog", "pickup", "resolution", "override", "cost", "people_cost", "expiry", "abandonment"]
_BY_VERSION = ["failure", "override", "cost", "people_cost", "agent_cost"]


@require_GET
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Cards and charts of the period and what it is narrowed to.

    Raises:
        PermissionDenied: for operators.
    """
    filters = figures_asked(request)
    context = _figures(filters.scope, filters.form.versions)
    return render(
        request, "operators/metrics/metrics.html", context | {"filters": filters, "enough": metrics.ENOUGH}
    )


@require_GET
def all_metrics(request: HttpRequest) -> HttpResponse:
    """Every metric in one table, each against the period before.

    Raises:
        PermissionDenied: for operators.
    """
    filters = figures_asked(request)
    context = {"filters": filters, "topics": table.topics(filters.scope, clocks.database_now())}
    return render(
        request, "operators/metrics/all_metrics.html", context | {"file": scope_query(filters.scope)}
    )


@require_GET
def all_metrics_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same as a file.

    Raises:
        PermissionDenied: for operators.
    """
    lines = table.csv_lines(figures_asked(request).scope)
    return csv_file(request, lines, "metrics")


@require_GET
def metric_rows(request: HttpRequest, name: str) -> HttpResponse:
    """One metric: its figure, its course, what tells it apart, and the rows behind it.

    Raises:
        PermissionDenied: for operators.
        Http404: there is no such metric.
    """
    metric, filters, form = _asked(request, name)
    context = {"filters": filters, "form": form} | page.context(metric, filters, form, clocks.database_now())
    return render(request, "operators/metrics/metric.html", context)


@require_GET
def metric_rows_csv(request: HttpRequest, name: str) -> StreamingHttpResponse:
    """All the rows as a file.

    Raises:
        PermissionDenied: for operators.
        Http404: there is no such metric.
    """
    metric, filters, form = _asked(request, name)
    chosen = {field: form.cleaned_data.get(field, "") for field in ("part", "label")}
    actor = audit.operator_actor(signed_in(request))
    audit.write(actor=actor, action="export", target=f"export:metric {metric.name}")
    lines = page.csv_lines(metric, filters.scope, **chosen)
    return csv_file(request, lines, metric.name)


def _asked(request: HttpRequest, name: str) -> tuple[Metric, Filters, MetricForm]:
    """Of which metric, narrowed to what; invalid entries do not count."""
    filters = figures_asked(request)
    if name not in METRICS:
        raise Http404(_("There is no such metric."))
    form = MetricForm(request.GET, METRICS[name])
    form.is_valid()
    return METRICS[name], filters, form


def _figures(scope: Scope, versions: dict[int, tuple[str, str]]) -> dict[str, Any]:
    ahead = metrics.is_ahead(scope)
    series = metrics.series(_OVER_TIME, scope, ahead=ahead)
    counted = {
        name: Figure.total(METRICS[name], series[name].values())
        for name in ("intake", "pickup_sla", "resolution_sla")
    }
    figures = counted | metrics.measure(_IN_ALL, scope, ahead=ahead)
    before = metrics.measure([name for name in CARDS if not METRICS[name].is_now], scope.before)
    by_version = metrics.breakdown(_BY_VERSION, scope, "version", ahead=ahead)
    return {
        "cards": cards(figures, before, scope),
        "charts": [
            time_charts.flow(series, scope),
            *time_charts.over_time(series, scope),
            time_charts.backlog(figures["backlog"], scope),
            *version_charts.by_version(by_version, versions, scope),
        ],
        "passing": [(one, interval(one.interval), _outputs(one, scope)) for one in metrics.passing(scope)],
        "is_empty": not figures["intake"].n and not figures["backlog"].n and not figures["resolution"].n,
    }


def _outputs(one: Passing, scope: Scope) -> str:
    """The rows of what was checked of a step."""
    query = scope_query(replace(scope, agent=one.agent), label=one.step)
    return f"{reverse('metric_rows', args=['checkpoints'])}?{query}"
