"""The only code that changes a case's state; one module per move, each one transaction."""

from escalations.transitions.ask import ask, stop_waiting
from escalations.transitions.assign import assign
from escalations.transitions.claim import claim, claim_next, foreseen
from escalations.transitions.close import cancel, expire
from escalations.transitions.deliver import acknowledge, mark_delivered
from escalations.transitions.errors import (
    AlreadyApplied,
    AlreadyTaken,
    CaseClosed,
    Erased,
    InvalidDecision,
    InvalidTime,
    LeaseLost,
    NoRoom,
    NotAllowed,
    NotAsDecided,
    NotClaimable,
    OfferGone,
    PastValidity,
    ReasonMissing,
    TransitionError,
)
from escalations.transitions.labels import Labels, Suggested, label_flaws
from escalations.transitions.lease import heartbeat, left_behind_at, release
from escalations.transitions.message import add_message
from escalations.transitions.offer import OFFER, accept, decline, end_dead_offers, offer
from escalations.transitions.open import HandoffInput, Opened, Refusal, Refused, open
from escalations.transitions.priority import set_priority
from escalations.transitions.put_last import put_last
from escalations.transitions.reopen import reopen
from escalations.transitions.resolve import ActionDecision, DecisionInput, resolve
from escalations.transitions.revise import RevisionOutdated, judge_blind, revise
from escalations.transitions.say import InvalidTurn, say
from escalations.transitions.snooze import snooze, wake_due
from escalations.transitions.take_back import take_back
from escalations.transitions.take_over import take_over
from escalations.transitions.tokens import KEPT_WHILE_AWAY, LEASE, LeaseToken
from escalations.transitions.transfer import transfer
from escalations.transitions.typing import typing
from escalations.transitions.undo import TooLate, undo

__all__ = [
    "KEPT_WHILE_AWAY",
    "LEASE",
    "OFFER",
    "ActionDecision",
    "AlreadyApplied",
    "AlreadyTaken",
    "CaseClosed",
    "DecisionInput",
    "Erased",
    "HandoffInput",
    "InvalidDecision",
    "InvalidTime",
    "InvalidTurn",
    "Labels",
    "LeaseLost",
    "LeaseToken",
    "NoRoom",
    "NotAllowed",
    "NotAsDecided",
    "NotClaimable",
    "OfferGone",
    "Opened",
    "PastValidity",
    "ReasonMissing",
    "Refusal",
    "Refused",
    "RevisionOutdated",
    "Suggested",
    "TooLate",
    "TransitionError",
    "accept",
    "acknowledge",
    "add_message",
    "ask",
    "assign",
    "cancel",
    "claim",
    "claim_next",
    "decline",
    "end_dead_offers",
    "expire",
    "foreseen",
    "heartbeat",
    "judge_blind",
    "label_flaws",
    "left_behind_at",
    "mark_delivered",
    "offer",
    "open",
    "put_last",
    "release",
    "reopen",
    "resolve",
    "revise",
    "say",
    "set_priority",
    "snooze",
    "stop_waiting",
    "take_back",
    "take_over",
    "transfer",
    "typing",
    "undo",
    "wake_due",
]
