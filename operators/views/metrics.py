"""The figures of the desk. Reviewers and admins see them, for all queues."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from escalations import clocks, metrics
from escalations.metrics import METRICS, Figure, Scope
from operators import charts
from operators.access import signed_in
from operators.cards import cards, interval
from operators.filters import Filters

_OVER_TIME = ["intake", "pickup_sla", "resolution_sla", "pickup", "resolution"]
_IN_ALL = ["backlog", "pickup", "resolution", "override", "cost", "people_cost", "expiry", "abandonment"]
_BY_VERSION = ["failure", "override", "cost", "people_cost", "agent_cost"]


@require_GET
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Cards and charts of the period and what it is narrowed to.

    Raises:
        PermissionDenied: for operators.
    """
    operator = signed_in(request)
    if not operator.sees_figures:
        raise PermissionDenied
    filters = Filters.of(request.GET, operator, clocks.database_now())
    context = _figures(filters.scope, filters.form.versions)
    return render(request, "operators/metrics.html", context | {"filters": filters, "enough": metrics.ENOUGH})


def _figures(scope: Scope, versions: dict[int, tuple[str, str]]) -> dict[str, Any]:
    series = metrics.series(_OVER_TIME, scope)
    counted = {
        name: Figure.total(METRICS[name], series[name].values())
        for name in ("intake", "pickup_sla", "resolution_sla")
    }
    figures = counted | metrics.measure(_IN_ALL, scope)
    by_version = metrics.breakdown(_BY_VERSION, scope, "version")
    return {
        "cards": cards(figures, scope),
        "charts": [
            charts.flow(series, scope),
            *charts.over_time(series, scope),
            charts.backlog(figures["backlog"], scope),
            *charts.by_version(by_version, versions, scope),
        ],
        "passing": [(one, interval(one.interval)) for one in metrics.passing(scope)],
        "is_empty": not figures["intake"].n and not figures["backlog"].n and not figures["resolution"].n,
    }
