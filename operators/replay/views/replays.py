"""Last week once more: as the desk is set up, and as it might be."""

from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from escalations import nudges, replay
from escalations.models import Agent, Operator, PolicyReplay, Replay
from escalations.sla import clocks
from operators.access import may_change_policies, who_sees_figures
from operators.replay import routing_replays
from operators.replay.forms.policy_replay import PolicyReplayForm
from operators.replay.forms.replay import ReplayForm

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
    return page_of_replays(request, operator, form=form)


@require_GET
def replay_page(request: HttpRequest, replay_id: int) -> HttpResponse:
    """One replay: how far it has come, then what came out.

    Raises:
        PermissionDenied: for operators.
        Http404: there is no such replay.
    """
    who_sees_figures(request)
    one = get_object_or_404(Replay.objects.select_related("started_by"), pk=replay_id)
    context = {
        "replay": one,
        "shown": routing_replays.shown(one),
        "changes": list(routing_replays.changes(one)),
    }
    template = "_replay.html" if request.headers.get("HX-Request") else "replay.html"
    return render(request, f"operators/replay/{template}", context)


def page_of_replays(
    request: HttpRequest,
    operator: Operator,
    *,
    form: ReplayForm | None = None,
    policy_form: PolicyReplayForm | None = None,
) -> HttpResponse:
    """Both forms, of which one may have come with errors, and what was replayed lately."""
    zone, now = ZoneInfo(operator.timezone), clocks.database_now()
    may_try = may_change_policies(operator)
    if may_try and policy_form is None:
        policy_form = PolicyReplayForm(None, zone=zone, now=now, policy=request.GET.get("policy", ""))
    form = form or ReplayForm()
    made = Replay.objects.select_related("started_by")[:SHOWN]
    of_policies = PolicyReplay.objects.select_related(
        "started_by", "agent", "agent_version__agent", "policy__agent"
    ).defer("findings")
    context = {
        "form": form,
        "policy_form": policy_form,
        "days": replay.DAYS,
        "made": [(one, list(routing_replays.changes(one))) for one in made],
        "of_policies": of_policies[:SHOWN],
        "agents": Agent.objects.filter(is_active=True) if may_try else (),
    }
    is_faulty = any(each is not None and each.is_bound for each in (form, policy_form))
    return render(request, "operators/replay/replays.html", context, status=422 if is_faulty else 200)
