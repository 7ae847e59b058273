"""How much was looked at and what it cannot tell: all that is kept of the evidence beside an outcome."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from escalations.policy.trial.evidence import Evidence, Sample


@dataclass(frozen=True)
class Counted:
    """`looked_at` rows that stand for `total`, which is `estimated` where it is too large to be counted."""

    total: int
    looked_at: int
    estimated: bool

    @classmethod
    def of(cls, sample: Sample) -> "Counted":
        return cls(sample.total, len(sample.rows), sample.estimated)


@dataclass(frozen=True)
class Basis:
    """What an outcome rests on.

    `audits` were posted. `undrawn` of the runs came while none were drawn, `silent` of the runs and cases
    reported no confidence, `unread` of the cases and audits were too long to be read.
    """

    runs: Counted
    cases: Counted
    audits: int
    undrawn: int
    silent: int
    unread: int

    @classmethod
    def of(cls, evidence: Evidence) -> "Basis":
        runs, cases = evidence.runs.rows, evidence.cases.rows
        return cls(
            runs=Counted.of(evidence.runs),
            cases=Counted.of(evidence.cases),
            audits=len(evidence.audits),
            undrawn=sum(not seen.could_be_drawn for seen in runs),
            silent=sum(seen.signals.confidence is None for seen in [*runs, *cases]),
            unread=sum(not seen.is_read for seen in [*cases, *evidence.audits]),
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Basis":
        """What `as_json` gave."""
        counted = {name: Counted(**kept[name]) for name in ("runs", "cases")}
        return cls(**(dict(kept) | counted))
