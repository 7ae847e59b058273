"""Decide a case, check an edit on the way, and take a decision back by reopening."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from escalations import events, transitions
from escalations.models import Escalation, State
from escalations.transitions import CaseClosed, Erased, InvalidDecision, LeaseLost, ReasonMissing
from operators import drafts
from operators.access import get_case_for, holds, may_reopen, signed_in
from operators.answers import go
from operators.case.forms.decision import DecisionForm, edited_action, worded
from operators.case.page import build_form, case_context, conversation_of
from operators.case.panel import Panel
from operators.case.views.claims import after_decision, lease_of
from operators.case.views.undo import offer_undo


@require_POST
def decide(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Resolve the case as the form says, then go on to the next one if that was asked for.

    Nothing typed is lost: a form that is refused comes back as it was (422), and one under a claim that has
    ended is kept as a draft (409).
    """
    operator = signed_in(request)
    found = get_case_for(operator, case_id)
    form = build_form(found, data=request.POST)
    if not form.is_valid():
        return _refuse(request, found, form, 422)
    try:
        resolution_id = transitions.resolve(
            lease=lease_of(request, operator, found),
            decision=form.decision_input(),
            labels=form.labels(),
            suggested=form.suggested,
        )
    except InvalidDecision as error:
        form.add_flaws(error)
        return _refuse(request, found, form, 422)
    except LeaseLost as error:
        return _refuse(request, found, form, 409, notice=str(error))
    if offer_undo(request, found, resolution_id):
        drafts.keep_for_undo(found, operator, request.POST)
    else:
        drafts.discard(found, operator)
        _offer_reopening(request, found)
    return after_decision(request, operator) if request.POST.get("then") == "next" else go(request, found)


@require_POST
def check_arguments(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Say whether the edited arguments of one action could be sent, and what they change."""
    found = get_case_for(signed_in(request), case_id)
    action = edited_action(found.handoff.payload, request.POST.dict(), conversation_of(found))
    if action is None:
        raise Http404(_("There is no such action."))
    flaws = [worded(flaw) for flaw in action.flaws()]
    context = {"action": action, "flaws": flaws, "changes": 0 if flaws else action.changes()}
    return render(request, "operators/case/_arguments_checked.html", context)


@require_POST
def reopen(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Put a resolved case back in the queue for another decision."""
    operator = signed_in(request)
    found = get_case_for(operator, case_id)
    decided = found.resolutions.current().first()
    if not may_reopen(operator, decided.operator_id if decided else None):
        raise PermissionDenied(_("Only reviewers, admins and whoever decided a case may reopen it."))
    try:
        reason = request.POST.get("reason", "").strip()[:300]
        transitions.reopen(case_id=found.id, operator=operator, reason=reason)
    except (ReasonMissing, Erased) as error:
        messages.error(request, str(error))
    except CaseClosed as error:
        wait = _("It can be reopened in a few seconds: its decision can still be undone.")
        other = _("%(problem)s Only a resolved case can be reopened.") % {"problem": error}
        messages.warning(request, wait if found.state == State.RESOLVED else other)
    else:
        if decided and decided.operator:
            drafts.discard(found, decided.operator)
        messages.success(request, _("Reopened: it waits in the queue again."))
    return go(request, found)


def _refuse(
    request: HttpRequest, case: Escalation, form: DecisionForm, status: int, *, notice: str = ""
) -> HttpResponse:
    """The form as it was submitted with what is wrong; under a claim that ended, what to do now."""
    operator = signed_in(request)
    drafts.save(case, operator, request.POST)
    cursor = events.position()
    fresh = get_case_for(operator, case.id)
    if not holds(operator, fresh):
        status, notice = 409, notice or _("Your claim has ended.")
    _mine, other = drafts.on(fresh, operator)
    panel = Panel.of(fresh, operator, form, notice=notice, other=other)
    if request.headers.get("HX-Request"):
        return render(request, "operators/case/_panel.html", {"case": fresh, "panel": panel}, status=status)
    context = case_context(fresh, operator, panel, cursor)
    return render(request, "operators/case/case.html", context, status=status)


def _offer_reopening(request: HttpRequest, case: Escalation) -> None:
    address = reverse("case", args=[case.id])
    words = _('Resolved. To undo it, <a href="{address}">reopen the case</a>.')
    messages.success(request, format_html(words, address=address))
