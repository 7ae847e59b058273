"""Which waiting cases one pass of the router reads: the front, then on from where the last stopped.

A pass costs the same however many cases wait. A long run of cases that nobody free can take hides those
behind it for a few passes, and not for ever.
"""

from collections.abc import Generator, Iterator
from datetime import datetime
from uuid import UUID

from escalations.models import Escalation
from escalations.models.case_queries import CALL_ORDER, EscalationQuerySet

# Cases are read so many at a time: so many times from the front, and as often from further behind.
PAGE, PAGES = 200, 10

# The place of a case in the order of work.
Place = tuple[int, datetime, datetime, UUID]


class Reach:
    """Where the last pass of this process stopped. Lost with it, and begun again at the front."""

    def __init__(self) -> None:
        self._place: Place | None = None

    def pages(self, cases: EscalationQuerySet) -> Iterator[list[Escalation]]:
        """The pages of one pass. Who needs no more stops asking."""
        front = yield from _read(cases, None)
        if front is None:
            self._place = None
            return
        self._place = yield from _read(cases, max(front, self._place or front))


def _read(cases: EscalationQuerySet, place: Place | None) -> Generator[list[Escalation], None, Place | None]:
    """`PAGES` pages behind a place. Returns the place of the last case; None if none follows it."""
    for _ in range(PAGES):
        page = list((cases.behind(CALL_ORDER, place) if place else cases)[:PAGE])
        yield page
        if len(page) < PAGE:
            return None
        last = page[-1]
        place = (last.rank, last.due_at, last.received_at, last.id)
    return place
