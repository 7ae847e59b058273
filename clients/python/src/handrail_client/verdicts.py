"""What the desk says of runs: whether to hand off, what a step brought, what became of those reported."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from .answers import Case
from .errors import Flaw


@dataclass(frozen=True)
class CheckReason:
    """One rule of the policy that asks for a person; `detail` says it in words."""

    code: str
    detail: str
    subject: str
    value: float | None
    limit: float | None
    conditions: list[str]
    unclear: list[str]


@dataclass(frozen=True)
class HandoffAs:
    """The kind and the reason to hand off with."""

    kind: Literal["approval", "question", "takeover", "review"]
    reason: str


@dataclass(frozen=True)
class Verdict:
    """Whether the policy asks for a person. `policy_version` is None where there is no policy."""

    escalate: bool
    reasons: list[CheckReason]
    policy_version: int | None
    handoff: HandoffAs | None


@dataclass(frozen=True)
class OutputError:
    """One place where an output breaks its schema, and the rule that it breaks, as JSON Pointers."""

    pointer: str
    detail: str
    schema_pointer: str


@dataclass(frozen=True)
class CheckpointResult:
    """What the desk found in the output of a step; `handoff` is the case that was opened for it.

    `classification` is `ok`, or what is wrong in a word. `errors` are the first 20; `more_errors` is None
    where the output is too large to count them.
    """

    passed: bool
    classification: str
    detail: str
    schema_version: int | None
    errors: list[OutputError]
    more_errors: int | None
    escalate: bool
    reasons: list[CheckReason]
    policy_version: int | None
    hand_off_as: HandoffAs | None
    handoff: Case | None


@dataclass(frozen=True)
class RegisteredSchema:
    """What the output of a step must look like."""

    step: str
    version: int
    schema: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True)
class RunTaken:
    """What became of one run; `drawn`: it is in the audit sample."""

    run_id: str | None
    status: Literal["accepted", "duplicate", "refused"]
    drawn: bool
    errors: list[Flaw]


@dataclass(frozen=True)
class RunsTaken:
    """What became of each run, in order. Of the runs in `send_in_full` the desk wants the full state."""

    accepted: int
    duplicate: int
    refused: int
    send_in_full: list[str]
    results: list[RunTaken]
    # Whether some wait on this machine's disk, because the desk could not be reached; `results` lacks them.
    is_spooled: bool = field(default=False, metadata={"member": None})

    @classmethod
    def of_all(cls, parts: Sequence["RunsTaken"]) -> "RunsTaken":
        """Several answers as one."""
        return cls(
            sum(part.accepted for part in parts),
            sum(part.duplicate for part in parts),
            sum(part.refused for part in parts),
            [run_id for part in parts for run_id in part.send_in_full],
            [result for part in parts for result in part.results],
            any(part.is_spooled for part in parts),
        )
