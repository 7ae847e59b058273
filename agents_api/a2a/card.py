"""The agent card: who the desk is to other agents, where it answers and what it can do. It is public."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

PROTOCOL_VERSION = "1.0"
_MODES = ["text/plain", "application/json"]
_DESCRIPTION = (
    "A desk where people decide what an agent should not decide alone. Send a message with the question; the "
    "task is completed when a person has decided. It may take minutes or hours: subscribe, or ask again. A "
    "message:send that waits is answered after 55 seconds at the latest, with the task as it stands."
)


@login_not_required
@require_safe
@cache_control(public=True, max_age=300)
def agent_card(request: HttpRequest) -> HttpResponse:
    """The card as JSON."""
    return JsonResponse(card())


def card() -> dict[str, Any]:
    """The card as a JSON value."""
    return {
        "name": "Handrail",
        "description": _DESCRIPTION,
        "version": "1",
        "documentationUrl": settings.PUBLIC_URL + reverse("api:openapi-view"),
        "supportedInterfaces": [
            {
                "url": f"{settings.PUBLIC_URL}/a2a",
                "protocolBinding": "HTTP+JSON",
                "protocolVersion": PROTOCOL_VERSION,
            }
        ],
        "capabilities": {"streaming": True, "pushNotifications": False, "extendedAgentCard": False},
        "securitySchemes": {
            "key": {
                "httpAuthSecurityScheme": {
                    "scheme": "Bearer",
                    "description": "An API key of your agent with the scope `handoffs`, made by an admin.",
                }
            }
        },
        "securityRequirements": [{"schemes": {"key": {"list": []}}}],
        "defaultInputModes": _MODES,
        "defaultOutputModes": _MODES,
        "skills": _SKILLS,
    }


_SKILLS: list[dict[str, Any]] = [
    {
        "id": "answer",
        "name": "Answer a question",
        "description": "A person answers. A text is the question; a data part may have fields of a handoff, "
        "such as messages, summary, response_schema, category and confidence.",
        "tags": ["human", "escalation", "question"],
        "examples": ["The customer says they paid twice. What may I offer?"],
    },
    {
        "id": "approve",
        "name": "Approve tool calls",
        "description": "A person approves, edits or refuses each call in pending_actions of the data part.",
        "tags": ["human", "approval"],
        "examples": ["May I refund $912 to another card?"],
    },
]
