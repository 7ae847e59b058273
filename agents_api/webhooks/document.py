"""The webhooks in the OpenAPI document: what is sent, signed as Standard Webhooks 1.0 has it."""

from typing import Any

from pydantic import BaseModel

from agents_api.models import DECISIONS, TEST, DeskEvent, EventType
from agents_api.schemas import AlertTold, CaseTold, Decision

Fragment = dict[str, Any]
# Those that only describe webhooks, and that no operation of ours would bring into the document.
MODELS: list[type[BaseModel]] = [AlertTold, CaseTold]
_WHAT = {
    EventType.CLAIMED: "A person took the case",
    EventType.MESSAGE: "A person wrote to the user, or asked the agent",
    EventType.WAITING: "The case waits for an answer",
    EventType.RESOLVED: "The case was decided, and that cannot be undone any more",
    EventType.EXPIRED: "The time of the case was over, and its default holds",
    EventType.REOPENED: "A decision was taken back",
}
_ALERTS = {
    DeskEvent.ALERT_BEGAN: "An alert of the desk began; for endpoints of the desk itself",
    DeskEvent.ALERT_ENDED: "An alert of the desk is over; likewise",
}
_HEADERS = {
    "webhook-id": "The same for each copy of a webhook: carry each out once.",
    "webhook-timestamp": "When this copy was sent, in seconds since 1970.",
    "webhook-signature": "`v1,` and an HMAC-SHA256 in base64; two of these while the secret changes.",
}


def described(ref_template: str) -> Fragment:
    """The member `webhooks` of the document."""
    told: dict[str, Fragment] = {
        type_: _webhook(
            type_, what, ref_template.format(model=(Decision if type_ in DECISIONS else CaseTold).__name__)
        )
        for type_, what in _WHAT.items()
    }
    alert = ref_template.format(model=AlertTold.__name__)
    told |= {type_: _webhook(type_, what, alert) for type_, what in _ALERTS.items()}
    return told | {TEST: _webhook(TEST, "An admin tries whether webhooks arrive", None)}


def _webhook(type_: str, what: str, data: str | None) -> Fragment:
    body = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": type_},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
            "data": {"$ref": data} if data else {"type": "object"},
        },
    }
    operation = {
        "summary": what,
        "parameters": [
            {
                "in": "header",
                "name": name,
                "required": True,
                "description": words,
                "schema": {"type": "string"},
            }
            for name, words in _HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"2XX": {"description": "Taken. Anything else is tried again; 410 ends it."}},
        "security": [],
    }
    return {"post": operation}
