"""What agents may say; the desk's own page `/api/v1/docs` explains each field."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Required, TypedDict

Json = Mapping[str, Any]
Kind = Literal["approval", "question", "takeover", "review"]
ConfidenceSource = Literal["self_report", "logprob", "judge", "vote", "heuristic"]
Reason = Literal[
    "low_confidence",
    "user_requested",
    "policy",
    "tool_error",
    "checkpoint_failed",
    "budget",
    "context_limit",
    "loop_detected",
    "out_of_scope",
    "other",
]


class Agent(TypedDict, total=False):
    """Who hands off."""

    name: Required[str]
    version: Required[str]
    model: str
    framework: str


class Usage(TypedDict, total=False):
    turns: int
    context_tokens: int
    cost_usd: str
    seconds: float
    retries: int


class MoreFields(TypedDict, total=False):
    """What a handoff may say besides who hands off, why, and what was said."""

    conversation_id: str
    parent_handoff_id: str
    confidence: float
    confidence_source: ConfidenceSource
    confidence_threshold: float
    category: str
    summary: str
    question: str
    steps: Sequence[Json]
    pending_actions: Sequence[Json]
    suggestions: Sequence[Json]
    response_schema: Json
    context: Json
    usage: Usage | Json
    attachments: Sequence[Json]
    routing: Json
    sla: Json
    # Bytes go out as they are, and come back so: `Decision.state_bytes`.
    state: Json | bytes
    callback: Json
    metadata: Json
    sensitive_paths: Sequence[str]


class _CaseFields(MoreFields, total=False):
    agent: Required[Agent]
    messages: Required[Sequence[Json]]


class HandoffFields(_CaseFields, total=False):
    """The fields of `POST /handoffs`."""

    kind: Required[Kind]
    reason: Required[Reason]
    run_id: str


class ReviewFields(_CaseFields, total=False):
    """The same, for the full state of a run that was drawn for an audit."""

    run_id: Required[str]
    reason: Reason


class CheckFields(TypedDict, total=False):
    """The fields of `POST /checks`. What is left out is no reason to hand off."""

    agent: Required[Agent]
    confidence: float
    confidence_source: ConfidenceSource
    category: str
    usage: Usage | Json
    tool_failures: int
    pending_actions: Sequence[Json]
    last_user_message: str
    asked_for_person: bool
    failed_checkpoints: Sequence[str]


class CheckpointFields(TypedDict, total=False):
    """The fields of `POST /checkpoints`: an output, or what a tool answered."""

    agent: Required[Agent]
    step: Required[str]
    output: Any
    schema_version: int
    tool_result: Json
    run_id: str
    conversation_id: str
    # What to hand off if the output fails and the policy asks for a person; `kind` and `messages` at least.
    handoff: Json


class RunFields(TypedDict, total=False):
    """A run that finished and was not handed off; `run_id` is your own name for it."""

    agent: Required[Agent]
    run_id: Required[str]
    # Now, where it is not said.
    finished_at: datetime | str
    conversation_id: str
    confidence: float
    confidence_source: ConfidenceSource
    category: str
    usage: Usage | Json
    tool_errors: int


class HandoffFilters(TypedDict, total=False):
    """Which of the agent's handoffs to list."""

    state: Literal["queued", "claimed", "waiting", "resolved", "expired", "cancelled"] | None
    conversation_id: str | None
    since: datetime | None
