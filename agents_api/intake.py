"""From a JSON body to what the domain takes. The text itself is kept as it came, never encoded again."""

import json
import re
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpRequest
from pydantic import BaseModel, ValidationError

from agents_api.problems import Flaw, Problem, flaws, pointer
from agents_api.requests.bodies import Body, read
from agents_api.schemas.handoff import HandoffIn
from agents_api.webhooks import callbacks
from escalations.handoffs.messages import InvalidMessage, normalise
from escalations.models import OnExpiry, Priority
from escalations.transitions import HandoffInput

__all__ = [
    "Sent",
    "chat_messages",
    "check_query",
    "handoff_input",
    "headline",
    "idempotency_key",
    "input_of",
    "optional_idempotency_key",
    "read",
    "validate",
]

HEADLINE_MAX = 300
# What changes the direction of all that follows: a line must not read like another one.
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])

Model = TypeVar("Model", bound=BaseModel)
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_IDEMPOTENCY_KEY = re.compile(r"[ -~]{1,255}")


def validate(model: type[Model], body: Body) -> Model:
    """The body as a `model`, checked in one pass.

    Raises:
        Problem: it does not fit; says where.
    """
    try:
        return model.model_validate_json(body.raw)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        if errors[0]["type"] == "json_invalid":  # stricter than Python's decoder: lone surrogates
            raise Problem("not-json", errors[0]["msg"]) from None
        raise Problem("invalid-request", errors=flaws(errors)) from None


def check_query(model: type[BaseModel], request: HttpRequest) -> None:
    """Refuse parameters that `model` does not name: a misspelt filter would quietly list everything.

    Raises:
        Problem: there is one.
    """
    if unknown := request.GET.keys() - model.model_fields.keys():
        errors = [Flaw(pointer(["query", name]), "There is no such parameter.") for name in sorted(unknown)]
        raise Problem("invalid-request", errors=errors)


def idempotency_key(request: HttpRequest) -> str:
    """The request's Idempotency-Key.

    Raises:
        Problem: there is none, or it is too long or not printable ASCII.
    """
    key = str(request.META.get("HTTP_IDEMPOTENCY_KEY", ""))
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise Problem("idempotency-key-missing")
    return key


def optional_idempotency_key(request: HttpRequest) -> str | None:
    """The request's Idempotency-Key, if it has one.

    Raises:
        Problem: it is too long or not printable ASCII.
    """
    return idempotency_key(request) if "HTTP_IDEMPOTENCY_KEY" in request.META else None


def chat_messages(messages: list[dict[str, Any]], at: str = "") -> list[dict[str, Any]]:
    """`handoffs.messages.normalise`, with its refusal as a problem; `at` is where the messages stand."""
    try:
        return normalise(messages)
    except InvalidMessage as error:
        flaw = Flaw(f"{at}/messages{error.pointer}", error.detail)
        raise Problem("invalid-request", errors=[flaw]) from None


def handoff_input(request: HttpRequest, body: Body, *, key: str = "") -> HandoffInput:
    """A handoff as the domain takes it. Its Idempotency-Key is `key`, else the one of the request.

    Raises:
        Problem: the Idempotency-Key is missing, or the handoff is not valid.
    """
    key = key or idempotency_key(request)
    handoff = validate(HandoffIn, body)
    sent = Sent(body.raw.decode(), body.document["messages"], key, body.sha256)
    return input_of(request, handoff, sent)


@dataclass(frozen=True)
class Sent:
    """A handoff as it came: its text, its messages and what makes a repeated request the same."""

    text: str
    messages: list[dict[str, Any]]
    idempotency_key: str
    request_sha256: str
    at: str = ""


def input_of(request: HttpRequest, handoff: HandoffIn, sent: Sent) -> HandoffInput:
    """A valid handoff as the domain takes it, whichever request it came in.

    Raises:
        Problem: a message is in no form that is known.
    """
    messages = chat_messages(sent.messages, sent.at)
    return HandoffInput(
        body=sent.text,
        request_sha256=sent.request_sha256,
        idempotency_key=sent.idempotency_key,
        normalised_messages=None if messages is sent.messages else json.dumps(messages, ensure_ascii=False),
        request_id=getattr(request, "request_id", ""),
        callback=_callback(handoff, sent.at),
        **_trace(request),
        **_narrow(handoff),
    )


def _callback(handoff: HandoffIn, at: str) -> str | None:
    try:
        return callbacks.stored(handoff.callback)
    except callbacks.NotAnOriginError as error:
        raise Problem("invalid-request", errors=[Flaw(f"{at}/callback/url", str(error))]) from None


def headline(handoff: HandoffIn) -> str:
    """The one line that stands for the case in lists."""
    proposals = [f"{action.name}?" for action in handoff.pending_actions]
    candidates = [
        handoff.question,
        handoff.summary,
        *proposals,
        str(handoff.reason.label),
    ]
    line = next(words for text in candidates if (words := _one_line(text or "")))
    return line if len(line) <= HEADLINE_MAX else line[: HEADLINE_MAX - 1] + "…"


def _one_line(text: str) -> str:
    return " ".join(text.translate(_DIRECTIONS).split())


def _narrow(handoff: HandoffIn) -> dict[str, Any]:
    """The fields that routing, clocks and lists need, out of the payload."""
    usage, routing, sla = handoff.usage, handoff.routing, handoff.sla
    return {
        "agent_name": handoff.agent.name,
        "agent_version": handoff.agent.version,
        "kind": handoff.kind.value,
        "reason": handoff.reason.value,
        "headline": headline(handoff),
        "priority": Priority[routing.priority.upper()] if routing else Priority.NORMAL,
        "category": handoff.category or "",
        "conversation_id": handoff.conversation_id or "",
        "run_id": handoff.run_id or "",
        "parent_id": handoff.parent_handoff_id,
        "queue": routing.queue if routing else None,
        "skills": routing.skills if routing else [],
        "preferred_skills": routing.preferred_skills if routing else [],
        "confidence": handoff.confidence,
        "confidence_source": handoff.confidence_source or "",
        "confidence_threshold": handoff.confidence_threshold,
        "turns": usage.turns if usage else None,
        "context_tokens": usage.context_tokens if usage else None,
        "cost_usd": usage.cost_usd if usage else None,
        "run_seconds": usage.seconds if usage else None,
        "retries": usage.retries if usage else None,
        "respond_by": sla.respond_by if sla else None,
        "expires_at": sla.expires_at if sla else None,
        "on_expiry": sla.on_expiry.value if sla else OnExpiry.FAIL.value,
    }


def _trace(request: HttpRequest) -> dict[str, Any]:
    """The caller's place in its trace (W3C Trace Context); one that is malformed counts as none."""
    parent = str(request.META.get("HTTP_TRACEPARENT", ""))
    if not _TRACEPARENT.fullmatch(parent):
        return {}
    state = str(request.META.get("HTTP_TRACESTATE", ""))
    usable = len(state) <= 512 and state.isascii() and state.isprintable()
    return {"traceparent": parent, "tracestate": state if usable else ""}
