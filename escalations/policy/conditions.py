"""Conditions on the arguments of a tool call: when a tool needs approval.

Arguments are what a model wrote. One that is missing, or that cannot be compared with what the rule names,
counts as meeting the condition: then a person looks, and nothing passes because it was written oddly.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from escalations.policy.phrases import folded

OPERATORS = (">", ">=", "<", "<=", "=", "!=", "in", "contains")
# Numbers that came as text count as numbers, as long as they are written plainly.
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")


def is_met(condition: Mapping[str, Any], arguments: Mapping[str, Any]) -> bool | None:
    """Whether the condition `{argument, op, value}` holds; None where that cannot be said."""
    value = arguments.get(condition["argument"])
    bound, op = condition["value"], condition["op"]
    if value is None:
        return None
    if op == "in":
        return _any(_equal(value, one) for one in bound)
    if op == "contains":
        return _contains(value, bound)
    if op in ("=", "!="):
        equal = _equal(value, bound)
        return equal if equal is None or op == "=" else not equal
    return _in_order(op, _number(value), _number(bound))


def _in_order(op: str, left: Decimal | None, right: Decimal | None) -> bool | None:
    if left is None or right is None:
        return None
    if op.startswith(">"):
        return left > right or (op == ">=" and left == right)
    return left < right or (op == "<=" and left == right)


def _equal(left: Any, right: Any) -> bool | None:
    one, other = _number(left), _number(right)
    if one is not None and other is not None:
        return one == other
    if isinstance(left, str) and isinstance(right, str):
        return folded(left) == folded(right)
    if isinstance(left, bool) and isinstance(right, bool):
        return left is right
    return None


def _contains(value: Any, part: Any) -> bool | None:
    if isinstance(value, str):
        return folded(str(part)) in folded(value)
    if isinstance(value, list):
        return _any(_equal(one, part) for one in value)
    return None


def _any(answers: Any) -> bool | None:
    """True if one is, else None if one cannot be said."""
    found = set(answers)
    if True in found:
        return True
    return None if None in found else False


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value):
        return Decimal(value)
    return None
