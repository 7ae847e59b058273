"""The published JSON Schema of a line."""

from typing import Any

from escalations.models import (
    AgentCorrect,
    Disposition,
    FailureMode,
    Fault,
    Responsible,
    StepLabel,
)
from escalations.transitions.labels import STRENGTH_MAX
from escalations.validation import json_schemas

_STEP_MAX = 1_999


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest}


def _texts(longest: int, most: int) -> dict[str, Any]:
    return {"type": "array", "maxItems": most, "items": _text(longest)}


_STEP = {"type": ["integer", "null"], "minimum": 0, "maximum": _STEP_MAX}
_YES_OR_NO = {"type": ["boolean", "null"]}
_LABELS: dict[str, Any] = {
    "disposition": {"enum": Disposition.values},
    "agent_correct": {"enum": AgentCorrect.values},
    "failure_primary": {"enum": FailureMode.values},
    "failure_modes": {"type": "array", "uniqueItems": True, "items": {"enum": FailureMode.values}},
    "external_codes": _texts(60, 20),
    "responsible": {"enum": ["", *Responsible.values]},
    "first_error_index": _STEP,
    "root_cause_index": _STEP,
    "missed_checkpoint": _text(200),
    "step_labels": {
        "type": "object",
        "propertyNames": {"pattern": "^(0|[1-9][0-9]{0,3})$"},
        "additionalProperties": {"enum": StepLabel.values},
    },
    "tool_fault": {
        "type": ["object", "null"],
        "properties": {
            "tool": {"type": "string", "minLength": 1, "maxLength": 200},
            "kind": {"enum": [fault for fault in Fault.values if fault != Fault.OK]},
        },
        "required": ["tool", "kind"],
        "additionalProperties": False,
    },
    "escalation_needed": _YES_OR_NO,
    "category_correct": _YES_OR_NO,
    "deterministic_rule": _text(2_000),
    "must": _texts(2_000, 50),
    "must_not": _texts(2_000, 50),
    "pair_at_index": _STEP,
    "preference_strength": {"type": ["integer", "null"], "minimum": 1, "maximum": STRENGTH_MAX},
    "note": _text(10_000),
    "training_allowed": {"type": "boolean"},
}
_ID = {"type": "string", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"}

SCHEMA: dict[str, Any] = {
    "$schema": json_schemas.DRAFT,
    "title": "A line of labels that were made elsewhere",
    "description": "Which decision, by its own id or by that of its case, and what its labels shall be. "
    "A label that a line leaves out stays as it is. Steps count from 0.",
    "type": "object",
    "properties": {
        "resolution": _ID,
        "case": _ID,
        "labels": {
            "type": "object",
            "minProperties": 1,
            "properties": _LABELS,
            "additionalProperties": False,
        },
    },
    "required": ["labels"],
    "oneOf": [{"required": ["resolution"]}, {"required": ["case"]}],
    "additionalProperties": False,
}
