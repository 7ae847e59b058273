"""The next case, rendered ahead of the decision that leads to it. Nobody has it before its claim is won.

A browser in which somebody is about to decide asks for the case that would be their next one. That claims
nothing: it gets the page as it will be, with a `key` that says which claim of which version it foresees. It
names the key with the decision. If the claim that follows is that very one, the answer is only that the claim
was won, and until when; else it is the page of whatever was claimed, as if nothing had been rendered ahead.
What changed in between comes over the live connection, which goes on from where the page was read.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from escalations import events, presence, transitions
from escalations.models import Escalation, Operator, State
from escalations.sla import clocks
from operators.access import get_case_for
from operators.case.page import case_context, panel_of

# With the page and with the decision: the key. With the answer to that: until when the case is claimed.
HEADER = "Handrail-Ahead"


def rendered_ahead(request: HttpRequest, operator: Operator) -> HttpResponse:
    """The page of the case that would be the next one of `operator`; nothing (204) if there is none."""
    cursor = events.position()
    case_id = transitions.foreseen(operator=operator) if presence.is_available(operator) else None
    if case_id is None:
        return HttpResponse(status=204)
    found = get_case_for(operator, case_id)
    _as_if_claimed(found, operator)
    context = case_context(found, operator, panel_of(found, operator), cursor)
    answer = render(request, "operators/case/_case_ahead.html", context)
    answer.headers[HEADER] = _key(found)
    return answer


def claim_won(request: HttpRequest, case: Escalation) -> HttpResponse | None:
    """The answer to a browser that has the page of this claim already, or None."""
    if case.lease_expires_at is None or request.headers.get(HEADER) != _key(case):
        return None
    answer = render(request, "operators/desk/_toasts_swapped.html")
    answer.headers[HEADER] = case.lease_expires_at.isoformat()
    return answer


def _as_if_claimed(case: Escalation, operator: Operator) -> None:
    """What sql/lease.sql would change, here in memory only."""
    now = clocks.database_now()
    case.state, case.holder, case.is_held = State.CLAIMED, operator, True
    case.version, case.lease_token = case.version + 1, case.lease_token + 1
    case.lease_expires_at = now + transitions.LEASE
    case.first_claimed_at = case.first_claimed_at or now
    case.affinity = case.affinity_until = None


def _key(case: Escalation) -> str:
    return f"{case.pk} {case.version} {case.lease_token}"
