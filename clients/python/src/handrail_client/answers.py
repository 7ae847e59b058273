"""What the desk answers. Words that nothing is done by are plain texts, so that a desk may learn new ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from .decoding import Undocumented, decode
from .errors import InvalidResponse

DecisionWord = Literal["approve", "edit", "reject", "respond", "takeover", "cancel"]
ActionWord = Literal["approve", "edit", "reject", "respond"]
Outcome = Literal["acknowledged", "applied", "late"]


def _own(default: Any) -> Any:
    """A field that is not in the desk's answer."""
    return field(default=default, repr=False, compare=False, metadata={"member": None})


_CLOSED = ("resolved", "expired", "cancelled")


@dataclass(frozen=True)
class DecidedBy:
    type: str
    name: str


@dataclass(frozen=True)
class DecidedAction:
    """What to do with one pending action."""

    tool_call_id: str
    decision: ActionWord
    arguments: dict[str, Any] | None
    message: str
    digest_seen: str


@dataclass(frozen=True)
class Resume:
    """A compact context to restart from."""

    facts: dict[str, Any]
    decisions: list[Any]
    preferences: dict[str, Any]
    summary: str


@dataclass(frozen=True)
class Scope:
    single_use: bool
    valid_until: datetime | None


@dataclass(frozen=True)
class Timing:
    queued_ms: int
    handling_ms: int


@dataclass(frozen=True)
class Decision:
    """What was decided, in a form to act on."""

    handoff_id: UUID
    version: int
    decision: DecisionWord
    decided_by: DecidedBy
    actions: list[DecidedAction]
    response: Any
    messages: list[dict[str, Any]]
    resume: Resume
    scope: Scope
    state: Any
    timing: Timing
    # The handoff's `state`, byte for byte as it was sent; empty if there was none.
    state_bytes: bytes = _own(b"")


@dataclass(frozen=True)
class Case:
    """A handoff as it stands.

    `resume_with` is the decision as the framework takes it whose `format` was asked for; until then None.
    """

    id: UUID
    state: str
    version: int
    received_at: datetime
    due_at: datetime
    expires_at: datetime | None
    waiting_for: str | None
    reply_due_at: datetime | None
    queue: str
    routable: bool
    available: int
    ahead: int
    expected_wait_seconds: int | None
    delivery: str | None
    decision: Decision | None
    last_turn: str | None
    links: dict[str, str]
    resume_with: Any = None
    # Whether what was said last waits on this machine's disk, because the desk could not be reached.
    is_spooled: bool = _own(False)
    # The calls that were asked about, and the request that makes the case, where the desk has not got it yet.
    asked_about: tuple[str, ...] = _own(())
    unsent: object = _own(None)

    @property
    def is_fallback(self) -> bool:
        """Whether the decision is your own answer, because nobody else gave one."""
        return self.decision is not None and self.decision.decided_by.type == "fallback"

    @property
    def is_open(self) -> bool:
        """Whether a decision may still come."""
        return self.decision is None and self.state not in _CLOSED


@dataclass(frozen=True)
class CaseSummary:
    """A handoff in a list; `get` gives the rest."""

    id: UUID
    state: str
    version: int
    received_at: datetime
    due_at: datetime
    expires_at: datetime | None
    waiting_for: str | None
    reply_due_at: datetime | None
    queue: str
    conversation_id: str | None
    delivery: str | None
    links: dict[str, str]


@dataclass(frozen=True)
class CasePage:
    items: list[CaseSummary]
    next_cursor: str | None


@dataclass(frozen=True)
class Attachment:
    uri: str
    mime_type: str | None


@dataclass(frozen=True)
class Turn:
    """One turn since the handoff. An operator's, as `assistant`, is for your user; as `system`, for you."""

    id: str
    sender: Literal["user", "agent", "operator"] = field(metadata={"member": "from"})
    name: str | None
    role: str
    content: Any
    attachments: list[Attachment]
    created_at: datetime


@dataclass(frozen=True)
class TurnPage:
    items: list[Turn]
    cursor: str
    has_more: bool


@dataclass(frozen=True)
class Event:
    """What happened to a case. `id` is where to go on behind it; `type` and `data` are those of webhooks."""

    id: str
    type: str
    data: dict[str, Any]

    @property
    def decision(self) -> Decision | None:
        """What was decided; None where that is not what it tells."""
        return decision_in(self.data)


def decision_in(data: Mapping[str, Any]) -> Decision | None:
    """The decision in the data of an event or a webhook; None where there is none.

    Raises:
        InvalidResponse: there is one, but not as it is documented.
    """
    if "decision" not in data:
        return None
    try:
        return decode(Decision, data)
    except Undocumented as error:
        raise InvalidResponse(str(error)) from None
