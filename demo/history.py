"""A month of the desk, made up: who handed off what and when, who took it, how it ended, how long it took.

Only plans are made here; `demo.playing` carries them out. The same seed gives the same month.
"""

import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from demo.desk import AGENTS, PEOPLE
from demo.stories import STORIES, Ending, Fill, Story
from demo.writing import Scenario
from escalations.models import FailureMode, Kind, OfferOutcome, Role

DAYS = 30
_ALL_ENDED_HOURS = 3
_SEED = 20_260_301
# How many handoffs arrive at an hour of a weekday, and how busy each day is.
_HOURS = (1, 1, 1, 1, 1, 2, 3, 6, 11, 15, 16, 15, 12, 13, 15, 15, 13, 11, 9, 8, 6, 4, 3, 2)
_WEEKDAYS = (1.1, 1.0, 1.0, 0.95, 0.9, 0.45, 0.35)
_AT_NIGHT = range(7)
# Median seconds until a case is taken, and until it is decided; spreads are of the logarithm.
_PICKUP = {"urgent": 40, "high": 160, "normal": 420, "low": 1_500}
_HANDLING = {Kind.APPROVAL: 75, Kind.REVIEW: 120, Kind.QUESTION: 110, Kind.TAKEOVER: 340}
_PICKUP_SPREAD, _HANDLING_SPREAD = 0.7, 0.55
# How often a case lies far too long.
_FORGOTTEN = 0.015
# Multiples of the golden ratio fall evenly into [0, 1), however many there are.
_GOLDEN = (math.sqrt(5) - 1) / 2
# How often the agent's proposal was right after all.
_RIGHT = {"2.2": 0.48, "2.3": 0.71, "1.8": 0.6, "0.9": 0.42}


@dataclass(frozen=True)
class Pass:
    """One go of one person: taken at, given up, passed on or decided at."""

    operator: str
    taken_at: datetime
    left_at: datetime
    # Where it was passed on: to another queue, or into the hands of whoever has the next pass.
    to_queue: str = ""
    hands_over: bool = False
    note: str = ""


@dataclass(frozen=True)
class Offered:
    """An offer to one person and how it ended."""

    operator: str
    outcome: OfferOutcome
    at: datetime
    ended_at: datetime
    reason: str = ""


@dataclass(frozen=True)
class PastCase:
    """How one case went. `fate` is resolved, reopened, cancelled or expired.

    Of several passes all but the last (of a reopened case: but the first and last) were given up or
    passed on. `offers` came before the first, in order.
    """

    story: Scenario
    version: str
    confidence: float
    ending: Ending
    failure: FailureMode
    received_at: datetime
    fate: str
    passes: tuple[Pass, ...]
    ended_at: datetime
    reported: str
    reopened_at: datetime | None = None
    # Of the finished run that it is the audit of.
    run_id: str = ""
    offers: tuple[Offered, ...] = ()
    # When a webhook with the decision was tried; the last one was taken.
    tried_at: tuple[datetime, ...] = ()


def plan(now: datetime, cases: int) -> list[PastCase]:
    """What happened in the `DAYS` days before `now`, by time of arrival."""
    dice = random.Random(_SEED)
    told: Counter[str] = Counter()
    return [_case(dice, told, moment, now) for moment in sorted(_arrivals(dice, now, cases))]


def _arrivals(dice: random.Random, now: datetime, cases: int) -> Iterator[datetime]:
    """More of them in busy hours and on busy days; none in the last hours, so that all can have ended."""
    newest = now - timedelta(hours=_ALL_ENDED_HOURS)
    hours = [newest - timedelta(hours=back) for back in range(DAYS * 24)]
    weights = [_HOURS[hour.hour] * _WEEKDAYS[hour.weekday()] for hour in hours]
    for hour in dice.choices(hours, weights, k=cases):
        yield hour - timedelta(seconds=dice.uniform(0, 3_600))


def _case(dice: random.Random, told_of: Counter[str], received_at: datetime, now: datetime) -> PastCase:
    story, version = _choose_story(dice, (now - received_at).days)
    told = story.tell(Fill(dice))
    told_of[version] += 1
    right = _was_right(version, told_of[version])
    ending = story.right if right else dice.choice(story.wrong)
    fate = dice.choices(("resolved", "reopened", "cancelled", "expired"), (91, 2, 4, 3))[0]
    passes, reopened_at = _passes(dice, told, received_at, fate)
    ended_at = passes[-1].left_at if fate in ("resolved", "reopened") else _given_up_at(dice, received_at)
    return PastCase(
        story=told,
        version=version,
        confidence=_confidence(dice, right),
        ending=ending,
        failure=FailureMode.NONE if ending.agent_correct in ("yes", "unsure") else story.mode,
        received_at=received_at,
        fate=fate,
        passes=passes,
        ended_at=ended_at,
        reported=dice.choices(("applied", "late", "delivered"), (94, 3, 3))[0],
        reopened_at=reopened_at,
    )


def _was_right(version: str, nth: int) -> bool:
    """Whether the agent was right in the nth case of its version: spread evenly instead of by the dice.

    Versions then differ as they should in every month, whenever it is loaded.
    """
    return nth * _GOLDEN % 1 < _RIGHT[version]


def _choose_story(dice: random.Random, days_ago: int) -> tuple[Story, str]:
    """A story and the version that it happened to; a version is gone a day after its successor came."""
    alive = {
        version
        for agent in AGENTS
        for version, successor in zip(agent.versions, [*list(agent.versions)[1:], None], strict=True)
        if agent.versions[version] > days_ago
        and (successor is None or days_ago >= agent.versions[successor] - 1)
    }
    choices = [(story, version) for story in STORIES for version in story.weights if version in alive]
    return dice.choices(choices, [story.weights[version] for story, version in choices])[0]


def _passes(
    dice: random.Random, told: Scenario, received_at: datetime, fate: str
) -> tuple[tuple[Pass, ...], datetime | None]:
    if fate in ("cancelled", "expired"):
        return (), None
    capable = able(told)
    first = _pass(dice, told, dice.choice(capable), received_at)
    if fate == "reopened":
        reopened_at = first.left_at + timedelta(minutes=dice.uniform(3, 40))
        return (first, _pass(dice, told, dice.choice(capable), reopened_at)), reopened_at
    if dice.random() < 0.05:  # had to leave it to somebody else
        return (first, _pass(dice, told, dice.choice(capable), first.left_at)), None
    return (first,), None


def _pass(dice: random.Random, told: Scenario, operator: str, free_since: datetime) -> Pass:
    wait = _PICKUP[told.payload["routing"]["priority"]] * (2.5 if free_since.hour in _AT_NIGHT else 1)
    wait *= 40 if dice.random() < _FORGOTTEN else 1
    taken_at = free_since + timedelta(seconds=dice.lognormvariate(math.log(wait), _PICKUP_SPREAD))
    work = dice.lognormvariate(math.log(_HANDLING[told.payload["kind"]]), _HANDLING_SPREAD)
    return Pass(operator, taken_at, taken_at + timedelta(seconds=work))


def able(told: Scenario, queue: str = "") -> list[str]:
    """Who could work such a case, in its own queue or in another `queue`."""
    routing = told.payload["routing"]
    return [
        plan.username
        for plan in PEOPLE
        if plan.role == Role.OPERATOR
        and (queue or routing["queue"]) in plan.queues
        and set(routing["skills"]) <= set(plan.skills)
    ]


def _given_up_at(dice: random.Random, received_at: datetime) -> datetime:
    return received_at + timedelta(minutes=dice.uniform(2, 90))


def _confidence(dice: random.Random, right: bool) -> float:
    """Agents are surer when they are right, but not by much."""
    return round(min(0.98, max(0.05, dice.gauss(0.68 if right else 0.55, 0.14))), 2)
