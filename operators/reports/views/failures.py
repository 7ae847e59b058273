"""What goes wrong, in which version, at which step, and whose fault it was."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from escalations import metrics
from escalations.metrics import METRICS, Figure, Scope
from escalations.reports import failures
from operators.metrics.charts import failure_charts, version_charts
from operators.metrics.charts.chart import Chart
from operators.metrics.filters import cases_url, figures_asked


@require_GET
def failures_page(request: HttpRequest) -> HttpResponse:
    """The failure modes of the period; `mode` narrows what is told of them to one.

    Raises:
        PermissionDenied: for operators.
    """
    filters = figures_asked(request)
    titles = failure_charts.mode_titles()
    mode = request.GET.get("mode", "")
    mode = mode if mode in titles else ""
    scope = filters.scope
    figure = metrics.measure(["failure"], scope)["failure"]
    context = {
        "filters": filters,
        "figure": figure,
        "mode": mode,
        "mode_title": titles.get(mode, ""),
        "modes": [_pill(request, name, title, figure) for name, title in titles.items()],
        "kept": [("mode", mode)],
        "all_url": _address(request, ""),
        "cases_url": cases_url(scope, METRICS["failure"], mode),
        "charts": _charts(scope, filters.form.versions, mode),
    }
    return render(request, "operators/reports/failures.html", context)


def _pill(request: HttpRequest, name: str, title: str, figure: Figure) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "n": figure.parts.get(name, 0),
        "share": figure.share_of(name) if figure.is_enough else None,
        "url": _address(request, name),
    }


def _address(request: HttpRequest, mode: str) -> str:
    kept = {name: value for name, value in request.GET.items() if name != "mode" and value}
    return f"?{urlencode(kept | ({'mode': mode} if mode else {}))}"


def _charts(scope: Scope, versions: dict[int, tuple[str, str]], mode: str) -> list[Chart]:
    by_version = metrics.breakdown(["failure"], scope, "version")
    said = failures.said(scope, mode)
    shown = [
        version_charts.modes_by_version(by_version, versions, scope),
        failure_charts.histogram(failures.first_errors(scope), scope, mode),
        *(failure_charts.counted(name, said[name], scope, mode) for name in failures.SAID),
    ]
    # What nobody said anything about is no chart.
    return [chart for chart in shown if chart.rows]
