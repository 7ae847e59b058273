"""The addresses of A2A over HTTP and JSON, under `/a2a`."""

import json
from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from pydantic import BaseModel, Field, ValidationError

from agents_api import auth, door, faults, idempotency, intake
from agents_api.a2a import errors, following, listing, messages, tasks
from agents_api.a2a.card import PROTOCOL_VERSION
from agents_api.a2a.errors import A2AError
from agents_api.a2a.listing import ListQuery
from agents_api.a2a.messages import MessageIn, SendIn
from agents_api.a2a.tasks import Seen
from agents_api.auth import Caller, Credentials
from agents_api.endpoints.handoffs import open_case, own_case
from agents_api.problems import flaws as flaws_of
from agents_api.requests import bodies
from agents_api.requests.bodies import Body
from agents_api.waiting.streaming import HEADERS
from escalations import transitions
from escalations.background import database_threads
from escalations.models import Scope, State
from escalations.transitions import CaseClosed

WAIT_SECONDS = 55
_MEDIA_TYPE = "application/a2a+json"
_TAKEN = (_MEDIA_TYPE, "application/json")

Query = TypeVar("Query", bound=BaseModel)
View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def served(*methods: str) -> Callable[[View], View]:
    """A view for these methods that speaks this version, with every error as the protocol spells it."""

    def decorate(view: View) -> View:
        @login_not_required
        @wraps(view)
        async def enter(request: HttpRequest, **parameters: str) -> HttpResponseBase:
            if request.method not in methods:
                return HttpResponse(status=405, headers={"Allow": ", ".join(methods)})
            try:
                credentials, caller = await database_threads.run(auth.enter, request, Scope.HANDOFFS)
                _check_version(request)
                response = await view(request, credentials, caller, **parameters)
            except Exception as error:
                response = errors.answer(await database_threads.run(_as_error, error))
            return door.with_standing(request, response)

        return enter

    return decorate


def _as_error(error: Exception) -> A2AError:
    return error if isinstance(error, A2AError) else errors.of_problem(faults.problem_of(error))


def _check_version(request: HttpRequest) -> None:
    """A client that names no version speaks 0.3, says the protocol."""
    version = request.headers.get("A2A-Version") or request.GET.get("A2A-Version") or "0.3"
    if version.split(".")[0] != PROTOCOL_VERSION.split(".")[0]:
        words = f"Version {version[:20]} is not spoken here. Send the header A2A-Version: {PROTOCOL_VERSION}."
        raise A2AError("VERSION_NOT_SUPPORTED", words)


@served("POST")
async def send_message(request: HttpRequest, credentials: Credentials, caller: Caller) -> HttpResponse:
    """Begin a task, or say something to one; wait until it is over or asks for something, but not long."""
    sent, seen = await database_threads.run(_take, request, credentials, caller)
    how = sent.configuration
    if not how.return_immediately:
        seen = await following.until_answer_needed(
            credentials, seen, seconds=WAIT_SECONDS, history=how.history_length
        )
    return _json({"task": seen.task})


@served("POST")
async def stream_message(request: HttpRequest, credentials: Credentials, caller: Caller) -> HttpResponseBase:
    """The same, told as a stream."""
    _, seen = await database_threads.run(_take, request, credentials, caller)
    return _streamed(request, credentials, seen)


@served("GET", "POST")
async def subscribe(
    request: HttpRequest, credentials: Credentials, caller: Caller, task_id: str
) -> HttpResponseBase:
    """Follow a task that is not over."""
    case_id = messages.task_id_of(task_id)
    seen = await database_threads.run(tasks.seen_by, caller, case_id)
    if seen.is_over:
        raise A2AError("UNSUPPORTED_OPERATION", "The task is over. Get it instead.")
    return _streamed(request, credentials, seen)


@served("GET")
async def get_task(
    request: HttpRequest, credentials: Credentials, caller: Caller, task_id: str
) -> HttpResponse:
    """A task as it stands."""
    history = _history_length(request)
    seen = await database_threads.run(tasks.seen_by, caller, messages.task_id_of(task_id), history=history)
    return _json(seen.task)


@served("GET")
async def list_tasks(request: HttpRequest, credentials: Credentials, caller: Caller) -> HttpResponse:
    """The agent's tasks."""
    query = _query(ListQuery, request)
    return _json(await database_threads.run(listing.page_of, caller, query))


@served("POST")
async def cancel_task(
    request: HttpRequest, credentials: Credentials, caller: Caller, task_id: str
) -> HttpResponse:
    """Withdraw a task. Whoever holds its case is told. Withdrawing twice is fine."""
    return _json(await database_threads.run(_cancel, caller, messages.task_id_of(task_id)))


@served("GET", "POST", "DELETE")
async def no_notifications(
    request: HttpRequest, credentials: Credentials, caller: Caller, **parameters: str
) -> HttpResponse:
    """Notifications are webhooks that are registered at the desk."""
    raise A2AError(
        "PUSH_NOTIFICATION_NOT_SUPPORTED",
        "Register a webhook endpoint of your agent at the desk, or subscribe to the task.",
    )


@served("GET")
async def no_extended_card(request: HttpRequest, credentials: Credentials, caller: Caller) -> HttpResponse:
    """There is one card for all."""
    raise A2AError("UNSUPPORTED_OPERATION", "The public agent card says all there is.")


@served("GET", "POST", "DELETE", "PUT", "PATCH")
async def nowhere(request: HttpRequest, credentials: Credentials, caller: Caller, rest: str) -> HttpResponse:
    """Every other address under `/a2a`."""
    raise A2AError("METHOD_NOT_FOUND", "There is nothing here.", code=404, status="NOT_FOUND")


def _take(request: HttpRequest, credentials: Credentials, caller: Caller) -> tuple[SendIn, Seen]:
    """The message, and the task that it began or went to. A repeated message changes nothing."""
    body = bodies.read(request, media_types=_TAKEN)
    sent = intake.validate(SendIn, body)
    messages.check(sent)
    if sent.message.task_id:
        case_id = _say(caller, sent.message, messages.task_id_of(sent.message.task_id))
    else:
        document = messages.handoff_of(caller, sent.message)
        handed = Body(_text(document), document)
        handoff = intake.handoff_input(request, handed, key=_key(sent.message))
        case_id = open_case(credentials, handoff).case_id
    return sent, tasks.seen_by(caller, case_id, history=sent.configuration.history_length)


def _say(caller: Caller, message: MessageIn, case_id: UUID) -> UUID:
    """Add a turn of the user to the conversation of a task."""
    case = own_case(caller, case_id)
    if message.context_id and message.context_id != tasks.context_of(case):
        words = "The task belongs to another context."
        raise errors.invalid(words, [{"field": "/message/contextId", "description": words}])
    said = {"role": "user", "content": message.as_a_turn}

    def act() -> str:
        transitions.add_message(case_id=case_id, messages=[said], actor=caller.actor)
        return ""

    digest = idempotency.digest(str(case_id), _text(said))
    idempotency.once(caller=caller, key=_key(message), request_sha256=digest, case_id=case_id, act=act)
    return case_id


def _cancel(caller: Caller, case_id: UUID) -> dict[str, Any]:
    case = own_case(caller, case_id)
    if case.state != State.CANCELLED:
        try:
            transitions.cancel(case_id=case_id, actor=caller.actor, reason="")
        except CaseClosed as closed:
            problem = faults.problem_of(closed)
            if problem.kind.slug != "case-closed":
                raise errors.of_problem(problem) from None
            raise A2AError("TASK_NOT_CANCELABLE", "The task is over, so it cannot be withdrawn.") from None
    return tasks.seen_by(caller, case_id).task


def _key(message: MessageIn) -> str:
    return f"a2a {message.message_id}"


def _text(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document).encode()


def _query(model: type[Query], request: HttpRequest) -> Query:
    try:
        return model.model_validate(request.GET.dict())
    except ValidationError as error:
        found = flaws_of(error.errors(include_url=False, include_input=False))
        violations = [{"field": each.pointer.lstrip("/"), "description": each.detail} for each in found]
        raise errors.invalid("The query does not fit.", violations) from None


class _TaskQuery(BaseModel):
    history_length: int | None = Field(default=None, ge=0, alias="historyLength")


def _history_length(request: HttpRequest) -> int | None:
    return _query(_TaskQuery, request).history_length


def _streamed(request: HttpRequest, credentials: Credentials, seen: Seen) -> HttpResponseBase:
    if not isinstance(request, ASGIRequest):
        # Without an event loop a stream would hold a thread: the client gets the task, and subscribes again.
        text = following.event({"task": seen.task})
        return HttpResponse(text, content_type="text/event-stream", headers=HEADERS)
    told = following.stream(credentials, seen)
    return StreamingHttpResponse(told, content_type="text/event-stream", headers=HEADERS)


def _json(document: dict[str, Any]) -> HttpResponse:
    return JsonResponse(document, content_type=_MEDIA_TYPE)
