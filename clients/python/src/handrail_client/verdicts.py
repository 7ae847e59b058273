"""What the desk says of runs: whether to hand one off, and what became of those that were reported."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

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
