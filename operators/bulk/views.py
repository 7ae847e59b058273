"""Something done with many cases at once, after a look at what will happen."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from escalations.models import Operator
from operators.access import signed_in
from operators.bulk import plans
from operators.bulk.base import Bulk
from operators.bulk.forms import BULKS
from operators.case.views.undo import told, undo_toast


@require_POST
def preview(request: HttpRequest, name: str) -> HttpResponse:
    """What would happen: how many cases, which are left out and why. Nothing is changed.

    A POST because of the length of the choice. It is asked again when the form in it changes.
    """
    operator = signed_in(request)
    return _shown(request, name, _form(request, name, operator), operator)


@require_POST
def act(request: HttpRequest, name: str) -> HttpResponse:
    """Do it, and tell the outcome once: how many, which not and why."""
    operator = signed_in(request)
    form = _form(request, name, operator)
    if not form.is_valid():
        return _shown(request, name, form, operator, status=422)
    summary = plans.carry_out(form, plans.plan(operator, form, _ids(request)))
    answer = undo_toast(request, form.decided, summary) or told(summary, status=204)
    trigger_client_event(answer, "handrail:bulk-done", {})
    return answer


def _form(request: HttpRequest, name: str, operator: Operator) -> Bulk:
    if name not in BULKS:
        raise Http404(_("There is nothing of this name to do with cases."))
    kind = BULKS[name]
    if kind.for_supervisors and not operator.is_supervisor:
        raise PermissionDenied(_("Only reviewers and admins may do this."))
    return kind(operator, request.POST if "filled" in request.POST else None)


def _shown(
    request: HttpRequest, name: str, form: Bulk, operator: Operator, *, status: int = 200
) -> HttpResponse:
    plan = plans.plan(operator, form, _ids(request))
    context = {
        "name": name,
        "form": form,
        "plan": plan,
        "rows": [(case, form.proposed(case)) for case in plan.cases],
        "planned": form.planned(len(plan.cases), plan.total),
        "most": plans.MOST,
        "shows_errors": status != 200,
    }
    return render(request, "operators/bulk/_bulk.html", context, status=status)


def _ids(request: HttpRequest) -> list[UUID]:
    return plans.read_ids(request.POST.get("cases", "").split(","))
