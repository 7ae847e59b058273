"""The people of the desk as routing sees them."""

from dataclasses import dataclass
from datetime import datetime

from escalations import sql
from escalations.models import Availability
from escalations.models.people import SILENT


@dataclass
class Person:
    """Rights, presence and load of one person. What is `used` and the marks follow what the router does.

    `is_offered` while they have an offer to answer: one at a time, so that each gets a fair look.
    `is_room_kept` while what is free of their desk is kept for a late case that needs more.
    """

    id: int
    queues: frozenset[int]
    skills: frozenset[str]
    capacity: int
    availability: str
    is_connected: bool
    last_offered_at: datetime | None
    used: int
    is_offered: bool
    is_room_kept: bool = False

    @property
    def is_ready(self) -> bool:
        return self.is_connected and self.availability == Availability.AVAILABLE

    @property
    def can_be_offered(self) -> bool:
        """Whether anything at all can be offered to them now."""
        is_taken = self.is_offered or self.is_room_kept
        return self.is_ready and not is_taken and self.used < self.capacity


def ready() -> list[Person]:
    """Those who are available and have a page open."""
    return _people(everybody=False)


def everybody() -> list[Person]:
    """All whose account is open."""
    return _people(everybody=True)


def _people(*, everybody: bool) -> list[Person]:
    # Whose last page was closed counts as silent at once, and is offered nothing new.
    rows = sql.run("people", everybody=everybody, connected=SILENT)
    return [
        Person(**(row | {"queues": frozenset(row["queues"]), "skills": frozenset(row["skills"])}))
        for row in rows
    ]
