"""Take back a decision that the agent has not got yet."""

from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from escalations import transitions
from escalations.models import Claim, Escalation, How, Operator, Resolution
from escalations.transitions import LeaseLost, LeaseToken, NotAllowed, TooLate
from operators.access import get_case_for, signed_in
from operators.answers import go


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
