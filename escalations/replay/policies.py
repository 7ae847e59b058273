"""Replays of policies: what other rules would have asked a person about, beside what really came.

What is found is kept, so that everybody who follows the link sees the same, also after the runs that it rests
on are forgotten. Of the cases and runs that would be treated otherwise only the ids are kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from escalations.jobs import JobLease
from escalations.models import Agent, AgentVersion, Operator, Policy, PolicyReplay
from escalations.policy import policy_history, trial
from escalations.policy.policies import Code
from escalations.policy.trial.evidence import Evidence
from escalations.policy.trial.outcome import Asked, RuleName, Share, Work
from escalations.replay.asked import AUDIT, CASE, RUN, packed

# As far back as anybody may ask: runs are forgotten after a while.
LONGEST = timedelta(days=92)
EXAMPLES = 30
_STEPS = 3


@dataclass(frozen=True)
class Recorded:
    """What really came in the period: `came` cases and `audited` runs, with the work that one of them took.

    `missed` is of all audited runs, none of which anybody was asked about: those that were wrong.
    """

    came: int
    audited: int
    missed: Share
    work: Work

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Recorded":
        """What `as_json` gave."""
        return cls(**(dict(kept) | {"missed": Share(**kept["missed"]), "work": Work(**kept["work"])}))


@dataclass(frozen=True)
class Example:
    """A run or case that would be treated otherwise, and the rules that asked, or would ask, for a person."""

    id: str
    was_wrong: bool | None
    names: Sequence[RuleName]


def start(
    *,
    operator: Operator,
    agent: Agent,
    version: AgentVersion | None,
    tried: Policy | Mapping[str, Any],
    during: tuple[datetime, datetime],
) -> PolicyReplay:
    """Ask for a replay of a saved policy, or of the rules of a draft; `playing` plays it."""
    saved = tried if isinstance(tried, Policy) else None
    now = policy_history.in_force(agent, version)
    since, until = during
    return PolicyReplay.objects.create(
        started_by=operator,
        agent=agent,
        agent_version=version,
        policy=saved,
        rules=saved.rules if saved else tried,
        in_force=now.rules if now else {},
        since=since,
        until=until,
    )


def findings(lease: JobLease[PolicyReplay]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Hold both sets of rules against the period, step by step. What came out, and what of."""
    replay = lease.job
    lease.write(done=0, total=_STEPS)
    evidence = trial.gather(
        agent_id=replay.agent_id,
        version_ids=policy_history.going_by(replay.agent, replay.agent_version),
        during=(replay.since, replay.until),
    )
    lease.write(done=1)
    outcome = trial.compare(replay.in_force, replay.rules, evidence)
    lease.write(done=2)
    kinds = {
        CASE: trial.asked(replay.in_force, replay.rules, evidence.cases.rows),
        RUN: trial.asked(replay.in_force, replay.rules, evidence.runs.rows),
        AUDIT: trial.asked(replay.in_force, replay.rules, evidence.audits),
    }
    found = {
        "outcome": outcome.as_json(),
        "basis": trial.Basis.of(evidence).as_json(),
        "recorded": recorded(evidence, outcome.work).as_json(),
        "spared": [_example(one, one.now) for one in _spared(kinds[CASE])],
        "more": [_example(one, one.draft) for one in _more(kinds[RUN])],
    }
    return found, packed(kinds)


def examples(kept: Sequence[Mapping[str, Any]]) -> list[Example]:
    """Those that `findings` kept."""
    return [
        Example(one["id"], one["was_wrong"], [(Code(code), subject) for code, subject in one["names"]])
        for one in kept
    ]


def recorded(evidence: Evidence, work: Work) -> Recorded:
    """What really came, of the same rows."""
    judged = [seen for seen in evidence.audits if seen.was_wrong is not None]
    return Recorded(
        came=evidence.cases.total,
        audited=len(evidence.audits),
        missed=Share.of((bool(seen.was_wrong), seen.weight) for seen in judged),
        work=work,
    )


def _spared(cases: Sequence[Asked]) -> list[Asked]:
    """The cases that would not come, those first in which the agent was wrong."""
    spared = [one for one in cases if one.is_spared]
    return sorted(spared, key=lambda one: not one.seen.was_wrong)[:EXAMPLES]


def _more(runs: Sequence[Asked]) -> list[Asked]:
    """The runs that would come, the least sure first."""
    more = [one for one in runs if one.draft and not one.now]
    return sorted(more, key=_how_sure)[:EXAMPLES]


def _how_sure(one: Asked) -> float:
    confidence = one.seen.signals.confidence
    return 1.0 if confidence is None else confidence


def _example(one: Asked, names: frozenset[RuleName]) -> dict[str, Any]:
    return {"id": one.seen.id, "was_wrong": one.seen.was_wrong, "names": sorted(names)}
