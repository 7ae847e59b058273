"""From what a model says to a handoff, and how a repeated request is told from a new one."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now
from django.http import HttpRequest

from agents_api import intake
from agents_api.auth import Caller, Credentials
from agents_api.endpoints.handoffs import open_case
from agents_api.mcp.arguments import EscalateIn
from agents_api.problems import Flaw, Problem
from agents_api.requests.bodies import Body
from escalations.models import IdempotencyRecord, Kind, State
from escalations.transitions import Opened

# A client that gave up repeats its call within seconds. What is asked long after the answer is a new case.
_REPEATED_WITHIN = timedelta(minutes=10)
_SAME_CONTENT_MAX = 64
_AS_THEY_ARE = ("question", "summary", "conversation_id", "category", "confidence", "response_schema")


def open_handoff(
    request: HttpRequest, credentials: Credentials, caller: Caller, asked: EscalateIn, key: str | None
) -> Opened:
    """Open a case through the intake of `POST /handoffs`, or find the one that the same request opened.

    Raises:
        Problem: the handoff is refused; pointers are those of the tool's arguments.
    """
    document = handoff_of(caller, asked)
    text = json.dumps(document)
    own = asked.idempotency_key or key
    name = f"mcp {own}" if own else _key_of_content(caller, text)
    try:
        handoff = intake.handoff_input(request, Body(text.encode(), document), key=name)
        return open_case(credentials, handoff)
    except Problem as problem:
        if problem.kind.slug == "idempotency-key-reused":
            detail = "Other content was sent with this key before. Send a new one, or leave it out."
            raise Problem("invalid-request", errors=[Flaw("/idempotency_key", detail)]) from None
        raise


def handoff_of(caller: Caller, asked: EscalateIn) -> dict[str, Any]:
    """What `POST /handoffs` would take for it. The same arguments always give the same bytes."""
    actions = [
        {"tool_call_id": f"call_{number}"} | action for number, action in enumerate(asked.pending_actions, 1)
    ]
    kind = asked.kind or (Kind.APPROVAL if actions else Kind.QUESTION)
    document: dict[str, Any] = {
        "agent": {"name": caller.agent_name, "version": asked.agent_version, "framework": "mcp"},
        "kind": kind.value,
        "reason": asked.reason.value,
        "messages": asked.messages,
        "pending_actions": actions,
    }
    given = {name: getattr(asked, name) for name in _AS_THEY_ARE}
    document |= {name: value for name, value in given.items() if value is not None}
    if asked.facts:
        document["context"] = {"facts": asked.facts}
    if asked.priority:
        document["routing"] = {"priority": asked.priority}
    return document


def _key_of_content(caller: Caller, text: str) -> str:
    """The key of a request without one: the same content is the same request, until its case is long over.

    Two such requests at once find the same key, so the intake sees that they are one.
    """
    content = sha256(text.encode()).hexdigest()
    keys = [f"mcp content {content} {number}" for number in range(_SAME_CONTENT_MAX)]
    long_over = Q(case__closed_at__lt=Now() - _REPEATED_WITHIN) | Q(case__state=State.CANCELLED)
    newest = (
        IdempotencyRecord.objects.filter(agent_id=caller.agent_id, key__in=keys)
        .order_by("-created_at", "-id")
        .values_list("key", ExpressionWrapper(long_over, output_field=BooleanField()))
        .first()
    )
    if newest is None:
        return keys[0]
    key, is_over = newest
    number = keys.index(key) + bool(is_over)
    if number == _SAME_CONTENT_MAX:
        detail = "The same was asked too often to tell a repeated request from a new one. Send a key."
        raise Problem("invalid-request", errors=[Flaw("/idempotency_key", detail)])
    return keys[number]
