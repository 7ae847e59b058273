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
    StillOpen,
    Unauthenticated,
    Unreachable,
    WrongAgent,
)
from .escalating import decided_of
from .fallbacks import Fallback
from .faults import Fault, fault_of
from .guards import ApprovalOptions, EscalationOptions, escalates, needs_approval
from .handoffs import CheckFields, HandoffFields, HandoffFilters, MoreFields, ReviewFields, RunFields
from .outbox import Replayed
from .outcomes import Decided, NoConfidence, NoRun, NotRun, Pending, Rejected, StillPending
from .plans import Retry
from .recording import Step, ToolCall
from .runs import AsyncRun, Run, current_run
from .spool import Spool
from .sync import Handrail
from .verdicts import CheckReason, HandoffAs, RunsTaken, RunTaken, Verdict

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
    "Pending",
    "Problem",
    "RateLimited",
    "Refused",
    "RefusedForNow",
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
    "Spool",
    "Step",
    "StillOpen",
    "StillPending",
    "Timing",
    "ToolCall",
    "Turn",
    "Unauthenticated",
    "Unreachable",
    "Verdict",
    "WrongAgent",
    "current_run",
    "decided_of",
    "digest",
    "escalates",
    "fault_of",
    "needs_approval",
]
