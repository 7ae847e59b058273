"""Who was offered cases, and which were passed on or told of by webhook: added to the month.

With dice of its own, so that the month stays as it is: neither when a case is taken first nor when it is
decided changes, but for those that somebody took before and passed on to another queue.
"""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from demo.desk import PEOPLE
from demo.history import Offered, Pass, PastCase, able
from escalations.models import OfferOutcome
from escalations.transitions import OFFER

_SEED = 20_260_304
# Each so many-th case is offered, or passed on: spread evenly instead of by the dice, so that no month
# lacks any.
_OFFERED, _PASSED_TO_PERSON, _PASSED_TO_QUEUE = 5, 41, 21
# What others did before with each of so many cases that are offered.
_LET_PASS = (None, None, OfferOutcome.DECLINED, None, None, OfferOutcome.MISSED)
# Who passes a case on needs a moment to see that it is not theirs, and takes one that waited long enough.
_LOOKED_FOR = timedelta(seconds=45)
_LEAST_WAIT = 4 * _LOOKED_FOR
# Whose decisions have gone out by webhook, for so many days, and each so many-th at the second try.
TOLD_AGENT, TOLD_DAYS = "support", 8
_TRIED_AGAIN = 9
_PAUSE = 5
_TURNED_DOWN = ("", "In a call", "Not my subject", "About to leave")
_TO_PERSON = ("You had this customer last week.", "You know this better than I do.", "My shift ends now.")
_TO_QUEUE = ("Not ours: please look.", "Wrong queue.", "We cannot decide this here.")


def add(past: Iterable[PastCase], now: datetime) -> list[PastCase]:
    """The same cases, some of them offered, some passed on, some told of by webhook."""
    dice, worked, told = random.Random(_SEED), count(), count()
    since = now - timedelta(days=TOLD_DAYS)

    def added(case: PastCase) -> PastCase:
        if not case.passes:
            return case
        if case.story.agent == TOLD_AGENT and case.ended_at > since:
            case = replace(case, tried_at=_tries(dice, case.ended_at, next(told)))
        return _round(dice, case, next(worked))

    return [added(case) for case in past]


def _round(dice: random.Random, case: PastCase, number: int) -> PastCase:
    is_simple = len(case.passes) == 1
    if is_simple and number % _PASSED_TO_PERSON == 0:
        case = _to_person(dice, case)
    elif is_simple and number % _PASSED_TO_QUEUE == 1:
        case = _to_queue(dice, case)
    if number % _OFFERED == 0:
        before = _LET_PASS[number // _OFFERED % len(_LET_PASS)]
        case = replace(case, offers=tuple(_offers(dice, case, before)))
    return case


def _tries(dice: random.Random, decided_at: datetime, number: int) -> tuple[datetime, ...]:
    """Most webhooks are taken at once, some after the first pause of the schedule."""
    first = decided_at + timedelta(seconds=dice.uniform(0.05, 0.4))
    if number % _TRIED_AGAIN != 0:
        return (first,)
    return first, first + timedelta(seconds=_PAUSE * dice.uniform(0.8, 1.2))


def _to_person(dice: random.Random, case: PastCase) -> PastCase:
    """The one who took it passes it on into the hands of another."""
    [only] = case.passes
    others = [name for name in able(case.story) if name != only.operator]
    if not others:
        return case
    passed_at = only.taken_at + (only.left_at - only.taken_at) * dice.uniform(0.2, 0.6)
    first = replace(only, left_at=passed_at, note=dice.choice(_TO_PERSON), hands_over=True)
    return replace(case, passes=(first, Pass(dice.choice(others), passed_at, only.left_at)))


def _to_queue(dice: random.Random, case: PastCase) -> PastCase:
    """Somebody took it while it waited, and found that it belongs into another queue."""
    [last] = case.passes
    own = case.story.payload["routing"]["queue"]
    queues = {name for one in PEOPLE for name in one.queues if name != own}
    others = {name: [one for one in able(case.story, name) if one != last.operator] for name in queues}
    choices = sorted(name for name, people in others.items() if people)
    if not choices or last.taken_at - case.received_at < _LEAST_WAIT:
        return case
    queue = dice.choice(choices)
    taken_at = case.received_at + (last.taken_at - case.received_at) * dice.uniform(0.3, 0.6)
    looked_until = taken_at + _LOOKED_FOR * dice.uniform(0.4, 1)
    first = replace(
        last, taken_at=taken_at, left_at=looked_until, note=dice.choice(_TO_QUEUE), to_queue=queue
    )
    return replace(case, passes=(first, replace(last, operator=dice.choice(others[queue]))))


def _offers(dice: random.Random, case: PastCase, before: OfferOutcome | None) -> list[Offered]:
    """The offer that was accepted, after one that ended as `before`; none where there was no time for it."""
    first = case.passes[0]
    begins = first.taken_at - timedelta(seconds=dice.uniform(2, 14))
    if begins <= case.received_at:
        return []
    accepted = Offered(first.operator, OfferOutcome.ACCEPTED, begins, first.taken_at)
    others = [name for name in able(case.story) if name != first.operator]
    if not before or not others:
        return [accepted]
    ended_at = begins - timedelta(seconds=1)
    is_declined = before == OfferOutcome.DECLINED
    begins = ended_at - (timedelta(seconds=dice.uniform(3, 17)) if is_declined else OFFER)
    if begins <= case.received_at:
        return [accepted]
    reason = dice.choice(_TURNED_DOWN) if is_declined else ""
    return [Offered(dice.choice(others), before, begins, ended_at, reason), accepted]
