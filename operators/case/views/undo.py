"""Take back a decision that the agent has not got yet."""

from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import reswap, retarget, trigger_client_event

from escalations import transitions
from escalations.models import Claim, Escalation, How, Operator, Resolution
from escalations.transitions import LeaseLost, LeaseToken, NotAllowed, TooLate
from operators import drafts
from operators.access import get_case_for, signed_in
from operators.answers import go
from operators.bulk import plans


@require_POST
def undo(request: HttpRequest, resolution_id: UUID) -> HttpResponse:
    """Take the decision back and go to its case, where everything is as it was submitted.

    The case that came next goes back to the queue: nobody works two at once by an undo.
    """
    operator = signed_in(request)
    resolution = Resolution.objects.filter(id=resolution_id, operator=operator).first()
    if resolution is None:
        raise Http404(_("You made no such decision."))
    case = get_case_for(operator, resolution.case_id)
    try:
        transitions.undo(resolution_id=resolution.id, operator=operator)
    except (TooLate, NotAllowed) as error:
        messages.warning(request, _("%(problem)s Reopen the case to decide anew.") % {"problem": error})
    else:
        _put_back_the_next(operator, resolution)
        messages.success(request, _("Undone. The agent has seen nothing of it."))
    return go(request, case)


@require_POST
def undo_many(request: HttpRequest) -> HttpResponse:
    """Take back all `decisions` that can be taken back yet, and tell once how many and which not.

    Those among `freely` were made on cases that nobody held: they go back to the queue.
    """
    decided, freely = (
        plans.read_ids(request.POST.get(name, "").split(",")) for name in ("decisions", "freely")
    )
    return told(plans.take_back(signed_in(request), decided, freely), status=200)


def told(summary: plans.Summary, *, status: int) -> HttpResponse:
    """An answer without content, but for the toast."""
    toast = {"tone": "good" if summary.is_whole else "warn", "text": summary.text}
    return trigger_client_event(HttpResponse(status=status), "handrail:toast", toast)


def undo_toast(
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


def offer_undo(request: HttpRequest, case: Escalation, resolution_id: UUID) -> bool:
    """Say on the next page that the decision can be undone. False if it cannot."""
    until = Escalation.objects.values_list("dispatch_at", flat=True).get(id=case.id)
    if until is None:
        return False
    context = {
        "case": case,
        "resolution_id": resolution_id,
        "until": until,
        "seconds": settings.UNDO_SECONDS,
    }
    messages.success(request, render_to_string("operators/case/_moves_undo.html", context, request))
    return True


def _put_back_the_next(operator: Operator, resolution: Resolution) -> None:
    """Release what was taken as the next case after that decision."""
    taken = Claim.objects.filter(
        operator=operator, how=How.PULLED, ended_at=None, started_at__gte=resolution.created_at
    )
    for claim in taken:
        with suppress(LeaseLost):
            transitions.release(lease=LeaseToken(claim.case_id, operator, claim.token))
