"""Finished runs with a confidence, audits of those that were drawn, and cases of low confidence."""

from datetime import timedelta

from escalations.models import Agent, AgentVersion, Operator, Policy
from escalations.reviews import runs
from escalations.reviews.runs import FinishedRun
from escalations.sla import clocks
from tests.factories import claim, decide, make_case

VERSION, SOURCE = "2.3", "vote"


def version_of(agent: Agent) -> AgentVersion:
    return AgentVersion.objects.get_or_create(agent=agent, name=VERSION)[0]


def report(agent: Agent, confidences: list[float], *, start: int = 0, source: str = SOURCE) -> list[str]:
    """Finished runs, one a minute back from now; the run_ids of those that were drawn."""
    now = clocks.database_now()
    given = [
        FinishedRun(
            run_id=f"run {start + place}",
            agent_version=VERSION,
            finished_at=now - timedelta(minutes=place + 1),
            confidence=confidence,
            confidence_source=source,
        )
        for place, confidence in enumerate(confidences)
    ]
    kept = runs.report(agent_id=agent.pk, runs=given)
    return [run_id for run_id, one in kept.items() if one.drawn]


def audit(agent: Agent, run_id: str, operator: Operator, agent_correct: str = "yes") -> None:
    """The full state of a run is posted and somebody judges it."""
    case = make_case(agent, kind="review", reason="other", run_id=run_id)
    decide(claim(case, operator), "respond", **labels(agent_correct))


def low(agent: Agent, confidence: float, operator: Operator, agent_correct: str = "yes") -> None:
    """A case that comes because the confidence is low, decided."""
    case = make_case(agent, reason="low_confidence", confidence=confidence, confidence_source=SOURCE)
    decide(claim(case, operator), **labels(agent_correct))


def labels(agent_correct: str) -> dict[str, str]:
    mode = "other" if agent_correct in ("no", "partial") else "none"
    return {"agent_correct": agent_correct, "failure_primary": mode}


def set_rate(agent: Agent, rate: float) -> None:
    Policy.objects.create(agent=agent, number=agent.policies.count() + 1, rules={"audit_rate": rate})
