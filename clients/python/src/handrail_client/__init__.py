"""Hand a case from an AI agent to the people of a Handrail desk, and wait for their decision."""

from .agents import Agent, AsyncAgent
from .aio import AsyncHandrail
from .answers import (
    Attachment,
    Case,
    CaseSummary,
    DecidedAction,
    DecidedBy,
    Decision,
    Event,
    Resume,
    Scope,
    Timing,
    Turn,
)
from .batches import Batching
from .breaker import Breaker
from .canonical import digest
from .errors import (
    AlreadyApplied,
    AlreadyTaken,
    CircuitOpen,
    DecisionExpired,
    DeskFailed,
    Flaw,
    HandrailError,
    InvalidRequest,
    InvalidResponse,
    KeyReused,
    NotFound,
    NotKept,
    NotPossibleNow,
    Problem,
    RateLimited,
    Refused,
    RefusedForNow,
    ScopeMissing,
    StillOpen,
    Unauthenticated,
    Unreachable,
    WrongAgent,
)
from .escalating import decided_of
from .fallbacks import Fallback
from .faults import Fault, fault_of
from .guards import ApprovalOptions, EscalationOptions, escalates, needs_approval
from .handoffs import (
    CheckFields,
    CheckpointFields,
    HandoffFields,
    HandoffFilters,
    MoreFields,
    ReviewFields,
    RunFields,
)
from .outbox import Replayed
from .outcomes import Decided, NoConfidence, NoRun, NotRun, Pending, Rejected, StillPending
from .plans import Retry
from .recorder import current_run
from .recording import Step, ToolCall
from .runs import AsyncRun, Run
from .spool import Spool
from .sync import Handrail
from .verdicts import (
    CheckpointResult,
    CheckReason,
    HandoffAs,
    OutputError,
    RegisteredSchema,
    RunsTaken,
    RunTaken,
    Verdict,
)
from .webhooks import Unverified, Webhook

__all__ = [
    "Agent",
    "AlreadyApplied",
    "AlreadyTaken",
    "ApprovalOptions",
    "AsyncAgent",
    "AsyncHandrail",
    "AsyncRun",
    "Attachment",
    "Batching",
    "Breaker",
    "Case",
    "CaseSummary",
    "CheckFields",
    "CheckReason",
    "CheckpointFields",
    "CheckpointResult",
    "CircuitOpen",
    "Decided",
    "DecidedAction",
    "DecidedBy",
    "Decision",
    "DecisionExpired",
    "DeskFailed",
    "EscalationOptions",
    "Event",
    "Fallback",
    "Fault",
    "Flaw",
    "HandoffAs",
    "HandoffFields",
    "HandoffFilters",
    "Handrail",
    "HandrailError",
    "InvalidRequest",
    "InvalidResponse",
    "KeyReused",
    "MoreFields",
    "NoConfidence",
    "NoRun",
    "NotFound",
    "NotKept",
    "NotPossibleNow",
    "NotRun",
    "OutputError",
    "Pending",
    "Problem",
    "RateLimited",
    "Refused",
    "RefusedForNow",
    "RegisteredSchema",
    "Rejected",
    "Replayed",
    "Resume",
    "Retry",
    "ReviewFields",
    "Run",
    "RunFields",
    "RunTaken",
    "RunsTaken",
    "Scope",
    "ScopeMissing",
    "Spool",
    "Step",
    "StillOpen",
    "StillPending",
    "Timing",
    "ToolCall",
    "Turn",
    "Unauthenticated",
    "Unreachable",
    "Unverified",
    "Verdict",
    "Webhook",
    "WrongAgent",
    "current_run",
    "decided_of",
    "digest",
    "escalates",
    "fault_of",
    "needs_approval",
]
