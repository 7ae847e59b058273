"""Tables, constraints and questions, by subject."""

from escalations.models.agents import Agent, AgentVersion, ApiKey, Policy, Scope
from escalations.models.alerts import Alert, AlertKind, AlertRule
from escalations.models.auditing import AuditCheck, AuditSeal
from escalations.models.calibration import CalibrationGoal, CalibrationLook, ConfidenceSource
from escalations.models.cases import Escalation
from escalations.models.checkpoints import Checkpoint, CheckpointSchema
from escalations.models.choices import (
    OPEN_STATES,
    Clock,
    Delivery,
    Fault,
    Kind,
    OnExpiry,
    Priority,
    Reason,
    State,
    WaitingFor,
)
from escalations.models.claims import Claim, How, Outcome
from escalations.models.datasets import (
    UNFINISHED,
    CaseSubject,
    Dataset,
    DatasetFile,
    DatasetGroup,
    DatasetLeftOut,
    DatasetRow,
    DatasetVersion,
    Erasure,
    VersionState,
)
from escalations.models.handoffs import Handoff, Turn
from escalations.models.label_imports import (
    ImportedFile,
    ImportedLabels,
    ImportRefusal,
    ImportState,
    LabelImport,
)
from escalations.models.labels import (
    Guideline,
    LabelRevision,
    LabelSuggestion,
    Responsible,
    RevisionKind,
    StepLabel,
    Taxonomy,
)
from escalations.models.live import LiveMinute
from escalations.models.notes import Note, Notice, NoticeKind
from escalations.models.offers import Offer, OfferOutcome, Ring, RoutingDecision
from escalations.models.people import Availability, Operator, Presence, Role, Stay
from escalations.models.queues import Calendar, Holiday, OpeningHours, Queue, Skill, SlaTarget, Weekday
from escalations.models.records import AuditEntry, Event, IdempotencyRecord, SweepRun, Timer
from escalations.models.replays import PolicyReplay, PolicyReplayRows, Replay, ReplayRows
from escalations.models.report_keys import ReportKey, ReportScope
from escalations.models.resolutions import (
    AgentCorrect,
    DecidedBy,
    Decision,
    Disposition,
    FailureMode,
    Quality,
    Resolution,
)
from escalations.models.retention import Kept, RetentionRule
from escalations.models.reviews import GoldItem, Review, ReviewRates, ReviewState, Stratum
from escalations.models.rollups import RolledCase, Rollup, RollupBin
from escalations.models.runs import Run, UsualCost
from escalations.models.search import Bookmark, CaseText

__all__ = [
    "OPEN_STATES",
    "UNFINISHED",
    "Agent",
    "AgentCorrect",
    "AgentVersion",
    "Alert",
    "AlertKind",
    "AlertRule",
    "ApiKey",
    "AuditCheck",
    "AuditEntry",
    "AuditSeal",
    "Availability",
    "Bookmark",
    "Calendar",
    "CalibrationGoal",
    "CalibrationLook",
    "CaseSubject",
    "CaseText",
    "Checkpoint",
    "CheckpointSchema",
    "Claim",
    "Clock",
    "ConfidenceSource",
    "Dataset",
    "DatasetFile",
    "DatasetGroup",
    "DatasetLeftOut",
    "DatasetRow",
    "DatasetVersion",
    "DecidedBy",
    "Decision",
    "Delivery",
    "Disposition",
    "Erasure",
    "Escalation",
    "Event",
    "FailureMode",
    "Fault",
    "GoldItem",
    "Guideline",
    "Handoff",
    "Holiday",
    "How",
    "IdempotencyRecord",
    "ImportRefusal",
    "ImportState",
    "ImportedFile",
    "ImportedLabels",
    "Kept",
    "Kind",
    "LabelImport",
    "LabelRevision",
    "LabelSuggestion",
    "LiveMinute",
    "Note",
    "Notice",
    "NoticeKind",
    "Offer",
    "OfferOutcome",
    "OnExpiry",
    "OpeningHours",
    "Operator",
    "Outcome",
    "Policy",
    "PolicyReplay",
    "PolicyReplayRows",
    "Presence",
    "Priority",
    "Quality",
    "Queue",
    "Reason",
    "Replay",
    "ReplayRows",
    "ReportKey",
    "ReportScope",
    "Resolution",
    "Responsible",
    "RetentionRule",
    "Review",
    "ReviewRates",
    "ReviewState",
    "RevisionKind",
    "Ring",
    "Role",
    "RolledCase",
    "Rollup",
    "RollupBin",
    "RoutingDecision",
    "Run",
    "Scope",
    "Skill",
    "SlaTarget",
    "State",
    "Stay",
    "StepLabel",
    "Stratum",
    "SweepRun",
    "Taxonomy",
    "Timer",
    "Turn",
    "UsualCost",
    "VersionState",
    "WaitingFor",
    "Weekday",
]
