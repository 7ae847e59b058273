"""Runs of the last month that agents finished by themselves, and the audits of those that were drawn.

Most went well. Some were wrong and sure of it: more of the long ones and of the less sure, which is what a
policy can learn from. Only plans are made here, by the same seed the same; `demo.playing` carries them out.
"""

import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from demo.desk import AGENTS, PEOPLE
from demo.history import DAYS, Pass, PastCase
from demo.stories.telling import answered, approved
from demo.writing import VERSIONS, Json, Scenario, says, scenario, user
from escalations.models import FailureMode, Role
from escalations.reviews.runs import FinishedRun

_SEED = 20_260_302
_ALL_ENDED_HOURS = 5
# How many finished runs there are for each past case of the demo.
_PER_CASE = {"billing": 3.0, "support": 1.5}
_SURE_ENOUGH, _SURE = 0.7, {"refund": 0.8, "tax": 0.8}
_TALK = {
    "billing": {
        "invoice": ("Why is my invoice higher than last month?", "Two seats were added on the 3rd."),
        "plan": ("What does the Team plan cost for 12 people?", "It is $144.00 a month."),
        "refund": ("Where is my refund of last week?", "It was sent on Monday and takes five days."),
        "tax": ("Which tax rate is on my invoice?", "It is 19%, by the country of your account."),
    },
    "support": {
        "order": ("Where is my parcel?", "It left the warehouse yesterday and comes on Friday."),
        "fault": ("My lamp flickers.", "Please set the dimmer to its lowest step and pair it again."),
        "returns": ("Can I still return the lock?", "Yes, within 30 days of delivery."),
    },
}


@dataclass(frozen=True)
class PastRun:
    """A finished run of an agent, and whether it was wrong."""

    agent: str
    run: FinishedRun
    is_wrong: bool


def plan(now: datetime, cases: int) -> list[PastRun]:
    """The runs of the last days, beside so many cases."""
    dice = random.Random(_SEED)
    ages = {plan.name: plan.versions[VERSIONS[plan.name]] for plan in AGENTS}
    return [
        _run(dice, agent, number, now, min(DAYS, ages[agent]))
        for agent, share in _PER_CASE.items()
        for number in range(round(cases * share))
    ]


def audits(runs: list[PastRun], drawn: Mapping[str, set[str]]) -> Iterator[PastCase]:
    """The audits of the runs that were drawn, by agent, each decided within hours."""
    dice = random.Random(_SEED + 1)
    for past in runs:
        if past.run.run_id in drawn[past.agent]:
            yield _audit(dice, past)


def _run(dice: random.Random, agent: str, number: int, now: datetime, days: int) -> PastRun:
    turns = min(20, 1 + round(dice.lognormvariate(1.5, 0.55)))
    category = dice.choice(list(_TALK[agent]))
    # What was less sure was handed off.
    confidence = min(0.99, max(_SURE.get(category, _SURE_ENOUGH), dice.gauss(0.87, 0.08)))
    run = FinishedRun(
        run_id=f"run_past_{number}",
        agent_version=VERSIONS[agent],
        finished_at=now - timedelta(hours=dice.uniform(_ALL_ENDED_HOURS, days * 24 - 1)),
        category=category,
        confidence=round(confidence, 2),
        confidence_source="self_report",
        turns=turns,
        context_tokens=turns * dice.randint(900, 2_200),
        cost_usd=Decimal(f"{0.01 * turns * dice.uniform(0.5, 2):.4f}"),
        seconds=round(4 + turns * dice.uniform(2, 5), 1),
        retries=dice.choice([0, 0, 0, 1]),
        tool_errors=dice.choice([0, 0, 0, 0, 1, 2]),
    )
    return PastRun(agent, run, is_wrong=dice.random() < _risk(confidence, turns))


def _risk(confidence: float, turns: int) -> float:
    """How likely such a run is wrong.

    Which runs are audited is drawn by the desk's own key. The tests for a threshold begin at the surest
    quarter and stop at the first that fails: hardly any of these are wrong, so that no draw of them fails.
    """
    if confidence < 0.82:
        return 0.45
    if turns > 10 and confidence < 0.9:
        return 0.25
    return 0.01 if confidence < 0.92 else 0.002


def _audit(dice: random.Random, past: PastRun) -> PastCase:
    able = [one.username for one in PEOPLE if one.role == Role.OPERATOR and past.agent in one.queues]
    received_at = past.run.finished_at + timedelta(seconds=dice.uniform(5, 60))
    taken_at = received_at + timedelta(minutes=dice.lognormvariate(math.log(40), 0.6))
    left_at = min(
        taken_at + timedelta(seconds=dice.lognormvariate(math.log(70), 0.5)),
        received_at + timedelta(hours=_ALL_ENDED_HOURS - 1),
    )
    wrong = answered("That was not right: the customer needs another answer.")
    return PastCase(
        story=_state(past),
        version=past.run.agent_version,
        confidence=past.run.confidence or 0,
        ending=wrong if past.is_wrong else approved(),
        failure=FailureMode.EDGE_CASE if past.is_wrong else FailureMode.NONE,
        received_at=received_at,
        fate="resolved",
        passes=(Pass(dice.choice(able), min(taken_at, left_at - timedelta(seconds=20)), left_at),),
        ended_at=left_at,
        reported="applied",
        run_id=past.run.run_id,
    )


def _state(past: PastRun) -> Scenario:
    question, answer = _TALK[past.agent][past.run.category]
    return scenario(
        past.agent,
        FailureMode.EDGE_CASE if past.is_wrong else FailureMode.NONE,
        [user(question), says(answer)],
        kind="review",
        reason="other",
        category=past.run.category,
        priority="low",
        question=f"Audit: was this right? “{answer}”",
        summary="Drawn at random from the runs that nobody was asked about.",
        usage=_used(past.run),
    )


def _used(run: FinishedRun) -> Json:
    return {
        "turns": run.turns,
        "context_tokens": run.context_tokens,
        "cost_usd": str(run.cost_usd),
        "seconds": run.seconds,
        "retries": run.retries,
    }
