"""Move a case on: pass it on, ask, snooze, take it over or back, give it to somebody, change its priority."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from escalations import transitions
from escalations.models import Escalation, Operator
from escalations.transitions import LeaseLost, NotClaimable, TransitionError
from operators.access import get_case_for, holds, signed_in
from operators.answers import go
from operators.case.forms.moves import MOVES, Move
from operators.case.views.claims import lease_of

_ENDED = gettext_lazy("Your claim has ended. Claim the case again; what you typed is kept.")


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, case_id: UUID, name: str) -> HttpResponse:
    """The small form of a move, and the move itself.

    A form that is refused comes back with what is wrong: 422, or 409 once the claim has ended.
    """
    operator = signed_in(request)
    case = get_case_for(operator, case_id)
    if name not in MOVES:
        raise Http404(_("There is no such move."))
    kind = MOVES[name]
    if not kind.for_holder and not operator.is_supervisor:
        raise PermissionDenied(_("Only reviewers and admins may do this."))
    form = kind(case, operator, request.POST if request.method == "POST" else None)
    if request.method == "GET":
        return _shown(request, name, form, ended=kind.for_holder and not holds(operator, case))
    if not form.is_valid():
        return _shown(request, name, form, status=422)
    try:
        done = form.act(lease_of(request, operator, case))
    except LeaseLost as error:
        form.add_error(None, _("%(problem)s What you typed is kept.") % {"problem": error})
        return _shown(request, name, form, ended=True, status=409)
    except TransitionError as error:
        form.add_error(None, str(error))
        return _shown(request, name, form, status=422)
    messages.success(request, done)
    return go(request, "queue" if kind.leaves else case)


@require_POST
def take_over(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Take the case out of somebody's hands, or from where it was put aside."""
    return _taken(
        request, case_id, lambda case, person: transitions.take_over(case_id=case.id, supervisor=person)
    )


@require_POST
def take_back(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Go on with a case before its reply or its time has come; or with it, if it came a moment ago."""

    def take(case: Escalation, person: Operator) -> None:
        try:
            transitions.take_back(case_id=case.id, operator=person)
        except NotClaimable:
            transitions.claim(case_id=case.id, operator=person)

    return _taken(request, case_id, take)


def _taken(
    request: HttpRequest, case_id: UUID, take: Callable[[Escalation, Operator], object]
) -> HttpResponse:
    operator = signed_in(request)
    case = get_case_for(operator, case_id)
    try:
        if not holds(operator, case):
            take(case, operator)
    except TransitionError as error:
        messages.error(request, str(error))
    return go(request, case)


def _shown(
    request: HttpRequest, name: str, form: Move, *, ended: bool = False, status: int = 200
) -> HttpResponse:
    """The form in the dialog of the page, or as a page for a browser without scripts."""
    notice = _ENDED if ended and not form.is_bound else ""
    context = {"case": form.case, "form": form, "name": name, "ended": ended, "notice": notice}
    template = "_moves_form.html" if request.headers.get("HX-Request") else "move.html"
    return render(request, f"operators/case/{template}", context, status=status)
