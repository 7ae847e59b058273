"""A case as its agent sees it: links, place in the line, and the decision once there is one."""

import json
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from agents_api import formats
from agents_api.requests.bodies import member_text
from escalations.handoffs import attachments, handback
from escalations.handoffs.line import Line, line_of
from escalations.models import Escalation, Handoff, Resolution, Turn

# How often to ask again without the long-poll.
POLL_SECONDS = 5
_SAMPLE_ID = UUID(int=0)


def links(case_id: UUID) -> str:
    """The addresses of a case, as JSON text."""
    return _link_text().replace(str(_SAMPLE_ID), str(case_id))


def address(case_id: UUID) -> str:
    """Where the case is."""
    return settings.PUBLIC_URL + reverse("api:get_handoff", args=[case_id])


def case_json(case: Escalation, *, format_name: str | None = None) -> str:
    """The case as it stands, as JSON text. Needs `queue` loaded; asks for the rest.

    `format_name` fills `resume_with`, once there is a decision.
    """
    line = line_of(case.id) if case.is_open else Line()
    document = summary(case) | {
        "routable": line.able > 0,
        "available": line.available,
        "ahead": line.ahead,
        "expected_wait_seconds": line.expected_wait_seconds,
        "resume_with": None,
        "last_turn": _last_turn(case),
    }
    del document["conversation_id"]
    found = decided(case)
    if found and format_name:
        document["resume_with"] = formats.render(format_name, formats.outcome_of(*found))
    text = json.dumps(document | {"decision": None})
    return text.removesuffix("null}") + _decision_json(case, found) + "}"


def summary(case: Escalation) -> dict[str, Any]:
    """What a list says of a case, without further queries. Needs `queue` loaded."""
    return {
        "id": str(case.id),
        "state": case.state,
        "version": case.version,
        "received_at": rfc3339(case.received_at),
        "due_at": rfc3339(case.due_at),
        "expires_at": rfc3339(case.expires_at),
        "waiting_for": case.waiting_for or None,
        "reply_due_at": rfc3339(case.reply_due_at),
        "queue": case.queue.name,
        "conversation_id": case.conversation_id or None,
        "delivery": case.delivery or None,
        "links": json.loads(links(case.id)),
    }


def decided(case: Escalation) -> tuple[Resolution, Handoff] | None:
    """The decision that stands, with who made it, and what it is about; None while there is none."""
    if case.is_open:
        return None
    resolution = Resolution.objects.current().filter(case=case).select_related("operator").first()
    return (resolution, Handoff.objects.get(case_id=case.id)) if resolution else None


def _decision_json(case: Escalation, found: tuple[Resolution, Handoff] | None) -> str:
    if found is None:
        return "null"
    resolution, handoff = found
    document = handback.decision_of(case, resolution, handoff)
    del document["state"]
    text = json.dumps(document | {"state": None}, ensure_ascii=False)
    return text.removesuffix("null}") + (member_text(handoff.body, "state") or "null") + "}"


def turn_json(turn: Turn) -> dict[str, Any]:
    """One turn as agents read it. Needs `author` loaded."""
    sender = "operator" if turn.author else "user" if turn.message["role"] == "user" else "agent"
    return {
        "id": str(turn.pk),
        "from": sender,
        "name": str(turn.author) if turn.author else None,
        "role": turn.message["role"],
        "content": turn.message.get("content"),
        "attachments": attachments.of_message(turn.message),
        "created_at": rfc3339(turn.created_at),
    }


def respond(text: str, *, version: int, is_open: bool, status: int = 200) -> HttpResponse:
    """An answer that holds one case: ETag of its version, Retry-After while it is open."""
    response = HttpResponse(text, status=status, content_type="application/json")
    response.headers["ETag"] = etag(version)
    if is_open:
        response.headers["Retry-After"] = str(POLL_SECONDS)
    return response


def etag(version: int) -> str:
    """Weak, because the place in the line moves without the case changing."""
    return f'W/"{version}"'


def rfc3339(moment: datetime | None) -> str | None:
    """UTC with microseconds and `Z`, as the database writes it into the first answer."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None


@cache
def _link_text() -> str:
    views = {
        "self": "api:get_handoff",
        "wait": "api:wait_for_handoff",
        "events": "api:follow_handoff",
        "messages": "api:add_messages",
        "typing": "api:typing",
        "ack": "api:acknowledge",
        "cancel": "api:cancel",
        "routing": "api:routing",
        "page": "case",
    }
    return json.dumps(
        {name: settings.PUBLIC_URL + reverse(view, args=[_SAMPLE_ID]) for name, view in views.items()}
    )


def _last_turn(case: Escalation) -> str | None:
    newest = case.turns_since.order_by("-id").values_list("id", flat=True).first()
    return str(newest) if newest else None
