"""The rules of a policy as a JSON Schema, and what is wrong with some."""

from collections.abc import Mapping
from typing import Any

from escalations.policy.conditions import OPERATORS
from escalations.transitions.decisions import schema_flaws
from escalations.transitions.errors import Flaw

ITEMS_MAX, CONDITIONS_MAX, NAME_MAX, AMOUNT_MAX = 200, 20, 200, 1_000_000_000
# Those that compare with a number; "in" wants a list, the others any value.
IN_ORDER = (">", ">=", "<", "<=")
_ANY_VALUE = tuple(op for op in OPERATORS if op not in (*IN_ORDER, "in"))
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_AMOUNT = {"type": "number", "exclusiveMinimum": 0, "maximum": AMOUNT_MAX}
_COUNT = {"type": "number", "minimum": 0, "maximum": AMOUNT_MAX}
_NAME = {"type": "string", "minLength": 1, "maxLength": NAME_MAX, "pattern": "^[^\\x00]*$"}
_WORDS = {"type": "string", "maxLength": NAME_MAX, "pattern": r"^[^\x00]*\w[^\x00]*$"}
_SCALAR: dict[str, Any] = {"anyOf": [{"type": ["number", "boolean"]}, _NAME]}


def _some(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": ITEMS_MAX}


def _condition(ops: list[str], value: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["argument", "op", "value"],
        "properties": {"argument": _NAME, "op": {"enum": ops}, "value": value},
    }


_TOOL = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "when"],
    "properties": {
        "name": _NAME,
        "when": {
            "type": "array",
            "minItems": 1,
            "maxItems": CONDITIONS_MAX,
            "items": {
                "anyOf": [
                    _condition([*IN_ORDER], {"type": "number"}),
                    _condition([*_ANY_VALUE], _SCALAR),
                    _condition(["in"], {**_some(_SCALAR), "minItems": 1}),
                ]
            },
        },
    },
}
# The keys that `escalations.policy.policies` reads, and `audit_rate`, the share of runs drawn for audit.
RULES_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "confidence": {"type": "object", "propertyNames": _NAME, "additionalProperties": _SHARE},
        "turns": _AMOUNT,
        "context_tokens": _AMOUNT,
        "cost_usd": _AMOUNT,
        "seconds": _AMOUNT,
        "retries": _COUNT,
        "tool_failures": _COUNT,
        "never": _some(_NAME),
        "approve_tools": _some({"anyOf": [_NAME, _TOOL]}),
        "phrases": _some(_WORDS),
        "asks_for_person": {"type": "boolean"},
        "checkpoints": _some(_NAME),
        "audit_rate": _SHARE,
    },
}


def flaws(rules: Mapping[str, Any]) -> list[Flaw]:
    """Where the rules are such that nothing could read them, with pointers into them."""
    return schema_flaws(rules, RULES_SCHEMA, "")


def with_threshold(rules: Mapping[str, Any], threshold: float) -> dict[str, Any]:
    """The rules with no confidence below that one enough; what is stricter for a category stays."""
    thresholds = {name: max(own, threshold) for name, own in rules.get("confidence", {}).items()}
    return dict(rules) | {"confidence": thresholds | {"*": threshold}}
