"""Whether to hand off: what an agent tells of a run that goes on, and what its policy says of it."""

from typing import Annotated

from pydantic import Field, StringConstraints

from agents_api.schemas.answers import Answer
from agents_api.schemas.base import ConfidenceSource, Count, JsonObject, Line, Name, Share, Strict
from agents_api.schemas.parts import ITEMS_MAX, AgentIn, UsageIn
from escalations.models import Kind, Reason
from escalations.policy.phrases import TEXT_MAX
from escalations.policy.policies import Code


class PlannedActionIn(Strict):
    """A tool call that the agent is about to make."""

    name: Line
    arguments: JsonObject = {}
    tool_call_id: Line | None = None


class CheckIn(Strict):
    """What is known of a run. What is left out is no reason to hand off."""

    agent: AgentIn
    confidence: Share | None = None
    confidence_source: ConfidenceSource | None = None
    category: Name | None = None
    usage: UsageIn | None = None
    tool_failures: Count | None = None
    pending_actions: list[PlannedActionIn] = Field(default=[], max_length=ITEMS_MAX)
    last_user_message: Annotated[str, StringConstraints(max_length=TEXT_MAX)] = ""
    asked_for_person: bool = Field(
        default=False,
        description="The agent knows that the user asked for a person, in any words.",
    )
    failed_checkpoints: list[Line] = Field(
        default=[], max_length=ITEMS_MAX, description="Names of steps whose checkpoint failed."
    )


class CheckReason(Answer):
    """One rule of the policy that asks for a person."""

    code: Code
    detail: str
    subject: str = Field(description="The category, tool, step, budget or phrase that it is about.")
    value: float | None = Field(description="What was measured, if anything.")
    limit: float | None = Field(description="What the policy allows.")
    conditions: list[str] = Field(description="Conditions that the arguments of the tool met.")
    unclear: list[str] = Field(description="Arguments that are missing or could not be compared.")


class HandoffAs(Answer):
    """What to say in `POST /handoffs`."""

    kind: Kind
    reason: Reason


class Verdict(Answer):
    """What the policy says."""

    escalate: bool
    reasons: list[CheckReason] = Field(description="Every one of them, always in the same order.")
    policy_version: int | None = Field(description="The number of the policy; null if there is none.")
    handoff: HandoffAs | None = Field(description="How to hand off; null if there is no reason to.")
