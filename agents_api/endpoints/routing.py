"""Why nobody has a case yet, as its agent may know it: reasons and counts, no names."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.crypto import salted_hmac
from ninja import Router

from agents_api.answers import rfc3339
from agents_api.auth import ApiKeyAuth, Caller, CallerRequest
from agents_api.documentation import openapi
from agents_api.schemas import RoutingAccount
from escalations import routing
from escalations.models import Escalation, Ring, Scope
from escalations.routing import Explanation

router = Router(auth=ApiKeyAuth(Scope.HANDOFFS))

PEOPLE_MAX = 100
_NO_REASON = "none"


@router.get(
    "/handoffs/{uuid:handoff_id}/routing",
    response={200: RoutingAccount},
    url_name="routing",
    summary="Ask why nobody has it yet",
    openapi_extra=openapi.reading(problems=[404]),
)
def get_routing(request: CallerRequest, handoff_id: UUID) -> HttpResponse:
    """Why the case is at the desk, its place in the order of work, and why each person does not have it."""
    return JsonResponse(account_json(routing.explain(_own_case(request.auth, handoff_id))))


def account_json(account: Explanation) -> dict[str, Any]:
    """The account as a JSON value."""
    case = account.case
    return {
        "handoff_id": str(case.id),
        "waiting": account.is_waiting,
        "triggers": [{"code": one.code, "fact": one.strong, "measure": one.rest} for one in account.triggers],
        "rank": account.inputs | {"received_at": rfc3339(case.received_at), "due_at": rfc3339(case.due_at)},
        "ahead": account.ahead,
        "ring": None if account.ring is None else account.ring.name.lower(),
        "rings": [
            {"ring": one.ring.name.lower(), "turn": one.turn.value, "there": one.there}
            for one in account.rings
        ],
        "rings_tried": [
            {
                "at": rfc3339(look.created_at),
                "ring": Ring(look.ring).name.lower(),
                "offered": look.offered,
            }
            for look in account.looks
        ],
        "people": [_people(account, why.value, str(why.label), count) for why, count in account.counts],
    }


def _people(account: Explanation, why: str, meaning: str, count: int) -> dict[str, Any]:
    ids = [one.operator_id for one in account.people if one.reason.why == why]
    return {
        "reason": why or _NO_REASON,
        "meaning": meaning,
        "count": count,
        "people": [_opaque(operator_id) for operator_id in ids[:PEOPLE_MAX]],
    }


def _opaque(operator_id: int) -> str:
    """A name for a person that says nothing but that it is the same person."""
    return "person_" + salted_hmac("agents_api.routing", str(operator_id)).hexdigest()[:16]


def _own_case(caller: Caller, case_id: UUID) -> Escalation:
    cases = Escalation.objects.select_related("queue", "policy__agent", "agent_version__agent", "handoff")
    return cases.get(id=case_id, agent_id=caller.agent_id)
