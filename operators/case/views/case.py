"""The case page and its parts."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django_htmx.http import push_url, retarget

from escalations import events
from escalations.models import Escalation, Operator
from operators import parameters
from operators.access import get_case_for, signed_in
from operators.case import conversation as transcript
from operators.case.ahead import claim_won, rendered_ahead
from operators.case.evidence import suggestions
from operators.case.forms.actions import actions_of
from operators.case.page import (
    SHOWN_AT_ONCE,
    Gap,
    case_context,
    conversation_of,
    panel_of,
    reasons_of,
    status_context,
    steps_context,
)
from operators.case.panel import DECIDE
from operators.viewings import lookers

_PEEKED_TURNS = 4


@require_GET
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Everything about a case, and the decision if it is this person's to make."""
    operator = signed_in(request)
    cursor = events.position()
    found = get_case_for(operator, case_id)
    context = case_context(found, operator, panel_of(found, operator), cursor)
    return render(request, "operators/case/case.html", context)


@require_GET
def ahead(request: HttpRequest) -> HttpResponse:
    """The case that is likely to be this person's next one, for a browser to have at hand. Claims nothing."""
    return rendered_ahead(request, signed_in(request))


def swapped_in(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The page of a case for a browser that shows another one: all but the frame, under its own address.

    Only that it may be shown, where the browser has it already (`operators.case.ahead`).
    """
    operator = signed_in(request)
    cursor = events.position()
    found = get_case_for(operator, case_id)
    answer = claim_won(request, found)
    if answer is None:
        context = case_context(found, operator, panel_of(found, operator), cursor)
        answer = render(request, "operators/case/_case_swapped.html", context)
    # Settled at once: a key that is pressed as soon as the case shows must find its scripts at work.
    answer["HX-Reswap"] = "outerHTML settle:0ms"
    return push_url(retarget(answer, "#main"), resolve_url("case", found.id))


@require_GET
def peek(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """A look at a case from the queue: why it is here and what was said last, and the button to claim it."""
    operator = signed_in(request)
    return HttpResponse(render_peek(get_case_for(operator, case_id), request))


def render_peek(found: Escalation, request: HttpRequest, *, notice: str = "") -> str:
    """The look at a case as HTML; `notice` says why it could not be claimed."""
    payload = found.handoff.payload
    turns = conversation_of(found)
    context = {
        "case": found,
        "reasons": reasons_of(found, turns),
        "summary": payload.get("summary") or "",
        "actions": actions_of(payload, turns=turns),
        "suggestions": suggestions(payload)[:1],
        "turns": turns[-_PEEKED_TURNS:],
        "notice": notice,
    }
    return render_to_string("operators/queue/_peek.html", context, request)


@require_GET
def status(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """What of the case page changes while somebody looks at it."""
    operator = signed_in(request)
    found = get_case_for(operator, case_id)
    return HttpResponse(render_status(found.id, operator.timezone))


def render_status(case_id: UUID, zone: str = "UTC") -> str:
    """State, holder, delivery and the turns since the handoff; the same for everyone in a time zone."""
    cursor = events.position()
    found = (
        Escalation.objects.with_liveness()
        .annotate(lookers=lookers())
        .select_related("holder", "agent_version__agent")
        .get(id=case_id)
    )
    return render_to_string(
        "operators/case/_case_live.html", status_context(found, cursor, Operator(timezone=zone))
    )


@require_GET
def panel(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The decision side as it is for this person now, and the composer that comes with a claim."""
    operator = signed_in(request)
    found = get_case_for(operator, case_id)
    shown = panel_of(found, operator)
    marked_in = shown.form if shown.mode == DECIDE else None
    context = {"case": found, "panel": shown} | steps_context(found, shown.form.turns, marked_in=marked_in)
    return render(request, "operators/case/_side.html", context)


@require_GET
def conversation(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """More of a long conversation: the turns from `from` on to `until`, and what then is still left out."""
    found = get_case_for(signed_in(request), case_id)
    turns = conversation_of(found)
    start = _number(request.GET.get("from", "0"))
    last = min(_number(request.GET.get("until", str(max(start, len(turns) - SHOWN_AT_ONCE)))), len(turns))
    end = min(start + SHOWN_AT_ONCE, last)
    gap = Gap(end, last) if end < last else None
    context = {"case": found, "turns": turns[start:end], "gap": gap}
    return render(request, "operators/case/_turns.html", context)


@require_GET
def text(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The whole text of message `message`, or the arguments of its tool call `call`, as plain text."""
    found = get_case_for(signed_in(request), case_id)
    try:
        message = found.handoff.messages[_number(request.GET.get("message", ""))]
        if "call" in request.GET:
            called = transcript.turns([message], agent="")[0].calls[_number(request.GET["call"])]
            content = called.arguments
        else:
            content = transcript.content_text(message)
    except IndexError:
        raise Http404(_("There is no such message.")) from None
    return HttpResponse(content, content_type="text/plain; charset=utf-8")


def _number(given: str) -> int:
    number = parameters.number(given)
    if number is None:
        raise Http404(_("That is no place in the conversation."))
    return number
