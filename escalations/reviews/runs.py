"""Finished runs that nobody was asked about, and which of them a person shall look at.

The audit sample is drawn here and not by the agent: each run gets a number, uniform in [0, 1), and is drawn
when that is below the policy's `audit_rate`. The number is an HMAC-SHA256 of agent and run under a key that
only the desk knows (derived from SECRET_KEY), so it is the same whenever it is asked, and no agent can tell
which run_ids are drawn before it reports them. What was drawn is stored with the rate; a new SECRET_KEY
changes later draws only.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from escalations import sql
from escalations.models import Run
from escalations.models.cases import new_id
from escalations.reviews import draws

_SALT = "escalations.runs.audit_sample"


@dataclass(frozen=True)
class FinishedRun:
    """A run as its agent reports it."""

    run_id: str
    agent_version: str
    finished_at: datetime
    conversation_id: str = ""
    category: str = ""
    confidence: float | None = None
    confidence_source: str = ""
    turns: int | None = None
    context_tokens: int | None = None
    cost_usd: Decimal | None = None
    seconds: float | None = None
    retries: int | None = None
    tool_errors: int | None = None


@dataclass(frozen=True)
class Kept:
    """What the desk has of a run. `wanted` says that it was drawn and its audit has not been posted."""

    is_new: bool
    drawn: bool
    wanted: bool


def uniform(agent_id: int, run_id: str) -> float:
    """The number in [0, 1) that decides whether the run is drawn."""
    return draws.uniform(_SALT, f"{agent_id}:{run_id}")


def report(*, agent_id: int, runs: Sequence[FinishedRun]) -> dict[str, Kept]:
    """Keep the runs, and say what is kept, by run_id. Of equal run_ids the first one counts, for good."""
    given: dict[str, FinishedRun] = {}
    for run in runs:
        given.setdefault(run.run_id, run)
    kept: dict[str, Kept] = {}
    # Batches may race for the row of a version that is new; the loser finds it on the second go.
    for step in (_insert, _earlier) * 2:
        if left := [run for run_id, run in given.items() if run_id not in kept]:
            kept |= step(agent_id, left)
    if len(kept) < len(given):
        raise RuntimeError("Valid runs could not be kept twice in a row.")
    return {run_id: kept[run_id] for run_id in given}


def owed(*, agent_id: int) -> QuerySet[Run]:
    """The runs that were drawn and whose full state has not come, each with its version."""
    return Run.objects.filter(agent_id=agent_id, drawn=True, case=None).select_related("agent_version")


def _insert(agent_id: int, runs: Sequence[FinishedRun]) -> dict[str, Kept]:
    rows = [asdict(run) | {"id": new_id(), "uniform": uniform(agent_id, run.run_id)} for run in runs]
    told = sql.run("runs", agent_id=agent_id, runs=json.dumps(rows, default=str))
    return {row["run_id"]: Kept(is_new=True, drawn=row["drawn"], wanted=row["drawn"]) for row in told}


def _earlier(agent_id: int, runs: Sequence[FinishedRun]) -> dict[str, Kept]:
    # Asked after the insert: what another batch committed meanwhile is seen only by a later statement.
    found = Run.objects.filter(agent_id=agent_id, run_id__in=[run.run_id for run in runs])
    return {
        run_id: Kept(is_new=False, drawn=drawn, wanted=drawn and case_id is None)
        for run_id, drawn, case_id in found.values_list("run_id", "drawn", "case_id")
    }
