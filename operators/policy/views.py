"""Policies: what is in force, a new number in place of it, and what was before."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escalations.calibration.values import Findings
from escalations.models import CalibrationLook, Policy
from escalations.numbered import Outdated
from escalations.policy import policy_history, rules, trial
from operators import number_pages, parameters
from operators.access import who_changes_policies
from operators.calibration.words import short_percent
from operators.policy import pages, trials
from operators.policy.forms import policy_rows
from operators.policy.forms.policy import PolicyForm
from operators.policy.pages import Subject
from operators.rendering.difference import Chunk


@require_GET
def policy_list(request: HttpRequest) -> HttpResponse:
    """All agents and versions with the policy in force for each.

    Raises:
        PermissionDenied: for all but admins.
    """
    who_changes_policies(request)
    context = {"agents": pages.by_agent(), "shown": pages.OF_EACH}
    return render(request, "operators/policy/policies.html", context)


@require_http_methods(["GET", "POST"])
def policy(request: HttpRequest, agent_id: int) -> HttpResponse:
    """The policy of an agent, or of its `version`. POST makes it a new number.

    `from` begins with an old one, `look` with the threshold that a look at the audits found.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_changes_policies(request)
    subject = pages.subject(agent_id, request.GET.get("version", ""))
    if request.method == "GET":
        return _page(request, subject, _first_form(request, subject))
    form = PolicyForm(request.POST, kept={}, based_on=0)
    if not form.is_valid():
        return _page(request, subject, form, status=422)
    try:
        made = policy_history.save(
            agent=subject.agent,
            version=subject.version,
            rules=form.rules,
            note=form.cleaned_data["note"],
            operator=operator,
            based_on=form.cleaned_data["based_on"],
        )
    except Outdated:
        return _stale(request, agent_id, form)
    messages.success(request, _("“%(policy)s” is in force.") % {"policy": made})
    return HttpResponseRedirect(subject.url)


@require_POST
def policy_trial(request: HttpRequest, agent_id: int) -> HttpResponse:
    """What the rules in the form would have done in the last days. Nothing is kept.

    Raises:
        PermissionDenied: for all but admins.
    """
    who_changes_policies(request)
    subject = pages.subject(agent_id, request.GET.get("version", ""))
    form = PolicyForm(request.POST, kept={}, based_on=0)
    form.is_valid()
    if not form.rules_are_sound:
        return render(request, "operators/policy/_policy_trial.html", {"is_faulty": True})
    evidence = trial.gather(
        agent_id=agent_id, version_ids=policy_history.going_by(subject.agent, subject.version)
    )
    outcome = trial.compare(subject.rules, form.rules, evidence)
    context = {
        "trial": trials.shown(outcome, trial.Basis.of(evidence), subject.rules, form.rules),
        "names": trials.names(evidence),
        "evidence": evidence,
        "is_changed": form.rules != subject.rules,
    }
    return render(request, "operators/policy/_policy_trial.html", context)


@require_GET
def policy_number(request: HttpRequest, agent_id: int, number: int) -> HttpResponse:
    """One policy, and how it differs from another one of its agent (`against`), else from the one before.

    Raises:
        PermissionDenied: for all but admins.
    """
    who_changes_policies(request)
    shown = pages.number_of(agent_id, number)
    subject = pages.subject(agent_id, str(shown.agent_version_id or ""))
    compared = number_pages.comparison(
        shown,
        against=_against(shown, request.GET.get("against", "")),
        others=policy_history.comparable(shown),
    )
    is_in_force = subject.in_force == shown
    more = {
        "subject": subject,
        "is_in_force": is_in_force,
        "back_url": subject.url,
        "restore_url": "" if is_in_force else subject.restore_url(number),
    }
    return render(request, "operators/policy/policy_number.html", compared | more)


def _first_form(request: HttpRequest, subject: Subject) -> PolicyForm:
    if look := parameters.number(request.GET.get("look", "")):
        return _calibrated_form(subject, look)
    number = parameters.number(request.GET.get("from", ""))
    if number is None:
        return PolicyForm(kept=subject.rules, based_on=subject.based_on)
    old = pages.number_of(subject.agent.pk, number)
    note = _("Number %(number)s again") % {"number": old.number}
    return PolicyForm(kept=old.rules, based_on=subject.based_on, note=note)


def _calibrated_form(subject: Subject, look_id: int) -> PolicyForm:
    """The rules in force with the threshold that a look found, which no category may go below."""
    look = CalibrationLook.objects.filter(pk=look_id, agent_version=subject.version).first()
    chosen = look and Findings.of_json(look.findings).choice.chosen
    if not look or not chosen:
        raise Http404(_("No threshold was found for this version."))
    note = _("Threshold by look %(number)s at audits: at most %(alpha)s wrong") % {
        "number": look.number,
        "alpha": short_percent(look.alpha),
    }
    kept = rules.with_threshold(subject.rules, chosen.threshold)
    return PolicyForm(kept=kept, based_on=subject.based_on, note=note)


def _stale(request: HttpRequest, agent_id: int, form: PolicyForm) -> HttpResponse:
    """What changed meanwhile, over the form as it was typed: sent again, it changes what is in force now."""
    subject = pages.subject(agent_id, request.GET.get("version", ""))
    before = Policy.objects.filter(agent=agent_id, number=form.cleaned_data["based_on"]).first()
    form.rebase(subject.based_on)
    changed = number_pages.changed_since(before, subject.in_force)
    return _page(request, subject, form, status=409, changed=changed)


def _page(
    request: HttpRequest,
    subject: Subject,
    form: PolicyForm,
    *,
    status: int = 200,
    changed: Sequence[Chunk] = (),
) -> HttpResponse:
    made = policy_history.numbers(subject.agent, subject.version)[: number_pages.SHOWN]
    context = {
        "subject": subject,
        "form": form,
        "changed": changed,
        "made": number_pages.history(made, subject.number_url),
        "ops": policy_rows.OPS,
        "new": policy_rows.EMPTY,
    }
    return render(request, "operators/policy/policy.html", context, status=status)


def _against(shown: Policy, chosen: str) -> Policy | None:
    number = parameters.number(chosen)
    if number is not None:
        return pages.number_of(shown.agent_id, number)
    return policy_history.before(shown)
