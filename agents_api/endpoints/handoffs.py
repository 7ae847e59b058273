"""Hand off, look, acknowledge, withdraw. Each endpoint validates and calls a transition."""

from dataclasses import replace
from uuid import UUID

from django.db import OperationalError
from django.http import HttpResponse, JsonResponse
from ninja import Query, Router
from psycopg.errors import LockNotAvailable
from pydantic import BaseModel

from agents_api import answers, auth, idempotency, intake, pages
from agents_api.auth import ApiKeyAuth, Caller, CallerRequest, Credentials, UncheckedRequest
from agents_api.documentation import openapi
from agents_api.formats import Format
from agents_api.problems import Flaw, Problem
from agents_api.requests import limits
from agents_api.schemas import AckIn, CancelIn, Case, CasePage, HandoffIn
from agents_api.webhooks import callbacks
from escalations import transitions
from escalations.handoffs.dispatch import as_agent_sees
from escalations.models import Delivery, Escalation, Scope, State
from escalations.models.case_queries import EscalationQuerySet
from escalations.transitions import HandoffInput, Opened, Refusal, Refused

router = Router(auth=ApiKeyAuth(Scope.HANDOFFS))

_REFUSED_FIELDS = {
    Refusal.UNKNOWN_QUEUE: Flaw("/routing/queue", "There is no such queue."),
    Refusal.UNKNOWN_PARENT: Flaw("/parent_handoff_id", "You have no such handoff."),
    Refusal.ALREADY_EXPIRED: Flaw("/sla/expires_at", "This time has passed."),
    Refusal.UNKNOWN_CALLBACK: Flaw(
        "/callback/url",
        "Its origin (scheme, host and port) is not registered for your agent. Have an admin add it in the "
        "desk's settings, under webhook endpoints, or leave `callback` out.",
    ),
}


class GetQuery(BaseModel):
    """How to show the decision."""

    format: Format | None = None


@router.post(
    "/handoffs",
    auth=ApiKeyAuth(Scope.HANDOFFS, look_up=False),
    response={201: Case},
    url_name="handoffs",
    summary="Hand off a case",
    openapi_extra=openapi.posting(
        HandoffIn, problems=[400, 403, 409, 413, 415, 422], idempotent=True, created=True
    ),
)
def hand_off(request: UncheckedRequest) -> HttpResponse:
    """Hand a case to the desk, with everything the agent knows.

    Repeat a request that got no answer with the same Idempotency-Key: the first answer comes again,
    word for word, with `Idempotent-Replayed: true`. Keys are kept for 7 days.
    """
    credentials = request.auth
    try:
        handoff = intake.handoff_input(request, intake.read(request))
    except Problem:
        auth.identify(credentials)  # who may not come in learns nothing about the request
        raise
    opened = open_case(credentials, handoff)
    limits.learn(credentials, opened.requests_per_second)
    response = answers.respond(opened.answer, version=1, is_open=True, status=201)
    response.headers["Location"] = answers.address(opened.case_id)
    if opened.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


@router.get(
    "/handoffs",
    response={200: CasePage},
    summary="List handoffs",
    openapi_extra=openapi.reading(problems=[422]),
)
def list_handoffs(request: CallerRequest, query: Query[pages.HandoffQuery]) -> HttpResponse:
    """Your agent's handoffs, newest first."""
    intake.check_query(pages.HandoffQuery, request)
    return JsonResponse(pages.page_of(request.auth.agent_id, query))


@router.get(
    "/handoffs/{uuid:handoff_id}",
    response={200: Case},
    url_name="get_handoff",
    summary="Look at a handoff",
    openapi_extra=openapi.reading(problems=[404, 422], conditional=True),
)
def get_handoff(request: CallerRequest, handoff_id: UUID, query: Query[GetQuery]) -> HttpResponse:
    """The case as it stands, with the decision once there is one.

    `format` fills `resume_with` with the decision as the framework of your agent takes it.

    For a few seconds a person can undo a decision. So long the case looks as it did before: here, in lists,
    long-polls and webhooks. What you have seen of it never turns back.
    """
    intake.check_query(GetQuery, request)
    case = own_case(request.auth, handoff_id)
    if request.headers.get("If-None-Match") == answers.etag(case.version):
        return HttpResponse(status=304, headers={"ETag": answers.etag(case.version)})
    return handed_over(case, how="get", format_name=query.format)


@router.post(
    "/handoffs/{uuid:handoff_id}/ack",
    response={200: Case},
    url_name="acknowledge",
    summary="Acknowledge the decision",
    openapi_extra=openapi.posting(AckIn, problems=[400, 404, 409, 413, 415, 422], may_have_key=True),
)
def acknowledge(request: CallerRequest, handoff_id: UUID) -> HttpResponse:
    """What became of the decision. Saying the same twice is fine; `applied` and `late` are final.

    A decision is good for once. Say `applied` under an Idempotency-Key to be sure of that: the same key gets
    the same answer again, and any other is told that the decision was applied before (409). Where several
    parts of an agent may go on with one decision, say `acknowledged` so before anything is done: the first
    takes it up, the others are told so (409).

    `carried_out` names the calls that you made, each with the digest of its arguments: those that were
    approved or edited to. Another call, or other arguments, are refused (422).
    """
    key = intake.optional_idempotency_key(request)
    body = intake.read(request)
    ack = intake.validate(AckIn, body)
    case = own_case(request.auth, handoff_id)

    def note() -> None:
        transitions.acknowledge(
            case_id=case.id,
            outcome=Delivery(ack.outcome),
            detail=ack.detail,
            actor=request.auth.actor,
            carried_out={call.tool_call_id: call.digest for call in ack.carried_out},
            once=key is not None,
        )

    def act() -> str:
        note()
        return answers.case_json(own_case(request.auth, case.id))

    if key is None:
        note()
        return shown(own_case(request.auth, case.id))
    return idempotency.answered(request, key, body, case_id=case.id, act=act)


@router.post(
    "/handoffs/{uuid:handoff_id}/cancel",
    response={200: Case},
    url_name="cancel",
    summary="Withdraw a handoff",
    openapi_extra=openapi.posting(CancelIn, problems=[400, 404, 409, 413, 415, 422]),
)
def cancel(request: CallerRequest, handoff_id: UUID) -> HttpResponse:
    """Withdraw an open case. Whoever holds it is told. Withdrawing twice is fine."""
    reason = intake.validate(CancelIn, intake.read(request)).reason
    case = own_case(request.auth, handoff_id)
    if case.state != State.CANCELLED:
        transitions.cancel(case_id=case.id, actor=request.auth.actor, reason=reason)
    return shown(own_case(request.auth, handoff_id))


def own_case(caller: Caller, case_id: UUID) -> Escalation:
    """A case of the caller's agent as it may be seen, with its queue.

    Raises:
        Escalation.DoesNotExist: there is none, or it is another agent's, which looks the same.
    """
    return _seen(Escalation.objects.filter(agent_id=caller.agent_id), case_id)


def own_case_of(credentials: Credentials, case_id: UUID) -> Escalation:
    """The same for a key that was good a while ago, looked up again by the statement that reads the case.

    Raises:
        Problem: the key is not valid any more.
        Escalation.DoesNotExist: as above.
    """
    agents = auth.valid(credentials).values("agent_id")
    try:
        return _seen(Escalation.objects.filter(agent_id__in=agents), case_id)
    except Escalation.DoesNotExist:
        auth.identify(credentials)
        raise


def _seen(cases: EscalationQuerySet, case_id: UUID) -> Escalation:
    return as_agent_sees(cases.with_dispatch().select_related("queue").get(id=case_id))


def shown(case: Escalation, *, format_name: str | None = None) -> HttpResponse:
    """The answer that holds one case."""
    text = answers.case_json(case, format_name=format_name)
    return answers.respond(text, version=case.version, is_open=case.is_open)


def handed_over(case: Escalation, *, how: str, format_name: str | None = None) -> HttpResponse:
    """The answer that holds one case, with a note that the decision in it, if any, has reached the agent."""
    return shown(delivered(case, how=how), format_name=format_name)


def delivered(case: Escalation, *, how: str) -> Escalation:
    """The case to show to its agent, with a note that the decision in it, if any, has reached the agent.

    The note comes first: a decision that was undone meanwhile is not handed over.
    """
    while case.delivery == Delivery.UNDELIVERED:
        if transitions.mark_delivered(case_id=case.id, how=how):
            case.delivery = Delivery.DELIVERED
        else:
            case = _seen(Escalation.objects.all(), case.id)
    return case


def open_case(credentials: Credentials, handoff: HandoffInput, *, at: str = "") -> Opened:
    """Open the case, or find the one that an equal request opened before. `at` is its place in the body.

    Raises:
        Problem: the key is not valid, or the handoff is refused.
    """
    if handoff.callback is not None:
        agent_id = auth.identify(credentials).agent_id
        handoff = replace(handoff, callback_refused=not callbacks.is_registered(agent_id, handoff.callback))
    try:
        return transitions.open(
            key_prefix=credentials.prefix, key_digest=credentials.digest, handoff=handoff, links=answers.links
        )
    except Refused as refused:
        raise _as_problem(refused.why, at) from None
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):  # an equal request has not committed yet
            raise Problem("request-in-flight", headers={"Retry-After": "1"}) from None
        raise


def _as_problem(why: Refusal, at: str) -> Problem:
    if why is Refusal.UNAUTHENTICATED:
        return auth.unauthenticated()
    if why is Refusal.SCOPE_MISSING:
        return auth.without_scope(Scope.HANDOFFS)
    if why is Refusal.WRONG_AGENT:
        return Problem("wrong-agent")
    if why is Refusal.KEY_REUSED:
        return Problem("idempotency-key-reused")
    flaw = _REFUSED_FIELDS[why]
    return Problem("invalid-request", errors=[Flaw(at + flaw.pointer, flaw.detail)])
