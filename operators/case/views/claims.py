"""Take a case, keep it, put it back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from escalations import presence, transitions
from escalations.models import Availability, Escalation, Operator
from escalations.models.case_queries import CALL_ORDER
from escalations.transitions import LeaseLost, LeaseToken, NotAllowed, NotClaimable
from operators import parameters
from operators.access import get_case_for, holds, signed_in
from operators.answers import go
from operators.case.views.case import render_peek, swapped_in

_PARTS_OF_A_CASE_PAGE = ("main", "side")


@require_POST
def claim(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Claim the case that this person picked; if that fails, say who was first."""
    operator = signed_in(request)
    found = get_case_for(operator, case_id)
    try:
        if not holds(operator, found):
            transitions.claim(case_id=found.id, operator=operator)
    except (NotClaimable, NotAllowed) as error:
        if "peek" in request.POST and request.headers.get("HX-Request"):
            fresh = get_case_for(operator, case_id)
            return HttpResponse(render_peek(fresh, request, notice=str(error)), status=409)
        messages.error(request, str(error))
    return go(request, found)


@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    """Take the most urgent case that this person may work. Who asks for work is available."""
    operator = signed_in(request)
    if not presence.is_available(operator):
        presence.set_availability(operator=operator, availability=Availability.AVAILABLE)
        messages.info(request, _("You are available now: you asked for work. Offers come to you."))
    return to_next(request, operator)


def after_decision(request: HttpRequest, operator: Operator) -> HttpResponse:
    """Go on to the next case. Who wraps up or is away gets no new one, but what they still hold."""
    if presence.is_available(operator):
        return to_next(request, operator)
    still_held = Escalation.objects.held_by(operator).order_by(*CALL_ORDER).first()
    if still_held:
        return _show(request, still_held.id)
    messages.info(request, _("You are not available, so no new case came. To take one, press “Take next”."))
    return go(request, "queue")


def to_next(request: HttpRequest, operator: Operator) -> HttpResponse:
    """Claim the next case and go to it, or to the queue if there is none.

    A browser with scripts that shows a case already gets the next one into its page.
    """
    claimed = transitions.claim_next(operator=operator)
    # Without the sweeps nobody else wakes what was put aside.
    if claimed is None and transitions.wake_due() + transitions.stop_waiting():
        claimed = transitions.claim_next(operator=operator)
    if claimed is None:
        messages.info(request, _why_nothing(operator))
        return go(request, "queue")
    return _show(request, claimed.lease.case_id)


def _show(request: HttpRequest, case_id: UUID) -> HttpResponse:
    if request.headers.get("HX-Target") in _PARTS_OF_A_CASE_PAGE:
        return swapped_in(request, case_id)
    return go(request, Escalation(id=case_id))


def _why_nothing(operator: Operator) -> str:
    load = presence.load(operator)
    values = {"used": load.used, "capacity": load.capacity}
    if load.is_full:
        return (
            _("You hold as much as you can: %(used)s of %(capacity)s. Decide a case or put one back first.")
            % values
        )
    if transitions.foreseen(operator=operator):
        return (
            _(
                "What waits needs more room: you hold %(used)s of %(capacity)s. "
                "Decide a case or put one back first."
            )
            % values
        )
    return _("All clear: nothing waits for you.")


@require_POST
def release(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Put the case back where it stood in the queue."""
    operator = signed_in(request)
    found = get_case_for(operator, case_id)
    try:
        transitions.release(lease=lease_of(request, operator, found))
    except LeaseLost as error:
        messages.warning(request, str(error))
        return go(request, found)
    messages.success(request, _("Put back in the queue. What you typed is kept."))
    return go(request, "queue")


@require_POST
def heartbeat(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Prolong the claim. 409 says that it has ended, and who has the case now."""
    operator = signed_in(request)
    found = get_case_for(operator, case_id)
    lease = lease_of(request, operator, found)
    try:
        expires_at = transitions.heartbeat(lease=lease)
    except LeaseLost as error:
        told = {"detail": str(error), "holder": error.holder, "state": error.state}
        return JsonResponse(told, status=409)
    is_left_behind = transitions.left_behind_at(lease) is not None
    return JsonResponse({"lease_expires_at": expires_at.isoformat(), "left_behind": is_left_behind})


def lease_of(request: HttpRequest, operator: Operator, case: Escalation) -> LeaseToken:
    """The claim that the form was made under. One that was tampered with is a lost one."""
    token = parameters.number(request.POST.get("lease_token", "")) or 0
    return LeaseToken(case_id=case.id, operator=operator, token=token)
