"""Write to the user of a case."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from escalations import transitions
from escalations.handoffs import attachments
from escalations.handoffs.attachments import InvalidAttachment
from escalations.models import Escalation
from escalations.transitions import InvalidTurn, LeaseLost
from operators import drafts
from operators.access import get_case_for, signed_in
from operators.answers import go
from operators.case import talk
from operators.case.views.case import render_status
from operators.case.views.claims import lease_of

COMPOSER = ("say", "say_links", "say_key")
_KEY_MAX = 100


@require_POST
def say(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Send the composer's words to the user, under the claim, and answer with what the page shows now.

    Sent again under the same key, they are not said twice. 422 says what is wrong with them, 409 that the
    claim has ended. What was typed is kept in both cases.
    """
    operator = signed_in(request)
    found = get_case_for(operator, case_id)
    try:
        links = attachments.from_text(request.POST.get("say_links", ""))
        lease = lease_of(request, operator, found)
        key = request.POST.get("say_key", "")[:_KEY_MAX]
        transitions.say(lease=lease, text=request.POST.get("say", ""), attachments=links, key=key)
    except (InvalidTurn, InvalidAttachment) as error:
        return _refuse(request, found, 422, str(error))
    except LeaseLost as error:
        return _refuse(request, found, 409, str(error))
    drafts.forget(found, operator, COMPOSER)
    return updated(request, found)


@require_GET
def talk_text(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """All that was said since the handoff, as plain text."""
    found = get_case_for(signed_in(request), case_id)
    return HttpResponse(talk.as_text(found), content_type="text/plain; charset=utf-8")


def updated(request: HttpRequest, case: Escalation) -> HttpResponse:
    """The live parts of the page after a change, or the page anew for a browser without scripts."""
    if request.headers.get("HX-Request"):
        return HttpResponse(render_status(case.id, signed_in(request).timezone))
    return go(request, case)


def _refuse(request: HttpRequest, case: Escalation, status: int, detail: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return JsonResponse({"detail": detail}, status=status)
    drafts.save(case, signed_in(request), request.POST)
    messages.warning(request, detail)
    return go(request, case)
