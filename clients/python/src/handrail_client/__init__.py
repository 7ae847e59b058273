"""Hand a case from an AI agent to the people of a Handrail desk, and wait for their decision."""

from .aio import AsyncHandrail
from .answers import Case, DecidedAction, DecidedBy, Decision, Resume, Scope, Timing
from .breaker import Breaker
from .errors import (
    CircuitOpen,
    DeskFailed,
    Flaw,
    HandrailError,
    InvalidRequest,
    InvalidResponse,
    KeyReused,
    NotFound,
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
from .handoffs import HandoffFields
from .plans import Retry
from .sync import Handrail

__all__ = [
    "AsyncHandrail",
    "Breaker",
    "Case",
    "CircuitOpen",
    "DecidedAction",
    "DecidedBy",
    "Decision",
    "DeskFailed",
    "Flaw",
    "HandoffFields",
    "Handrail",
    "HandrailError",
    "InvalidRequest",
    "InvalidResponse",
    "KeyReused",
    "NotFound",
    "NotPossibleNow",
    "Problem",
    "RateLimited",
    "Refused",
    "RefusedForNow",
    "Resume",
    "Retry",
    "Scope",
    "StillOpen",
    "Timing",
    "Unauthenticated",
    "Unreachable",
    "WrongAgent",
]
