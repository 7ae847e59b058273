"""The address `/mcp`: each request stands for itself, so any process can answer it and none can lose it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from http import HTTPStatus
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse

from agents_api import auth, door, faults
from agents_api.auth import Caller, Credentials
from agents_api.mcp import protocol
from agents_api.mcp.protocol import Message, Refused
from agents_api.mcp.tools import TOOLS, Call, Progress, Said, Steps, steps_of
from agents_api.requests import bodies
from agents_api.waiting.streaming import HEADERS
from agents_api.waiting.ticking import ticking
from escalations.background import database_threads

# So often a call that waits says so: clients and proxies take a longer silence for a dead line.
TICK_SECONDS = 5
_PING = ": ping\n\n"
_INSTRUCTIONS = (
    "Handrail is a desk where people decide what an agent should not decide alone. Ask should_escalate when "
    "you are not sure, hand over with escalate_to_human, and go on waiting with check_handoff. What a person "
    "decided stands. No answer is never a yes."
)
_DISCOVERED = {
    "supportedVersions": [protocol.CURRENT],
    "capabilities": {"tools": {}},
    "instructions": _INSTRUCTIONS,
}
# What clients may keep of a list that changes with a release only.
_FRESH = {"ttlMs": 300_000, "cacheScope": "private"}


@dataclass(frozen=True)
class _Entered:
    """A request whose key is valid, and what came with it."""

    credentials: Credentials
    caller: Caller
    message: Message


@login_not_required
async def serve(request: HttpRequest) -> HttpResponseBase:
    """Answer one message."""
    if request.method != "POST":
        return HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "POST"})
    try:
        _check_origin(request)
        entered = await database_threads.run(_enter, request)
        return door.with_standing(request, await _answer(request, entered))
    except Refused as refused:
        return protocol.error(refused)
    except Exception as error:
        problem = await database_threads.run(faults.problem_of, error)
        return protocol.error(protocol.refusal(problem))


def _check_origin(request: HttpRequest) -> None:
    """Refuse pages of other sites: a browser may reach a desk that the site itself cannot.

    Raises:
        Refused: a page of another site sent the request. Agents send no origin.
    """
    origin = request.headers.get("Origin")
    ours = urlsplit(settings.PUBLIC_URL)
    if origin and origin not in {f"{ours.scheme}://{ours.netloc}", *settings.CSRF_TRUSTED_ORIGINS}:
        raise Refused(
            protocol.REFUSED_AT_THE_DOOR,
            "Pages of other sites may not call this desk.",
            status=HTTPStatus.FORBIDDEN,
        )


def _enter(request: HttpRequest) -> _Entered:
    """Who is there, and with what; who may not come in learns nothing about the request."""
    credentials, caller = auth.enter(request, None)
    message = protocol.message_of(bodies.read(request).document, request)
    return _Entered(credentials, caller, message)


async def _answer(request: HttpRequest, entered: _Entered) -> HttpResponseBase:
    message = entered.message
    if message.id is None:  # nothing that a client notifies of matters here
        return HttpResponse(status=HTTPStatus.ACCEPTED)
    if message.method == "tools/call":
        return await _call(request, entered)
    if message.method == "tools/list":
        scopes = entered.caller.scopes
        tools = {"tools": [tool.definition for tool in TOOLS.values() if tool.scope in scopes]}
        return _result(message, tools | (_FRESH if message.is_current else {}))
    if message.method == "server/discover" and message.is_current:
        return _result(message, _DISCOVERED | _FRESH)
    if message.method == "initialize" and not message.is_current:
        return _result(message, _shake_hands(message))
    if message.method == "ping" and not message.is_current:
        return _result(message, {})
    raise protocol.unknown_method(message)


def _shake_hands(message: Message) -> dict[str, object]:
    wanted = message.params.get("protocolVersion")
    return {
        "protocolVersion": wanted if wanted in protocol.WITH_HANDSHAKE else protocol.WITH_HANDSHAKE[-1],
        "capabilities": {"tools": {}},
        "serverInfo": protocol.SERVER,
        "instructions": _INSTRUCTIONS,
    }


async def _call(request: HttpRequest, entered: _Entered) -> HttpResponseBase:
    """Call a tool. As long as it waits the answer is a stream, if the client can read one."""
    message = entered.message
    name, arguments = message.params.get("name"), message.params.get("arguments") or {}
    tool = TOOLS.get(name) if isinstance(name, str) else None
    if tool is None:
        raise protocol.invalid_params(message, f"There is no such tool. There are: {', '.join(TOOLS)}.")
    if not isinstance(arguments, dict):
        raise protocol.invalid_params(message, "arguments must be an object.")
    if tool.scope not in entered.caller.scopes:
        raise protocol.refusal(auth.without_scope(tool.scope), message)
    credentials = replace(entered.credentials, scope=tool.scope)
    steps = steps_of(tool, Call(request, credentials, entered.caller, arguments, message.meta))
    step = await anext(steps)
    if isinstance(step, Progress) and _can_stream(request):
        told = _told(message, steps, step)
        return StreamingHttpResponse(told, content_type="text/event-stream", headers=HEADERS)
    while isinstance(step, Progress):
        step = await anext(steps)
    return _result(message, step.result)


def _can_stream(request: HttpRequest) -> bool:
    # Without an event loop a stream would hold a thread for each line of it.
    return isinstance(request, ASGIRequest) and "text/event-stream" in request.headers.get("Accept", "")


async def _told(message: Message, steps: Steps, step: Progress | Said) -> AsyncIterator[str]:
    """The rest of a call as server-sent events: that it waits, and in the end its result."""
    now = asyncio.get_running_loop().time
    began = now()
    while isinstance(step, Progress):
        until, words = now() + step.seconds, step.words
        yield _progress(message, words, now() - began, until - began)
        async with aclosing(ticking(anext(steps), every=TICK_SECONDS)) as ticks:
            async for tick in ticks:
                if tick is None:
                    yield _progress(message, words, now() - began, until - began)
                else:
                    step = tick
    yield _event(protocol.result(message, step.result))


def _progress(message: Message, words: str, seconds: float, of: float) -> str:
    token = message.progress_token
    if token is None:
        return _PING
    params = {"progressToken": token, "progress": round(seconds, 3), "total": round(of, 3), "message": words}
    return _event({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})


def _event(document: dict[str, object]) -> str:
    return f"event: message\ndata: {json.dumps(document)}\n\n"


def _result(message: Message, document: dict[str, object]) -> HttpResponse:
    return JsonResponse(protocol.result(message, document))
