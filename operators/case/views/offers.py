"""Take the work that was offered, or say why not."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from escalations import stored_words, transitions
from escalations.models import Escalation
from escalations.transitions import TransitionError
from operators.access import signed_in
from operators.answers import back, go

_LONGEST_REASON = 200


@require_POST
def accept(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Claim the case that was offered and go to it, or say who was first."""
    try:
        claimed = transitions.accept(offer_id=offer_id, operator=signed_in(request))
    except TransitionError as error:
        return _refused(request, error)
    return go(request, Escalation(id=claimed.lease.case_id))


@require_POST
def decline(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Give the offer back with a reason. The case is not offered to this person again."""
    reason = request.POST.get("reason", "")
    reason = (
        stored_words.DECLINED.get(reason) or " ".join(request.POST.get("other", "").split())[:_LONGEST_REASON]
    )
    try:
        transitions.decline(
            offer_id=offer_id, operator=signed_in(request), reason=reason or stored_words.NO_REASON
        )
    except TransitionError as error:
        return _refused(request, error)
    if request.headers.get("HX-Request"):
        return _told("good", _("Declined. The case goes to somebody else."), status=200)
    messages.success(request, _("Declined. The case goes to somebody else."))
    return back(request)


def _refused(request: HttpRequest, error: TransitionError) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _told("bad", str(error), status=409)
    messages.warning(request, str(error))
    return back(request)


def _told(tone: str, text: str, *, status: int) -> HttpResponse:
    # The card may be gone before this answer comes: the toast must not depend on it.
    toast = {"tone": tone, "text": text, "target": "body"}
    trigger = json.dumps({"handrail:toast": toast})
    return HttpResponse(status=status, headers={"HX-Trigger": trigger})
