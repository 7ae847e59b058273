"""Checkpoints: what the output of a step must look like, and what the desk finds when it looks."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic.types import JsonValue
from pydantic_core import PydanticCustomError

from agents_api.schemas.answers import Answer, Case
from agents_api.schemas.base import JsonObject, Line, Moment, Seconds, Strict
from agents_api.schemas.check import CheckReason, HandoffAs
from agents_api.schemas.handoff import HandoffIn
from agents_api.schemas.parts import AgentIn
from escalations.models import Fault, Reason
from escalations.models.checkpoints import STEP_MAX

STEP_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9_.:-]*$"
Step = Annotated[
    str,
    StringConstraints(min_length=1, max_length=STEP_MAX, pattern=STEP_PATTERN),
    Field(description="The name of the step, as in the `steps` of handoffs and in policies."),
]
Milliseconds = Annotated[int, Field(ge=0, le=2**31 - 1)]


class SchemaIn(Strict):
    """What the output of a step must look like from now on."""

    schema_: JsonObject = Field(
        alias="schema",
        description="A JSON Schema, draft 2020-12, of 64 KiB at most, whose references stay inside it.",
    )


class ToolResultIn(Strict):
    """The call of a tool whose answer is the output."""

    tool_call_id: Line | None = None
    name: Line | None = None
    status: Literal["ok", "error", "timeout"] = "ok"
    http_status: Annotated[int, Field(ge=100, le=599)] | None = None
    content_type: Line | None = None
    duration_ms: Milliseconds | None = None
    timeout_ms: Milliseconds | None = Field(
        default=None, description="How long it might take; a call that took as long counts as timed out."
    )
    observed_at: Moment | None = Field(default=None, description="Of when the answer is, as of a cached one.")
    max_age_seconds: Seconds | None = Field(
        default=None, description="With `observed_at`: an older answer is out of date."
    )


class FailedHandoffIn(HandoffIn):
    """A handoff whose reason is that a checkpoint failed."""

    reason: Literal[Reason.CHECKPOINT_FAILED]


class OutputIn(Strict):
    """The output of a step, to be checked."""

    agent: AgentIn
    step: Step
    schema_version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        default=None, description="The number of an older schema of the step; else the newest counts."
    )
    output: JsonValue = Field(
        default=None,
        description="Any JSON value. With `tool_result`, a text is read as JSON if the schema asks for that.",
    )
    tool_result: ToolResultIn | None = None
    run_id: Line | None = None
    conversation_id: Line | None = None
    handoff: FailedHandoffIn | None = Field(
        default=None,
        description="What to hand off if the output fails and the policy asks for a person. Needs an "
        "Idempotency-Key. Its agent is this agent.",
    )

    @field_validator("handoff")
    @classmethod
    def _is_of_the_same_agent(
        cls, handoff: FailedHandoffIn | None, info: ValidationInfo
    ) -> FailedHandoffIn | None:
        agent = info.data.get("agent")
        if handoff and agent and (handoff.agent.name, handoff.agent.version) != (agent.name, agent.version):
            raise PydanticCustomError("agent", "It names another agent or version than the request.")
        return handoff


class OutputError(Answer):
    """One place where the output breaks its schema."""

    pointer: str = Field(description="JSON Pointer (RFC 6901) into the output.")
    detail: str
    schema_pointer: str = Field(description="JSON Pointer into the schema: the rule that is broken.")


class CheckpointResult(Answer):
    """What the desk found, and what the policy says of it."""

    passed: bool
    classification: Fault
    detail: str = Field(description="The classification in words; empty if it passed.")
    schema_version: int | None = Field(description="Null if the step has no schema.")
    errors: list[OutputError] = Field(description="The first 20.")
    more_errors: int | None = Field(
        description="How many more there are; null where the output is so large that only the first was "
        "looked for."
    )
    escalate: bool = Field(description="Whether the policy asks for a person.")
    reasons: list[CheckReason]
    policy_version: int | None = Field(description="The number of the policy; null if there is none.")
    hand_off_as: HandoffAs | None = Field(description="How to hand off; null if there is no reason to.")
    handoff: Case | None = Field(description="The case that was opened, as from `POST /handoffs`.")


class RegisteredSchema(Answer):
    """A schema of a step. It never changes; a changed one is a new version."""

    step: str
    version: int
    schema_: dict[str, Any] = Field(alias="schema")
    created_at: datetime


class SchemaPage(Answer):
    items: list[RegisteredSchema]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null at the end.")
