"""Which part of a dataset a row belongs to: by whom it is about, never by the row itself.

Rows of one person, or of one task, look alike. Spread over training and test they would be known there
before they are asked.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

TRAIN, VALIDATION, TEST, FORWARD = "train", "validation", "test", "forward"
SPLITS = (TRAIN, VALIDATION, TEST, FORWARD)
CUSTOMER_KEYS, _TASK_KEYS = ("customer_ref", "customer_id"), ("task_id", "task")
_RANGE = 2**64


@dataclass(frozen=True)
class Shares:
    """How many percent of the groups go where; the rest is for training."""

    validation: int
    test: int


def group_of(payload: Mapping[str, Any], *, agent_id: int, conversation_id: str, case_id: UUID) -> str:
    """Whom a case is about: the customer if the agent named one in `metadata`, else the task,

    else the conversation, else nobody but the case itself.
    """
    metadata = payload.get("metadata") or {}
    for kind, keys in (("customer", CUSTOMER_KEYS), ("task", _TASK_KEYS)):
        if (found := _first(metadata, keys)) is not None:
            return f"{kind}:{found}"
    if conversation_id:
        return f"conversation:{agent_id}:{conversation_id}"
    return f"case:{case_id}"


def customer_of(payload: Mapping[str, Any]) -> str:
    """The customer as the agent names them in `metadata`, or nothing."""
    return _first(payload.get("metadata") or {}, CUSTOMER_KEYS) or ""


def concealed(group: str, key: bytes) -> str:
    """The group under a name that tells nothing of it: a keyed HMAC-SHA256, hexadecimal."""
    return hmac.new(key, f"group:{group}".encode(errors="replace"), hashlib.sha256).hexdigest()


def split_of(group: str, salt: str, shares: Shares) -> str:
    """Where the group belongs: `sha256(salt ‖ group)` as a number in [0, 1), against the shares.

    The same for ever, whatever else the dataset holds.
    """
    digest = hashlib.sha256(f"{salt}{group}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") * 100 // _RANGE
    if place < shares.test:
        return TEST
    return VALIDATION if place < shares.test + shares.validation else TRAIN


def _first(metadata: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    values = (metadata.get(key) for key in keys)
    return next((str(each) for each in values if isinstance(each, str | int) and str(each).strip()), None)
