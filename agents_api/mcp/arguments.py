"""What a model may say to each tool. Its words are for models: short, and every field but one optional."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints
from pydantic.config import JsonDict

from agents_api.schemas.base import JsonObject, Line, Name, Prose, Share, Strict
from agents_api.schemas.parts import JsonSchema
from escalations.models import Kind, Reason

# Clients commonly give a tool call up after a minute.
WAIT_MAX = 55

AgentVersion = Annotated[Name, Field(description="Your own version, if you know it.")]
WaitSeconds = Annotated[
    int,
    Field(
        ge=0, le=WAIT_MAX, description="How long this call may wait for a person. After that it says pending."
    ),
]
Key = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[ -~]+$")]
_ACTION: JsonDict = {
    "items": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "description": "The tool that you want to call."},
            "arguments": {"type": "object"},
            "description": {"type": "string", "description": "What the call does, in plain words."},
            "risk": {"enum": ["low", "medium", "high", "critical"]},
            "input_schema": {"type": "object", "description": "JSON Schema of the arguments."},
            "tool_call_id": {"type": "string"},
        },
    }
}
_MESSAGE: JsonDict = {
    "items": {
        "type": "object",
        "required": ["role"],
        "properties": {
            "role": {"enum": ["system", "user", "assistant", "tool"]},
            "content": {"type": "string"},
        },
    }
}


class EscalateIn(Strict):
    """What the person needs to know. It becomes a handoff of the REST API, with fields of the same names."""

    question: Annotated[Prose, StringConstraints(min_length=1)] = Field(
        description="What a person should decide or answer, in one or two sentences."
    )
    summary: Prose | None = Field(default=None, description="What happened so far, in a few sentences.")
    kind: Kind | None = Field(
        default=None,
        description="approval: may you make the calls in pending_actions? question: a person answers. "
        "takeover: a person talks to your user. review: a person checks what you did.",
    )
    reason: Reason = Reason.OTHER
    messages: list[JsonObject] = Field(
        default=[], description="The conversation so far, oldest first.", json_schema_extra=_MESSAGE
    )
    pending_actions: list[JsonObject] = Field(
        default=[], description="Calls that wait for a yes or no.", json_schema_extra=_ACTION
    )
    response_schema: JsonSchema | None = Field(
        default=None, description="JSON Schema of the answer that you need. The person gets it as a form."
    )
    conversation_id: Line | None = Field(
        default=None,
        description="Which conversation this is about. Equal questions of two conversations are two cases "
        "only if you say so here.",
    )
    category: Name | None = None
    confidence: Share | None = Field(default=None, description="How sure you are, from 0 to 1.")
    facts: JsonObject = Field(default={}, description="What you know, by name; shown beside the case.")
    priority: Literal["urgent", "high", "normal", "low"] | None = None
    agent_version: AgentVersion = "mcp"
    idempotency_key: Key | None = Field(
        default=None,
        description="Your own name for this request: repeated, it makes no second case. Without it the same "
        "content of the same conversation counts as repeated.",
    )
    wait_seconds: WaitSeconds = WAIT_MAX


class CheckHandoffIn(Strict):
    """Which case, and what there is to say to the person."""

    handoff_id: UUID = Field(description="The handoff_id that escalate_to_human gave you.")
    after_turn: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,18}$")] = Field(
        default="0", description="The after_turn of the last answer: turns up to it are not told again."
    )
    reply: Prose | None = Field(
        default=None, description="Your answer to the person who asked you something, or what your user said."
    )
    reply_from: Literal["agent", "user"] = "agent"
    outcome: Literal["applied", "late"] | None = Field(
        default=None, description="What became of the decision, once you have acted on it or come too late."
    )
    wait_seconds: WaitSeconds = WAIT_MAX
