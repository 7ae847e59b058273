"""What an agent sends. Field by field: docs/openapi.json, which is made from here."""

from math import inf
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from agents_api.schemas.base import ConfidenceSource, JsonObject, Line, Name, Prose, Share, Strict
from agents_api.schemas.messages import Message
from agents_api.schemas.parts import (
    ITEMS_MAX,
    AgentIn,
    AttachmentIn,
    CallbackIn,
    ContextIn,
    Digest,
    JsonSchema,
    PendingActionIn,
    RoutingIn,
    SlaIn,
    StateIn,
    StepIn,
    SuggestionIn,
    UsageIn,
)
from escalations.models import Kind, Reason
from escalations.transitions.decisions import schema_flaws

MESSAGES_MAX = 2_000


class HandoffIn(Strict):
    """A case for a person, with everything the agent knows."""

    agent: AgentIn
    kind: Kind
    reason: Reason
    messages: list[Message] = Field(
        max_length=MESSAGES_MAX,
        description="OpenAI chat messages or OpenTelemetry GenAI messages, even mixed.",
    )
    conversation_id: Line | None = None
    run_id: Line | None = None
    parent_handoff_id: UUID | None = Field(default=None, description="An earlier handoff of the same agent.")
    confidence: Share | None = None
    confidence_source: ConfidenceSource | None = None
    confidence_threshold: Share | None = None
    category: Name | None = None
    summary: Prose | None = None
    question: Prose | None = None
    steps: list[StepIn] = Field(default=[], max_length=MESSAGES_MAX)
    pending_actions: list[PendingActionIn] = Field(default=[], max_length=ITEMS_MAX)
    suggestions: list[SuggestionIn] = Field(default=[], max_length=ITEMS_MAX)
    response_schema: JsonSchema | None = None
    context: ContextIn | None = None
    usage: UsageIn | None = None
    attachments: list[AttachmentIn] = Field(default=[], max_length=ITEMS_MAX)
    routing: RoutingIn | None = None
    sla: SlaIn | None = None
    state: StateIn | None = None
    callback: CallbackIn | None = None
    metadata: JsonObject = Field(
        default={},
        description="Anything. `customer_ref` says whose case it is: datasets are split by it, and data of "
        "a person erased; `task_id` says which task it is. For the formats `langgraph` and `ag_ui`, "
        "`interrupts` in it maps the id of each interrupt of your run to the `tool_call_id` that it asks "
        "about, a list of them, or null.",
    )
    sensitive_paths: list[Annotated[str, StringConstraints(max_length=200, pattern=r"^\$")]] = Field(
        default=[], max_length=ITEMS_MAX
    )

    @field_validator("steps")
    @classmethod
    def _point_at_messages(cls, steps: list[StepIn], info: ValidationInfo) -> list[StepIn]:
        last = len(info.data["messages"]) - 1 if "messages" in info.data else inf
        for index, step in enumerate(steps):
            if step.message_index is not None and step.message_index > last:
                words = {"index": index}
                raise PydanticCustomError(
                    "message_index", "Step {index} points past the last message.", words
                )
        return steps

    @field_validator("pending_actions")
    @classmethod
    def _have_ids_of_their_own(cls, actions: list[PendingActionIn]) -> list[PendingActionIn]:
        if len({action.tool_call_id for action in actions}) < len(actions):
            raise PydanticCustomError("tool_call_id", "Two pending actions have the same tool_call_id.")
        return actions

    @field_validator("sla")
    @classmethod
    def _default_fits_the_response_schema(cls, sla: SlaIn | None, info: ValidationInfo) -> SlaIn | None:
        resolution = sla and sla.default_resolution
        if resolution and resolution.response is not None:
            flaws = schema_flaws(resolution.response, info.data.get("response_schema"), "/response")
            for flaw in flaws[:1]:
                words = {"pointer": flaw.pointer, "detail": flaw.detail}
                raise PydanticCustomError("default_response", "default_resolution{pointer}: {detail}", words)
        return sla


class MessagesIn(Strict):
    """What the user or the agent said since."""

    messages: Annotated[list[Message], Field(min_length=1, max_length=ITEMS_MAX)]


class CarriedOutIn(Strict):
    """A call that was made by the decision."""

    tool_call_id: Line
    digest: Digest


class AckIn(Strict):
    """What became of the decision: carried out, or too late to matter."""

    outcome: Literal["acknowledged", "applied", "late"]
    detail: Annotated[str, StringConstraints(max_length=2_000)] = ""
    carried_out: list[CarriedOutIn] = Field(
        default=[],
        max_length=ITEMS_MAX,
        description="The calls that were made, when `applied`. The desk compares each with the decision.",
    )

    @field_validator("carried_out")
    @classmethod
    def _once_and_when_applied(cls, calls: list[CarriedOutIn], info: ValidationInfo) -> list[CarriedOutIn]:
        if calls and info.data.get("outcome", "applied") != "applied":
            raise PydanticCustomError("carried_out", "Calls were carried out only if the outcome is applied.")
        if len({call.tool_call_id for call in calls}) < len(calls):
            raise PydanticCustomError("tool_call_id", "Two calls have the same tool_call_id.")
        return calls


class CancelIn(Strict):
    """Why the agent no longer needs the desk."""

    reason: Annotated[str, StringConstraints(max_length=2_000)] = ""
