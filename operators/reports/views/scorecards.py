"""Whether versions of agents are ready to work alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from escalations import metrics
from escalations.metrics import METRICS, Figure, Scope
from escalations.models import AgentVersion
from escalations.reports.scorecard import MODES, Control, controls, scorecard
from operators.metrics.filters import cases_url, figures_asked
from operators.metrics.measured import tiles
from operators.reports import scorecard_pages

# The versions that are listed, the newest of each agent first.
SHOWN = 60
# Rates of a week rest on too few cases.
_PERIOD = "30d"
_TILES = ["intake", "over_escalation", "override", "cost", "reopens"]


@require_GET
def scorecard_list(request: HttpRequest) -> HttpResponse:
    """All versions with cases in the period, each in a row.

    Raises:
        PermissionDenied: for operators.
    """
    filters = figures_asked(request, period=_PERIOD)
    found = metrics.breakdown(["failure", "override", "over_escalation", "cost"], filters.scope, "version")
    versions = AgentVersion.objects.select_related("agent").filter(id__in=found["failure"].keys())
    shown = versions.order_by("agent__name", "-created_at")[:SHOWN]
    rows = [_row(version, found, filters.scope) for version in shown]
    context = {"filters": filters, "rows": rows, "modes": MODES, "controls": len(Control)}
    return render(request, "operators/reports/scorecards.html", context)


def _row(version: AgentVersion, found: Mapping[str, Mapping[Any, Figure]], scope: Scope) -> dict[str, Any]:
    """A version with its figures, each with the address of its cases."""
    scope = replace(scope, agent=version.agent.name, version=version.name)
    figures = {name: of_versions.get(version.pk) for name, of_versions in found.items()}
    failure = found["failure"][version.pk]
    return figures | {
        "version": version,
        "urls": {name: cases_url(scope, METRICS[name]) for name in found},
        "shares": [
            (failure.share_of(mode.value), cases_url(scope, METRICS["failure"], mode.value)) for mode in MODES
        ],
        "on": len(controls(version, scope.until).on),
    }


@require_GET
def scorecard_page(request: HttpRequest, version_id: int) -> HttpResponse:
    """One version: its failure modes, what is in place against them, and the worst cases of each.

    Raises:
        PermissionDenied: for operators.
        Http404: there is no such version.
    """
    filters = figures_asked(request, period=_PERIOD)
    version = AgentVersion.objects.select_related("agent").filter(id=version_id).first()
    if version is None:
        raise Http404(_("There is no such version."))
    scope = replace(filters.scope, agent=version.agent.name, version=version.name)
    filters = replace(filters, scope=scope)
    card = scorecard(version, scope)
    by_control = scorecard_pages.shown_controls(version, card.controls)
    context = {
        "filters": filters,
        "card": card,
        "modes": scorecard_pages.shown_modes(card, filters),
        "controls": by_control.values(),
        "on": len(card.controls.on),
        "tiles": tiles(_TILES, scope),
        "others": AgentVersion.objects.filter(agent=version.agent_id).order_by("-created_at")[:SHOWN],
    }
    return render(request, "operators/reports/scorecard.html", context)
