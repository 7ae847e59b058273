"""The router: offers waiting cases, in the order of work, to the people who should have them.

It can run late, twice, alongside itself, or never: each offer is made under the locks of the desk and the
case, and whoever takes the next case by themselves needs no router.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from escalations import sql
from escalations.models import Escalation, Ring
from escalations.models.case_queries import CALL_ORDER
from escalations.models.offers import OWN_QUEUE
from escalations.retention import forgetting
from escalations.routing import decisions, rooms, unroutable
from escalations.routing.decisions import Seen
from escalations.routing.eligibility import (
    SEVERAL_AT_ONCE,
    History,
    Reason,
    WhyNot,
    histories,
    in_order,
    missed_last,
    not_now,
    ring,
)
from escalations.routing.people import Person, ready
from escalations.routing.reach import Reach
from escalations.signals import tell_committed
from escalations.transitions.offer import end_dead_offers, offer

# Of each queue, how many cases are opened to its overflow queue in one go.
OVERFLOWED = 50
# Of the cases that wait for somebody, how many are noted in one pass.
NOTED = 200
_FORGOTTEN_AT_ONCE = 1000
_reach = Reach()


def route() -> int:
    """Settle dead offers and make new ones. Returns how many of both. Costs little with nobody there."""
    handled = end_dead_offers()
    people = ready()
    if people:
        _overflow([])
        while any(person.can_be_offered for person in people) and (made := _pass(people)):
            handled += made
            people = ready()
    unroutable.alert()
    forgetting.forget_looks(limit=_FORGOTTEN_AT_ONCE)
    return handled


def _pass(people: Sequence[Person]) -> int:
    """Go through the waiting cases once, and offer what can be offered."""
    looks: list[Seen] = []
    again: list[tuple[Any, History]] = []
    now: datetime | None = None
    for case, history in _candidates(people):
        now = case.looked_at
        seen = _look(case, now, people, history)
        looks.append(seen) if seen else again.append((case, history))
        if not any(person.can_be_offered for person in people):
            break
    if now is None:
        return 0
    looks += filter(None, (_look(case, now, people, history, even_again=True) for case, history in again))
    _overflow([seen.case.id for seen in looks if seen.ring and seen.ring >= Ring.OVERFLOW])
    offered = [seen for seen in looks if seen.offered]
    for seen in offered:
        decisions.store(seen, now)
    # That nobody is there for a case is the alert's to keep, or there would be none.
    waiting = [seen for seen in looks if not seen.offered and seen.ring is not None]
    decisions.store_changes(waiting[:NOTED], now)
    return sum(len(seen.offered) for seen in offered)


def _look(
    case: Escalation, now: datetime, people: Sequence[Person], history: History, *, even_again: bool = False
) -> Seen | None:
    """Offer one case, if somebody can be asked now.

    None if only those can who were offered it last and missed it: any other case goes to them before
    (`even_again`: there is none).
    """
    found = ring(case, now, people, history)
    if found is None:
        return Seen(case, None, (), {})
    in_ring, there = found
    reasons = {person.id: not_now(person, case, history, now) for person in there}
    free = in_order((person for person in there if not reasons[person.id].why), case, history.missed)
    if free and not even_again:
        free = [person for person in free if not missed_last(person, history)]
        if not free:
            return None
    chosen = list(islice(free, SEVERAL_AT_ONCE if in_ring == Ring.SEVERAL else 1))
    offered: list[int] = []
    if chosen:
        offered = offer(case_id=case.id, operator_ids=[person.id for person in chosen], ring=in_ring)
    elif in_ring == Ring.SEVERAL:
        rooms.keep(case, there, reasons)
    for person in chosen:
        # Who was busy at this moment is left alone until the next sweep, too.
        person.is_offered = True
        if person.id in offered:
            person.used += case.weight
            reasons[person.id] = Reason(WhyNot.NONE)
    return Seen(case, in_ring, offered, reasons)


def _candidates(people: Sequence[Person]) -> Iterator[tuple[Any, History]]:
    """The waiting cases that somebody who is free might be offered, in the order of work."""
    free = [person for person in people if person.can_be_offered]
    queues = set().union(*(person.queues for person in free))
    skills = set().union(*(person.skills for person in free))
    cases = (
        Escalation.objects.waiting()
        .filter(Q(queue__in=queues) | Q(overflow_queue__in=queues) | Q(queue__overflow__in=queues))
        .within_skills(sorted(skills))
        .offered_to_nobody()
        .annotate(looked_at=Now())
        .select_related("queue")
        .order_by(*CALL_ORDER)
    )
    for page in _reach.pages(cases):
        found = histories(page)
        yield from ((case, found[case.id]) for case in page)


def _overflow(case_ids: Sequence[UUID]) -> None:
    """Let the members of the overflow queue take these cases, and those that waited long enough."""
    with transaction.atomic():
        opened = sql.run("overflow", case_ids=list(case_ids), after=OWN_QUEUE, limit=OVERFLOWED)
        for row in opened:
            transaction.on_commit(partial(tell_committed, row["id"]))
