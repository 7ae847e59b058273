"""What a resolved case costs in money and time, and which kinds could be decided by code."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from escalations import metrics
from escalations.metrics import METRICS, Scope
from escalations.models import Decision
from escalations.reports.code_candidates import Candidate, candidates
from operators.metrics.case_list import category_url
from operators.metrics.charts import time_charts, version_charts
from operators.metrics.charts.chart import Chart
from operators.metrics.filters import figures_asked
from operators.metrics.measured import tiles
from operators.rendering.formatting import interval

_TILES = ["cost", "people_cost", "agent_cost", "handle", "run_time", "retries", "could_be_code"]
_BY_VERSION = ["cost", "people_cost", "agent_cost", "handle", "run_time", "retries"]


@require_GET
def costs_page(request: HttpRequest) -> HttpResponse:
    """Cards, charts and candidates of the period.

    Raises:
        PermissionDenied: for operators.
    """
    filters = figures_asked(request)
    scope = filters.scope
    shown = tiles(_TILES, scope)
    context = {
        "filters": filters,
        "tiles": shown,
        "is_empty": not any(tile.n for tile in shown),
        "charts": _charts(scope, filters.form.versions),
        "candidates": [(one, _said(one), _places(one, scope)) for one in candidates(scope)],
    }
    return render(request, "operators/reports/costs.html", context)


def _charts(scope: Scope, versions: dict[int, tuple[str, str]]) -> list[Chart]:
    over_time = metrics.series(["cost", "people_cost", "agent_cost"], scope)
    by_version = metrics.breakdown(_BY_VERSION, scope, "version")
    return [
        time_charts.costs_over_time(over_time, scope),
        version_charts.costs_by_version(by_version, versions, scope),
        version_charts.minutes_by_version(by_version, versions, scope),
        version_charts.retries_by_version(by_version, versions, scope),
    ]


def _places(one: Candidate, scope: Scope) -> dict[str, str]:
    """The lists of the cases that each figure of a candidate is of."""
    of_agent = replace(scope, agent=one.agent)
    named = category_url(of_agent, METRICS["could_be_code"], one.category, "code")
    resolved = {"alike": "resolution", "cost": "cost", "time": "handle"}
    return {"named": named} | {
        figure: category_url(of_agent, METRICS[metric], one.category) for figure, metric in resolved.items()
    }


def _said(one: Candidate) -> str:
    """How alike the cases were decided, in words."""
    values = {"alike": one.alike, "n": one.n, "decision": Decision(one.decision).label}
    words = _("%(alike)s of %(n)s: %(decision)s") % values
    return f"{words} ({interval(one.interval)})" if one.is_enough else words
