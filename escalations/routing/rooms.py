"""Room that is kept for a late case: who could have it first is given nothing lighter, or it waits for ever.

The sweep marks people as it goes. Nothing of that is stored: the account of a case goes the same way again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from escalations.models import Escalation, Ring
from escalations.models.case_queries import CALL_ORDER
from escalations.routing.eligibility import Reason, WhyNot, histories, not_now, ring, ring_by_time
from escalations.routing.people import Person

# Of the waiting cases before one, so many are looked at for its account.
LOOKED_AT = 200


def keep(case: Escalation, there: Sequence[Person], reasons: Mapping[int, Reason]) -> None:
    """Keep the room of whoever lacks least for the case. Who lacks something else than room is left free."""
    full = [person for person in there if reasons[person.id].why == WhyNot.AT_CAPACITY]
    if full := [person for person in full if not (person.is_offered or person.is_room_kept)]:
        max(full, key=lambda person: person.capacity - person.used).is_room_kept = True


def mark(case: Escalation, people: Sequence[Person], now: datetime) -> None:
    """Mark the people as a sweep would have done when it came to the case."""
    first = Escalation.objects.waiting().offered_to_nobody().select_related("queue").order_by(*CALL_ORDER)
    late: list[Escalation] = []
    for one in first[:LOOKED_AT]:
        if one.id == case.id:
            break
        if ring_by_time(one, now) == Ring.SEVERAL:
            late.append(one)
    found = histories(late)
    for one in late:
        history = found[one.id]
        if (searched := ring(one, now, people, history)) is None:
            continue
        there = searched[1]
        reasons = {person.id: not_now(person, one, history, now) for person in there}
        if all(reason.why for reason in reasons.values()):
            keep(one, there, reasons)
