"""Whether versions of agents are ready to work alone."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from escalations import metrics
from escalations.models import AgentVersion
from escalations.reports.scorecard import MODES, Control, controls, scorecard
from operators.metrics.filters import figures_asked
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
    rows = [
        {
            "version": version,
            "failure": found["failure"][version.pk],
            "shares": [found["failure"][version.pk].share_of(mode.value) for mode in MODES],
            "override": found["override"].get(version.pk),
            "over_escalation": found["over_escalation"].get(version.pk),
            "cost": found["cost"].get(version.pk),
            "on": len(controls(version, filters.scope.until).on),
        }
        for version in shown
    ]
    context = {"filters": filters, "rows": rows, "modes": MODES, "controls": len(Control)}
    return render(request, "operators/reports/scorecards.html", context)


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
