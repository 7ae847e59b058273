"""Tables, constraints and questions, by subject."""

from escalations.models.agents import Agent, AgentVersion, ApiKey, Policy
from escalations.models.cases import Escalation, Handoff, Turn
from escalations.models.choices import (
    OPEN_STATES,
    Delivery,
    Kind,
    OnExpiry,
    Priority,
    Reason,
    State,
)
from escalations.models.claims import Claim, How, Outcome
from escalations.models.people import Operator, Role
from escalations.models.queues import Queue, Skill, SlaTarget
from escalations.models.records import AuditEntry, Event, IdempotencyRecord, SweepRun, Timer
from escalations.models.resolutions import (
    AgentCorrect,
    DecidedBy,
    Decision,
    Disposition,
    FailureMode,
    Resolution,
)

__all__ = [
    "OPEN_STATES",
    "Agent",
    "AgentCorrect",
    "AgentVersion",
    "ApiKey",
    "AuditEntry",
    "Claim",
    "DecidedBy",
    "Decision",
    "Delivery",
    "Disposition",
    "Escalation",
    "Event",
    "FailureMode",
    "Handoff",
    "How",
    "IdempotencyRecord",
    "Kind",
    "OnExpiry",
    "Operator",
    "Outcome",
    "Policy",
    "Priority",
    "Queue",
    "Reason",
    "Resolution",
    "Role",
    "Skill",
    "SlaTarget",
    "State",
    "SweepRun",
    "Timer",
    "Turn",
]
