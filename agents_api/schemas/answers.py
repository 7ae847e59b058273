"""What goes out, for the OpenAPI document; `agents_api.answers` writes it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from pydantic.types import JsonValue

from escalations.models import State

Url = Annotated[str, Field(json_schema_extra={"format": "uri"})]
DecisionWord = Literal["approve", "edit", "reject", "respond", "takeover", "cancel"]
DeciderWord = Literal["human", "policy", "timeout"]
WaitingWord = Literal["agent", "user"]
AlertWord = Literal[
    "service_level",
    "oldest_case",
    "no_eligible",
    "escalation_rate",
    "calibration",
    "override",
    "failure_spike",
    "cost",
    "delivery",
    "audit_backlog",
]
DeliveryWord = Literal["undelivered", "delivered", "acknowledged", "applied", "late"]


class Answer(BaseModel):
    """Whatever is documented is always there."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class DecidedBy(Answer):
    type: DeciderWord
    name: str


class DecidedAction(Answer):
    """What to do with one pending action."""

    tool_call_id: str
    decision: Literal["approve", "edit", "reject", "respond"]
    arguments: dict[str, Any] | None = Field(description="The new arguments of an edit; else null.")
    message: str
    digest_seen: str = Field(
        description="Digest of the proposed arguments that the person saw; not empty where they, and no "
        "others, are approved."
    )


class Resume(Answer):
    """A compact context to restart from."""

    facts: dict[str, Any]
    decisions: list[JsonValue]
    preferences: dict[str, Any]
    summary: str


class Scope(Answer):
    single_use: bool = Field(description="Carry it out once; the `ack` link tells whether it was before.")
    valid_until: datetime | None = Field(
        description="The hard limit that you set; null for what counts because nobody decided before it."
    )


class Timing(Answer):
    queued_ms: int
    handling_ms: int


class Decision(Answer):
    """What was decided, in a form to act on."""

    handoff_id: UUID
    version: int
    decision: DecisionWord
    decided_by: DecidedBy
    actions: list[DecidedAction]
    response: JsonValue = Field(description="The answer, valid by `response_schema` where one was given.")
    messages: list[dict[str, Any]] = Field(
        description="OpenAI chat messages to append to those that you handed off, behind the results of "
        "calls that you make now: the conversation since, in order; the last says: the human part is over."
    )
    resume: Resume
    scope: Scope
    state: JsonValue = Field(description="The handoff's `state`, byte for byte.")
    timing: Timing


class Links(Answer):
    self: Url
    wait: Url
    events: Url = Field(description="What happens to the case, as server-sent events.")
    messages: Url = Field(description="GET reads the conversation since the handoff, POST adds to it.")
    typing: Url
    ack: Url
    cancel: Url
    routing: Url = Field(description="Why nobody has the case yet.")
    page: Url = Field(description="Where a person sees the case.")


class Attachment(Answer):
    uri: Url
    mime_type: str | None


class ConversationTurn(Answer):
    """One turn since the handoff."""

    id: str = Field(description="Send it as `after` to read on behind this turn.")
    from_: Literal["user", "agent", "operator"] = Field(
        alias="from",
        description="Who said it. Of an operator, role `assistant` is for your user, `system` for you.",
    )
    name: str | None = Field(description="The operator's name; else null.")
    role: str
    content: JsonValue = Field(description="A text, or a list of parts, or null, as it was sent.")
    attachments: list[Attachment] = Field(description="Links that go with it.")
    created_at: datetime


class CaseTold(BaseModel):
    """Where the case stood when something happened to it. What is not needed is left out."""

    handoff_id: UUID
    version: int
    state: State
    message: ConversationTurn | SkipJsonSchema[None] = Field(
        default=None, description="The turn that it is about."
    )


class AlertTold(Answer):
    """An alert of the desk, as its own endpoints are told of it. Shares are from 0 to 1, times in seconds."""

    alert_id: int
    kind: AlertWord
    queue: str | None = Field(description="Of which queue; null for all.")
    agent: str | None = Field(description="Of which agent; null for all.")
    threshold: float
    value: float = Field(description="What was measured when it began.")
    worst: float = Field(description="What was furthest beyond the threshold.")
    detail: str = Field(description="Which failure mode, where it is about one.")
    began_at: datetime
    ended_at: datetime | None


class TurnPage(Answer):
    items: list[ConversationTurn]
    cursor: str = Field(description="Send it as `after` the next time, also when there was nothing new.")
    has_more: bool = Field(description="Whether there is more behind these already.")


class Case(Answer):
    """A handoff as it stands."""

    id: UUID
    state: State
    version: int = Field(description="Grows with every change; the ETag is made of it.")
    received_at: datetime
    due_at: datetime = Field(description="When the desk means to have decided.")
    expires_at: datetime | None
    waiting_for: WaitingWord | None = Field(
        description="Whose reply a person waits for, who asked in the newest turn; null unless `waiting`."
    )
    reply_due_at: datetime | None = Field(description="Until when they wait for it.")
    queue: str
    routable: bool = Field(description="Whether anybody who works at this desk may take it, now or later.")
    available: int = Field(description="How many of them are there now and have room for it.")
    ahead: int = Field(description="Cases to be taken before this one, counted up to 200.")
    expected_wait_seconds: int | None = Field(
        description="Until somebody takes it: from how many are ahead, and the mean time that those who are "
        "there take for a case. 0 once somebody has it; null when nobody is there, or it is put aside."
    )
    delivery: DeliveryWord | None = Field(
        description="How far the decision has got; null before there is one."
    )
    decision: Decision | None
    resume_with: JsonValue = Field(
        description="The decision as the framework named by `format` takes it, to resume a paused run with; "
        "else null."
    )
    last_turn: str | None = Field(
        description="The `id` of the newest turn since the handoff: another than you have means news behind "
        "the `messages` link."
    )
    links: Links


class CaseSummary(Answer):
    """A handoff in a list; its own address has the rest."""

    id: UUID
    state: State
    version: int
    received_at: datetime
    due_at: datetime
    expires_at: datetime | None
    waiting_for: WaitingWord | None
    reply_due_at: datetime | None
    queue: str
    conversation_id: str | None
    delivery: DeliveryWord | None
    links: Links


class CasePage(Answer):
    items: list[CaseSummary]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null at the end.")


class Flaw(Answer):
    pointer: str = Field(description="JSON Pointer (RFC 6901) into the request's body.")
    detail: str


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[Flaw] = []
