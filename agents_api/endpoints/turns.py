"""The conversation since the handoff: the agent brings what its user says, and takes what people answer."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from ninja import Query, Router
from pydantic import BaseModel, Field, StringConstraints

from agents_api import answers, idempotency, intake
from agents_api.auth import ApiKeyAuth, CallerRequest
from agents_api.documentation import openapi
from agents_api.endpoints.handoffs import own_case
from agents_api.schemas import Case, MessagesIn, TurnPage
from escalations import transitions
from escalations.models import Escalation, Scope

router = Router(auth=ApiKeyAuth(Scope.HANDOFFS))

PAGE_MAX = 200


class TurnQuery(BaseModel):
    """Where to go on in the conversation."""

    after: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")] = Field(
        default="0",
        description="The `cursor` of the answer before, or the `id` of the last turn that you have.",
    )
    limit: int = Field(default=PAGE_MAX, ge=1, le=PAGE_MAX)


@router.get(
    "/handoffs/{uuid:handoff_id}/messages",
    response={200: TurnPage},
    by_alias=True,
    url_name="messages",
    summary="Read the conversation since the handoff",
    openapi_extra=openapi.reading(problems=[404, 422]),
)
def list_messages(request: CallerRequest, handoff_id: UUID, query: Query[TurnQuery]) -> HttpResponse:
    """The turns since the handoff, oldest first.

    What an operator says in the role `assistant` is for your user; in the role `system` it is a question to
    you, which you answer with a message.

    New turns move `last_turn` of the case, and wake its `wait` link.
    """
    intake.check_query(TurnQuery, request)
    case = own_case(request.auth, handoff_id)
    return JsonResponse(page_of(case, after=query.after, limit=query.limit))


@router.post(
    "/handoffs/{uuid:handoff_id}/messages",
    response={200: Case},
    url_name="add_messages",
    summary="Add messages",
    openapi_extra=openapi.posting(MessagesIn, problems=[400, 404, 409, 413, 415, 422], idempotent=True),
)
def add_messages(request: CallerRequest, handoff_id: UUID) -> HttpResponse:
    """What the user or the agent said since; only while the case is open."""
    caller = request.auth
    key = intake.idempotency_key(request)
    body = intake.read(request)
    intake.validate(MessagesIn, body)
    messages = intake.chat_messages(body.document["messages"])
    case = own_case(caller, handoff_id)

    def act() -> str:
        transitions.add_message(case_id=case.id, messages=messages, actor=caller.actor)
        return answers.case_json(own_case(caller, case.id))

    return idempotency.answered(request, key, body, case_id=case.id, act=act)


@router.post(
    "/handoffs/{uuid:handoff_id}/typing",
    response={204: None},
    url_name="typing",
    summary="Say that the user is typing",
    openapi_extra=openapi.telling(problems=[404, 409]),
)
def typing(request: CallerRequest, handoff_id: UUID) -> HttpResponse:
    """Shows it to the operator for 6 s; repeat it while it is so. Changes nothing, so no version grows."""
    case = own_case(request.auth, handoff_id)
    transitions.typing(case_id=case.id, actor=request.auth.actor)
    return HttpResponse(status=204)


def page_of(case: Escalation, *, after: str, limit: int) -> dict[str, Any]:
    """The turns of `case` behind the one with the id `after`, as a JSON value."""
    turns = case.turns_since.select_related("author").filter(id__gt=int(after)).order_by("id")
    found = list(turns[: limit + 1])
    shown = found[:limit]
    return {
        "items": [answers.turn_json(turn) for turn in shown],
        "cursor": str(shown[-1].pk) if shown else after,
        "has_more": len(found) > len(shown),
    }
