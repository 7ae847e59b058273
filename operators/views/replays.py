"""Last week once more: as the desk is set up, and as it might be."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from escalations import nudges, replay
from escalations.models import Agent, Replay
from operators import replay_pages
from operators.access import may_change_policies, who_sees_figures
from operators.forms.replay import ReplayForm

# The replays that are listed.
SHOWN = 20


@require_http_methods(["GET", "POST"])
def replays(request: HttpRequest) -> HttpResponse:
    """What was replayed lately, and the form for another one; POST starts it.

    Raises:
        PermissionDenied: for operators.
    """
    operator = who_sees_figures(request)
    form = ReplayForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        asked = replay.start(operator=operator, queue=form.cleaned_data["queue"], settings=form.settings)
        transaction.on_commit(nudges.replay_soon)
        return HttpResponseRedirect(reverse("replay", args=[asked.pk]))
    made = Replay.objects.select_related("started_by")[:SHOWN]
    context = {
        "form": form,
        "days": replay.DAYS,
        "made": [(one, list(replay_pages.changes(one))) for one in made],
        "agents": Agent.objects.filter(is_active=True) if may_change_policies(operator) else (),
    }
    return render(request, "operators/replays.html", context, status=422 if form.is_bound else 200)


@require_GET
def replay_page(request: HttpRequest, replay_id: int) -> HttpResponse:
    """One replay: how far it has come, then what came out.

    Raises:
        PermissionDenied: for operators.
        Http404: there is no such replay.
    """
    who_sees_figures(request)
    one = get_object_or_404(Replay.objects.select_related("started_by"), pk=replay_id)
    context = {"replay": one, "shown": replay_pages.shown(one), "changes": list(replay_pages.changes(one))}
    template = "_replay.html" if request.headers.get("HX-Request") else "replay.html"
    return render(request, f"operators/{template}", context)
