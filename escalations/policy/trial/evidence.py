"""What is on record of the last days: finished runs, cases, and audits of runs that nobody was asked about.

Reads are bounded, whatever the desk takes in: of many rows every n-th is taken in the order of time, of more
than can be counted in a moment the first few of each hour. The same rows give the same sample.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from escalations import sql
from escalations.models import AgentCorrect, Escalation, Reason, Run
from escalations.policy.policies import Signals
from escalations.policy.triggers import last_user_text
from escalations.sla import clocks

# As far back as is looked, where nobody says.
DAYS = 30
RUNS_MAX, CASES_MAX, AUDITS_MAX = 5_000, 1_000, 1_000
COUNTED_MAX = 100_000
# What is longer is judged by its figures alone: the text of a handoff may have 4 MiB.
BODY_MAX = 65_536
_HOUR = timedelta(hours=1)
_WRONG = (AgentCorrect.NO, AgentCorrect.PARTIAL)


@dataclass(frozen=True)
class Seen:
    """One run or case as the evaluator takes it; `id` is its row.

    `was_wrong` is what people found out about the agent, None where nobody did. `weight` says for how many
    runs an audit stands, `seconds` and `hourly` how long a person had the case and what their hour costs. For
    runs that could not be drawn audits do not stand.
    """

    signals: Signals
    id: str
    was_wrong: bool | None = None
    weight: float = 1.0
    seconds: float | None = None
    hourly: float | None = None
    is_read: bool = True
    could_be_drawn: bool = True


@dataclass(frozen=True)
class Sample:
    """`rows` stand for `total`, which is `estimated` where it is too large to be counted."""

    rows: Sequence[Seen] = ()
    total: int = 0
    estimated: bool = False

    @property
    def weight(self) -> float:
        """For how many each row stands."""
        return self.total / len(self.rows) if self.rows else 0.0


@dataclass(frozen=True)
class Evidence:
    """What there is from `since` until `until`; `audits` are those that were posted, decided or not."""

    since: datetime
    until: datetime
    runs: Sample = Sample()
    cases: Sample = Sample()
    audits: Sequence[Seen] = ()


def last_days(days: int) -> tuple[datetime, datetime]:
    """From a whole hour on, so that what is taken of each hour stays the same for an hour; until now."""
    until = clocks.database_now()
    return until.replace(minute=0, second=0, microsecond=0) - timedelta(days=days), until


def gather(
    *, agent_id: int, version_ids: Sequence[int], during: tuple[datetime, datetime] | None = None
) -> Evidence:
    """The evidence about some versions of an agent. At most seven statements."""
    since, until = during or last_days(DAYS)
    if not version_ids:
        return Evidence(since, until)
    period = {"versions": list(version_ids), "since": since, "until": until, "counted_max": COUNTED_MAX}
    of_agent = period | {"agent_id": agent_id, "body_max": BODY_MAX}
    audits = sql.run("trial_latest", "trial_audits", **of_agent, rows_max=AUDITS_MAX)
    return Evidence(since, until, _runs(period), _cases(of_agent), [_audit(row) for row in audits])


def _runs(period: Mapping[str, Any]) -> Sample:
    rows = sql.run("trial_runs", **period, rows_max=RUNS_MAX)
    total = rows[0]["counted"] if rows else 0
    if total <= COUNTED_MAX:
        return Sample([_run(row) for row in rows], total)
    hours = int((period["until"] - period["since"]) / _HOUR)
    slices = max(1, min(hours, RUNS_MAX // len(period["versions"])))
    cut = {
        "slices": slices,
        "slice": (period["until"] - period["since"]) / slices,
        "of_each": max(1, RUNS_MAX // (slices * len(period["versions"]))),
    }
    wanted = {name: period[name] for name in ("versions", "since", "until")}
    rows = sql.run("trial_runs_sliced", **wanted, **cut)
    during = Run.objects.filter(finished_at__gte=period["since"], finished_at__lt=period["until"])
    return Sample([_run(row) for row in rows], _about(_of_versions(during, period)), estimated=True)


def _cases(of_agent: Mapping[str, Any]) -> Sample:
    rows = sql.run("trial_latest", "trial_cases", **of_agent, rows_max=CASES_MAX)
    seen = [_case(row) for row in rows]
    if not rows or rows[0]["looked_at"] < COUNTED_MAX:
        return Sample(seen, rows[0]["counted"] if rows else 0)
    during = Escalation.objects.filter(
        agent=of_agent["agent_id"], received_at__gte=of_agent["since"], received_at__lt=of_agent["until"]
    )
    return Sample(seen, _about(_of_versions(during, of_agent)), estimated=True)


def _of_versions(rows: QuerySet[Any], period: Mapping[str, Any]) -> QuerySet[Any]:
    return rows.filter(agent_version__in=period["versions"]).order_by()


def _about(rows: QuerySet[Any]) -> int:
    """How many rows the planner expects. It is asked only beyond what was counted."""
    [plan] = json.loads(rows.explain(format="json"))
    return max(COUNTED_MAX, int(plan["Plan"]["Plan Rows"]))


def _run(row: Mapping[str, Any]) -> Seen:
    could_be_drawn = row["sampling_probability"] > 0
    signals = _figures(row, tool_failures=row["tool_errors"])
    return Seen(signals, str(row["id"]), could_be_drawn=could_be_drawn)


def _case(row: Mapping[str, Any]) -> Seen:
    return Seen(_said(row, _figures(row)), str(row["id"]), **_by_people(row))


def _audit(row: Mapping[str, Any]) -> Seen:
    signals = _said(row, _figures(row, tool_failures=row["tool_errors"]))
    return Seen(signals, str(row["id"]), weight=1 / row["sampling_probability"], **_by_people(row))


def _by_people(row: Mapping[str, Any]) -> dict[str, Any]:
    """What people made of a case, and whether its text is there."""
    return {
        "was_wrong": _was_wrong(row),
        "seconds": row["handle_seconds"],
        "hourly": None if row["hourly_cost_usd"] is None else float(row["hourly_cost_usd"]),
        "is_read": row["body"] is not None,
    }


def _figures(row: Mapping[str, Any], **more: float | None) -> Signals:
    """What was measured. The threshold that an agent used itself is left out: the policy's is on trial."""
    usage = {name: row[name] for name in ("turns", "context_tokens", "cost_usd", "seconds", "retries")}
    return Signals(confidence=row["confidence"], category=row["category"], usage=usage | more)


def _said(row: Mapping[str, Any], figures: Signals) -> Signals:
    """With what only the text of a handoff tells."""
    payload: dict[str, Any] = json.loads(row["body"]) if row["body"] else {}
    steps = payload.get("steps") or []
    failed = [step["name"] for step in steps if (step.get("checkpoint") or {}).get("passed") is False]
    return Signals(
        confidence=figures.confidence,
        category=figures.category,
        usage=figures.usage,
        pending_actions=payload.get("pending_actions") or [],
        last_user_message=last_user_text(payload),
        asked_for_person=row["reason"] == Reason.USER_REQUESTED,
        failed_checkpoints=failed,
    )


def _was_wrong(row: Mapping[str, Any]) -> bool | None:
    """By the label; where a person left none, by whether they decided otherwise than proposed."""
    label = row["agent_correct"]
    if label in _WRONG:
        return True
    if label == AgentCorrect.YES:
        return False
    return None if label == AgentCorrect.UNSURE else row["overrode"]
