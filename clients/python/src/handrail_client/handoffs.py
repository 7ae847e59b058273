"""What a handoff may say; the desk's own page `/api/v1/docs` explains each field."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Required, TypedDict

Json = Mapping[str, Any]
Kind = Literal["approval", "question", "takeover", "review"]
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


class HandoffFields(TypedDict, total=False):
    """The fields of `POST /handoffs`."""

    agent: Required[Agent]
    kind: Required[Kind]
    reason: Required[Reason]
    messages: Required[Sequence[Json]]
    conversation_id: str
    run_id: str
    parent_handoff_id: str
    confidence: float
    confidence_source: Literal["self_report", "logprob", "judge", "vote", "heuristic"]
    confidence_threshold: float
    category: str
    summary: str
    question: str
    steps: Sequence[Json]
    pending_actions: Sequence[Json]
    suggestions: Sequence[Json]
    response_schema: Json
    context: Json
    usage: Json
    attachments: Sequence[Json]
    routing: Json
    sla: Json
    state: Json
    callback: Json
    metadata: Json
    sensitive_paths: Sequence[str]
