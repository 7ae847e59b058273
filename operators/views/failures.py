"""What goes wrong, in which version, at which step, and whose fault it was."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from escalations import clocks, failures, metrics
from escalations.metrics import METRICS, Figure, Scope
from escalations.models import Fault, Responsible
from operators import charts, failure_charts
from operators.access import who_sees_figures
from operators.failure_charts import counted
from operators.filters import Filters, cases_url

# What people said of causes: names with their counts, by `responsible`, `tool`, `code` and `root`.
Said = Mapping[str, list[tuple[str, int]]]


@require_GET
def failures_page(request: HttpRequest) -> HttpResponse:
    """The failure modes of the period; `mode` narrows what is told of them to one.

    Raises:
        PermissionDenied: for operators.
    """
    operator = who_sees_figures(request)
    filters = Filters.of(request.GET, operator, clocks.database_now())
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
    return render(request, "operators/failures.html", context)


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


def _charts(scope: Scope, versions: dict[int, tuple[str, str]], mode: str) -> list[charts.Chart]:
    by_version = metrics.breakdown(["failure"], scope, "version")
    missed = metrics.breakdown(["missed_checkpoints"], scope, "label")["missed_checkpoints"]
    said = failures.details(scope, mode)
    most_missed = sorted(missed.items(), key=lambda one: -one[1].n)[:20]
    shown = [
        charts.modes_by_version(by_version, versions, scope),
        failure_charts.histogram(failures.first_errors(scope), scope, mode),
        counted(
            "missed",
            _("Missed checkpoints"),
            _("what would have caught the error"),
            _("Checkpoint"),
            [(name, one.n, cases_url(scope, one.metric, label=name)) for name, one in most_missed],
        ),
        counted("root", _("Root cause"), _("by step"), _("Step"), _by_step(said.get("root", []))),
        counted("responsible", _("Responsible"), _("whose fault"), _("Who"), _named(said, "responsible")),
        counted("tools", _("Tool faults"), _("by tool and kind"), _("Tool"), _tools(said)),
        counted("codes", _("Published codes"), _("of MAST and AgentRx"), _("Code"), _named(said, "code")),
    ]
    # What nobody said anything about is no chart.
    return [chart for chart in shown if chart.rows]


def _by_step(found: list[tuple[str, int]]) -> list[tuple[str, int, str]]:
    return [(step, n, "") for step, n in sorted(found, key=lambda one: int(one[0]))][:40]


def _named(said: Said, what: str) -> list[tuple[str, int, str]]:
    labels = dict(Responsible.choices) if what == "responsible" else {}
    return [(str(labels.get(name, name)), n, "") for name, n in said.get(what, [])[:20]]


def _tools(said: Said) -> list[tuple[str, int, str]]:
    kinds = {str(value): str(label) for value, label in Fault.choices}
    return [
        (" · ".join(kinds.get(part, part) for part in name.split(" · ")), n, "")
        for name, n in said.get("tool", [])[:20]
    ]
