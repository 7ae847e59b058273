"""An agent's last days once more: as they were, and under rules that were not in force."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from escalations import nudges, replay
from escalations.models import Operator, PolicyReplay
from escalations.policy import trial
from escalations.sla import clocks
from operators.access import may_change_policies, signed_in, who_sees_figures
from operators.policy import pages as policy_pages
from operators.policy.forms.policy import PolicyForm
from operators.rendering import difference
from operators.replay import policy_replays
from operators.replay.forms.policy_replay import PolicyReplayForm
from operators.replay.views.replays import page_of_replays


@require_POST
def replay_policy(request: HttpRequest) -> HttpResponse:
    """Start a replay of a saved policy.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = _admin(request)
    zone = ZoneInfo(operator.timezone)
    form = PolicyReplayForm(request.POST, zone=zone, now=clocks.database_now())
    if not form.is_valid():
        return page_of_replays(request, operator, policy_form=form)
    asked = replay.policies.start(
        operator=operator,
        agent=form.agent,
        version=form.version_chosen,
        tried=form.cleaned_data["policy"],
        during=form.during,
    )
    return _begun(asked)


@require_POST
def replay_draft(request: HttpRequest, agent_id: int) -> HttpResponse:
    """Start a replay of the last days under the rules in the form of a policy, which is not saved.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such agent or version.
    """
    operator = _admin(request)
    subject = policy_pages.subject(agent_id, request.GET.get("version", ""))
    form = PolicyForm(request.POST, kept={}, based_on=0)
    form.is_valid()
    if not form.rules_are_sound:
        messages.error(request, _("Something in the rules is not complete or not right. Save to see what."))
        return HttpResponseRedirect(subject.url)
    asked = replay.policies.start(
        operator=operator,
        agent=subject.agent,
        version=subject.version,
        tried=form.rules,
        during=trial.last_days(replay.DAYS),
    )
    return _begun(asked)


@require_GET
def policy_replay(request: HttpRequest, replay_id: int) -> HttpResponse:
    """One replay: how far it has come, then what came out.

    Raises:
        PermissionDenied: for operators.
        Http404: there is no such replay.
    """
    operator = who_sees_figures(request)
    known = PolicyReplay.objects.select_related("started_by", "agent", "agent_version__agent", "policy")
    one = get_object_or_404(known, pk=replay_id)
    context: dict[str, Any] = {"replay": one, "shown": policy_replays.shown(one, operator)}
    if may_change_policies(operator):
        context["chunks"] = difference.chunks(difference.diff_lines(one.in_force, one.rules))
    template = "_policy_replay.html" if request.headers.get("HX-Request") else "policy_replay.html"
    return render(request, f"operators/replay/{template}", context)


def _begun(asked: PolicyReplay) -> HttpResponse:
    transaction.on_commit(nudges.replay_soon)
    return HttpResponseRedirect(reverse("policy_replay", args=[asked.pk]))


def _admin(request: HttpRequest) -> Operator:
    operator = signed_in(request)
    if not may_change_policies(operator):
        raise PermissionDenied
    return operator
