"""What a look at the audits found, as values that are kept and shown. Needs neither numpy nor scipy."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Bin:
    """Runs of about the same confidence: its mean and range, and how many of `n` were right."""

    confidence: float
    lowest: float
    highest: float
    right: int
    n: int

    @property
    def accuracy(self) -> float:
        return self.right / self.n


@dataclass(frozen=True)
class Tested:
    """One candidate: `errors` of `n` audited runs with at least its confidence were wrong.

    `share` is the part of all traffic that lies below it, `bound` what the share of errors is below, as sure
    as the test was meant to be, and `p` how likely so few errors are if a share of alpha or more is wrong.
    """

    threshold: float
    share: float
    n: int
    errors: int
    bound: float
    p: float
    passed: bool


class Short(StrEnum):
    """Why there is no threshold yet."""

    AUDITS = "audits"
    ERRORS = "errors"


@dataclass(frozen=True)
class Choice:
    """The tests in their order; the threshold is the last that passed.

    Without one `short` says why, and `more` how many audits of all the traffic are lacking, as far as those
    so far tell.
    """

    tests: Sequence[Tested]
    short: Short | None = None
    more: int | None = None

    @property
    def chosen(self) -> Tested | None:
        passed = [test for test in self.tests if test.passed]
        return passed[-1] if passed else None


@dataclass(frozen=True)
class Possible:
    """What a threshold would do: `share` of all traffic lies below it.

    Of `n` audited runs with at least its confidence `errors` were wrong; of the others it caught `caught`.
    """

    threshold: float
    share: float
    n: int
    errors: int
    caught: int


@dataclass(frozen=True)
class Counts:
    """What became of the runs that were drawn: `judged` are right or wrong, `unsure` neither.

    `waiting` are open or closed without a decision, `owed` were never posted by the agent. `spared` were
    judged, but drawn at a higher rate than the sample has, and left out by lot.
    """

    judged: int = 0
    unsure: int = 0
    waiting: int = 0
    owed: int = 0
    spared: int = 0


@dataclass(frozen=True)
class Findings:
    """All that a look found: of `n` judged runs, drawn at `rate`, `wrong` were wrong.

    `traffic` is how many runs the shares are of; `area` is that under the curve of risk over coverage, the
    bins and what is `possible` have the lowest confidence first. `seconds` is the mean time that people had a
    case or an audit, `hourly` what an hour of theirs costs in USD, both None where that is not known.
    """

    n: int
    wrong: int
    rate: float
    traffic: int
    counts: Counts
    choice: Choice
    brier: Estimate | None
    ece: Estimate | None
    auroc: Estimate | None
    area: float | None
    bins: Sequence[Bin]
    possible: Sequence[Possible]
    seconds: float | None
    hourly: float | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Findings":
        """What `as_json` gave."""
        read: dict[str, Any] = {
            "counts": Counts(**kept["counts"]),
            "choice": _choice(kept["choice"]),
            "bins": [Bin(**one) for one in kept["bins"]],
            "possible": [Possible(**one) for one in kept["possible"]],
        }
        for name in ("brier", "ece", "auroc"):
            read[name] = kept[name] and Estimate(**kept[name])
        return cls(**{**kept, **read})


def _choice(kept: Mapping[str, Any]) -> Choice:
    tests = [Tested(**test) for test in kept["tests"]]
    return Choice(tests, kept["short"] and Short(kept["short"]), kept["more"])
