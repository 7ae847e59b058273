"""The only code that changes a case's state; one module per move, each one transaction."""

from escalations.transitions.claim import claim, claim_next
from escalations.transitions.close import cancel, expire
from escalations.transitions.deliver import acknowledge, mark_delivered
from escalations.transitions.errors import (
    CaseClosed,
    InvalidDecision,
    LeaseLost,
    NotAllowed,
    NotClaimable,
    TransitionError,
)
from escalations.transitions.lease import heartbeat, release
from escalations.transitions.message import add_message
from escalations.transitions.open import HandoffInput, Opened, Refusal, Refused, open
from escalations.transitions.reopen import reopen
from escalations.transitions.resolve import ActionDecision, DecisionInput, Labels, resolve
from escalations.transitions.tokens import LEASE, LeaseToken

__all__ = [
    "LEASE",
    "ActionDecision",
    "CaseClosed",
    "DecisionInput",
    "HandoffInput",
    "InvalidDecision",
    "Labels",
    "LeaseLost",
    "LeaseToken",
    "NotAllowed",
    "NotClaimable",
    "Opened",
    "Refusal",
    "Refused",
    "TransitionError",
    "acknowledge",
    "add_message",
    "cancel",
    "claim",
    "claim_next",
    "expire",
    "heartbeat",
    "mark_delivered",
    "open",
    "release",
    "reopen",
    "resolve",
]
