"""What may come in and what goes out, as strict pydantic models; the OpenAPI document is made of them."""

from agents_api.schemas.answers import AlertTold, Case, CasePage, CaseTold, Decision, Problem, TurnPage
from agents_api.schemas.check import CheckIn, Verdict
from agents_api.schemas.checkpoints import (
    CheckpointResult,
    OutputIn,
    RegisteredSchema,
    SchemaIn,
    SchemaPage,
)
from agents_api.schemas.handoff import AckIn, CancelIn, HandoffIn, MessagesIn
from agents_api.schemas.routing import RoutingAccount
from agents_api.schemas.runs import OwedRuns, RunIn, RunsIn, RunsTaken

__all__ = [
    "AckIn",
    "AlertTold",
    "CancelIn",
    "Case",
    "CasePage",
    "CaseTold",
    "CheckIn",
    "CheckpointResult",
    "Decision",
    "HandoffIn",
    "MessagesIn",
    "OutputIn",
    "OwedRuns",
    "Problem",
    "RegisteredSchema",
    "RoutingAccount",
    "RunIn",
    "RunsIn",
    "RunsTaken",
    "SchemaIn",
    "SchemaPage",
    "TurnPage",
    "Verdict",
]
