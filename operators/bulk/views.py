"""Something done with many cases at once, after a look at what will happen."""

from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from escalations.models import Escalation, Operator
from operators import drafts
from operators.access import signed_in
from operators.bulk import plans
from operators.bulk.base import Bulk
from operators.bulk.forms import BULKS


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
    answer = _undo_toast(request, form.decided, summary) or _told(summary, status=204)
    trigger_client_event(answer, "handrail:bulk-done", {})
    return answer


@require_POST
def undo_many(request: HttpRequest) -> HttpResponse:
    """Take back all `decisions` that can be taken back yet, and tell once how many and which not.

    Those among `freely` were made on cases that nobody held: they go back to the queue.
    """
    decided, freely = (
        plans.read_ids(request.POST.get(name, "").split(",")) for name in ("decisions", "freely")
    )
    return _told(plans.take_back(signed_in(request), decided, freely), status=200)


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


def _told(summary: plans.Summary, *, status: int) -> HttpResponse:
    """An answer without content, but for the toast."""
    toast = {"tone": "good" if summary.is_whole else "warn", "text": summary.text}
    return trigger_client_event(HttpResponse(status=status), "handrail:toast", toast)


def _undo_toast(
    request: HttpRequest, decided: Mapping[UUID, bool], summary: plans.Summary
) -> HttpResponse | None:
    """Say what was done, and that the decisions can be undone; None if there are none that can.

    `decided` tells of each whether the person held its case before.
    """
    pending = Escalation.objects.filter(resolutions__in=list(decided))
    until = pending.aggregate(until=Max("dispatch_at"))["until"] if decided else None
    if until is None:
        return None
    drafts.forget_dispatched(signed_in(request))
    context = {
        "summary": summary,
        "decided": ",".join(map(str, decided)),
        "freely": ",".join(str(one) for one, was_held in decided.items() if not was_held),
        "until": until,
        "seconds": settings.UNDO_SECONDS,
    }
    answer = render(request, "operators/bulk/_bulk_undo.html", context)
    return retarget(reswap(answer, "afterbegin"), "#toasts")


def _ids(request: HttpRequest) -> list[UUID]:
    return plans.read_ids(request.POST.get("cases", "").split(","))
