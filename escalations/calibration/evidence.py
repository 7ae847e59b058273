"""What is on record of a confidence: a uniform sample of the runs that people judged, and all traffic.

The runs that a threshold decides about are those that the agent finished alone, of which some were drawn for
an audit, and those that came to people as cases because its confidence was low, which are all looked at. To
make one uniform sample of both, and of stretches with different audit rates, all is thinned by lot to one
rate.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np

from escalations import sql
from escalations.calibration.measures import Bools, Floats
from escalations.calibration.values import Counts
from escalations.models import AgentCorrect, AgentVersion, CalibrationLook, Escalation
from escalations.reviews import draws

SAMPLE_MAX, TRAFFIC_MAX = 20_000, 100_000
_SALT = "escalations.calibration.thinning"
_WRONG = (AgentCorrect.NO, AgentCorrect.PARTIAL)
_JUDGED = (AgentCorrect.YES, *_WRONG)


@dataclass(frozen=True)
class Evidence:
    """A sample drawn at `rate`, and the confidences of all `traffic`.

    `confidence` and `wrong` are of the same judged runs in the same order, which came from `since` to
    `until`. `digest` is the same as long as the sample and its labels are. `seconds` is the mean time that
    people had one of those cases, `hourly` what an hour of theirs costs in USD; None where nothing is known.
    """

    confidence: Floats
    wrong: Bools
    traffic: Floats
    rate: float
    counts: Counts
    digest: str
    since: datetime | None = None
    until: datetime | None = None
    seconds: float | None = None
    hourly: float | None = None


@dataclass(frozen=True)
class _Row:
    """A run or case; `rate` is that of its time, `probability` that of being looked at."""

    id: str
    case_id: UUID | None
    confidence: float
    rate: float
    probability: float
    label: str
    moment: datetime
    decided_at: datetime | None
    seconds: float | None
    hourly: float | None

    @property
    def is_judged(self) -> bool:
        return self.label in _JUDGED

    def is_kept(self, rate: float) -> bool:
        """Whether it stays where all is thinned to that rate."""
        return 0 < rate <= self.rate and _lot(self.id) < rate / self.probability


@dataclass(frozen=True)
class Judged:
    """One of the sample, the case in which people looked at it, and what they said of the agent."""

    case_id: UUID
    confidence: float
    label: str

    @property
    def is_wrong(self) -> bool:
        return self.label in _WRONG


def gather(version: AgentVersion, source: str) -> Evidence:
    """All that people found out about a version whose confidence comes from that source. Four statements."""
    drawn, cases = _looked_at(version, source)
    rate = common_rate([row.rate for row in drawn])
    # Where one list was cut short, all are cut at the same moment: else the rest would stand for the whole.
    cut = [rows[-1].moment for rows in (drawn, cases) if len(rows) == SAMPLE_MAX]
    since = max([*cut, *_last_case_read(version)], default=None)
    found = [
        row for row in (*drawn, *cases) if 0 < rate <= row.rate and (since is None or row.moment >= since)
    ]
    kept = [row for row in found if row.is_kept(rate)]
    judged = sorted((row for row in kept if row.is_judged), key=lambda row: row.id)
    handled = [row for row in found if row.seconds is not None]
    return Evidence(
        confidence=np.array([row.confidence for row in judged]),
        wrong=np.array([row.label in _WRONG for row in judged], dtype=bool),
        traffic=_traffic(version, source, rate, cases, since),
        rate=rate,
        counts=_counts(found, kept),
        digest=_digest(judged),
        since=min((row.moment for row in judged), default=None),
        until=max((row.moment for row in judged), default=None),
        seconds=_mean(row.seconds for row in handled),
        hourly=_mean(row.hourly for row in handled),
    )


def sample_of(look: CalibrationLook) -> tuple[list[Judged], bool]:
    """What a look was at, the surest first, as labelled today; and whether it is labelled as it was then."""
    rate = look.findings["rate"]
    drawn, cases = _looked_at(look.agent_version, look.source)
    found = [row for row in (*drawn, *cases) if row.is_judged and row.is_kept(rate)]
    found = [row for row in found if look.audits_since and row.moment >= look.audits_since]
    seen = [row for row in found if row.decided_at and row.decided_at <= look.created_at]
    surest = sorted(seen, key=lambda row: (-row.confidence, row.id))
    judged = [Judged(row.case_id, row.confidence, row.label) for row in surest if row.case_id]
    return judged, _digest(sorted(seen, key=lambda row: row.id)) == look.digest


def common_rate(rates: Sequence[float]) -> float:
    """The rate at which most runs are left, if what was drawn at higher ones is thinned to it; 0 for none.

    What was drawn at lower rates cannot be made more and is left out, with the traffic of its time. The
    labels have no say, so the choice spoils nothing.
    """
    counted = sorted(Counter(rate for rate in rates if rate > 0).items(), reverse=True)
    best, most, at_once = 0.0, 0.0, 0.0
    for rate, n in counted:
        at_once += n / rate
        if rate * at_once > most:
            best, most = rate, rate * at_once
    return best


def _looked_at(version: AgentVersion, source: str) -> tuple[list[_Row], list[_Row]]:
    """Runs drawn for an audit, and cases that came for low confidence; the newest of each."""
    which = {"version": version.pk, "source": source, "rows_max": SAMPLE_MAX}
    of_agent = {"agent_id": version.agent_id, "since": version.created_at, "counted_max": TRAFFIC_MAX}
    drawn = _rows(sql.run("calibration_drawn", **which))
    return drawn, _rows(sql.run("calibration_cases", **which, **of_agent))


def _last_case_read(version: AgentVersion) -> Iterable[datetime]:
    """When the oldest case came that `calibration_cases` looks at, if there may be older ones."""
    cases = Escalation.objects.filter(agent=version.agent_id, received_at__gte=version.created_at)
    newest_first = cases.order_by("-received_at", "-id").values_list("received_at", flat=True)
    return newest_first[TRAFFIC_MAX - 1 : TRAFFIC_MAX]


def _digest(judged: Sequence[_Row]) -> str:
    return hashlib.sha256("\n".join(f"{row.id} {row.label}" for row in judged).encode()).hexdigest()


def _lot(row_id: str) -> float:
    """A number in [0, 1) of each row, of which the draw of the audits knows nothing."""
    return draws.uniform(_SALT, row_id)


def _counts(found: Sequence[_Row], kept: Sequence[_Row]) -> Counts:
    rest = [row for row in kept if not row.is_judged]
    return Counts(
        judged=len(kept) - len(rest),
        unsure=sum(bool(row.label) for row in rest),
        waiting=sum(not row.label and row.case_id is not None for row in rest),
        owed=sum(row.case_id is None for row in rest),
        spared=sum(row.is_judged for row in found) - (len(kept) - len(rest)),
    )


def _traffic(
    version: AgentVersion, source: str, rate: float, cases: Iterable[_Row], since: datetime | None
) -> Floats:
    """The confidences of the newest runs that a threshold decides about, drawn at that rate or more."""
    if not rate:
        return np.array([])
    which = {"version": version.pk, "source": source, "rate": rate, "counted_max": TRAFFIC_MAX}
    rows = sql.run("calibration_traffic", **which, since=since)
    first = min((row["since"] for row in rows), default=None)
    came = [row.confidence for row in cases if rate <= row.rate and first and row.moment >= first]
    finished = np.repeat([row["confidence"] for row in rows], [row["n"] for row in rows])
    return np.append(finished, came)


def _rows(rows: Iterable[Mapping[str, Any]]) -> list[_Row]:
    return [
        _Row(
            id=str(row["id"]),
            case_id=row["case_id"],
            confidence=row["confidence"],
            rate=row["rate"],
            probability=row["probability"],
            label=row["agent_correct"] or "",
            moment=row["moment"],
            decided_at=row["decided_at"],
            seconds=row["handle_seconds"],
            hourly=None if row["hourly_cost_usd"] is None else float(row["hourly_cost_usd"]),
        )
        for row in rows
    ]


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
