"""The desk at this moment, for a screen on the wall: what waits where, who is there, when it will be done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from escalations import sql
from escalations.handoffs import dispatch
from escalations.models import Availability, Operator
from escalations.routing.people import Person, everybody


@dataclass(frozen=True)
class Staff:
    """People with a page open, by availability. Of the `capacity` of those available `room` is free."""

    available: int = 0
    wrapping_up: int = 0
    away: int = 0
    capacity: int = 0
    room: int = 0

    @classmethod
    def of(cls, people: Iterable[Person]) -> "Staff":
        there = [person for person in people if person.is_connected]
        ready = [person for person in there if person.is_ready]
        return cls(
            available=len(ready),
            wrapping_up=sum(person.availability == Availability.WRAP_UP for person in there),
            away=sum(person.availability == Availability.AWAY for person in there),
            capacity=sum(person.capacity for person in ready),
            room=sum(max(0, person.capacity - person.used) for person in ready),
        )


@dataclass(frozen=True)
class Line:
    """What is open in one queue, or in all of them, with who could work there.

    `drain_seconds` is the backlog × the mean handle time ÷ what those available can hold at once; None while
    nobody is. Of what was resolved in the last hour agents have not got `undelivered`; with `missed` of these
    they count as gone, and `came_late` reached them after they had given up.
    """

    name: str
    waiting: int
    in_hand: int
    aside: int
    oldest_at: datetime | None
    oldest_id: UUID | None
    at_risk: int
    breached: int
    received: int
    resolved: int
    undelivered: int
    missed: int
    came_late: int
    work_seconds: float
    staff: Staff

    @property
    def backlog(self) -> int:
        """All that is open."""
        return self.waiting + self.in_hand + self.aside

    @property
    def drain_seconds(self) -> float | None:
        if not self.backlog:
            return 0.0
        return self.work_seconds / self.staff.capacity if self.staff.capacity else None


@dataclass(frozen=True)
class Seat:
    """Somebody who has a page open, and how much of their desk is taken."""

    operator: Operator
    availability: Availability
    used: int
    capacity: int


@dataclass(frozen=True)
class Wall:
    """All queues together, and each; and who is there, those who can be offered work first.

    Of one queue alone there are only those who work in it.
    """

    whole: Line
    queues: Sequence[Line]
    seats: Sequence[Seat]


def wall(queue: str = "") -> Wall:
    """The desk as it is now, or one queue of it, in three statements."""
    people = everybody()
    rows = sql.run("wall", missed_after=dispatch.MISSED_AFTER, queue=queue)
    if queue:
        shown = {row["id"] for row in rows}
        people = [person for person in people if person.queues & shown]
    queues = [_line(row, people) for row in rows]
    return Wall(_whole(queues, Staff.of(people)), queues, _seats(people))


def _seats(people: Iterable[Person]) -> list[Seat]:
    there = {person.id: person for person in people if person.is_connected}
    named = Operator.objects.in_bulk(list(there))
    seats = [
        Seat(named[key], Availability(person.availability), person.used, person.capacity)
        for key, person in there.items()
        if key in named
    ]
    order = [Availability.AVAILABLE, Availability.WRAP_UP, Availability.AWAY]
    return sorted(seats, key=lambda seat: (order.index(seat.availability), str(seat.operator)))


def _line(row: dict[str, Any], people: Iterable[Person]) -> Line:
    queue_id, mean = row.pop("id"), row.pop("mean_handle_seconds")
    members = [person for person in people if queue_id in person.queues]
    backlog = row["waiting"] + row["in_hand"] + row["aside"]
    return Line(**row, work_seconds=backlog * mean, staff=Staff.of(members))


def _whole(queues: Sequence[Line], staff: Staff) -> Line:
    waiting = [(line.oldest_at, line.oldest_id) for line in queues if line.oldest_at]
    oldest_at, oldest_id = min(waiting, default=(None, None))
    return Line(
        name="",
        waiting=sum(line.waiting for line in queues),
        in_hand=sum(line.in_hand for line in queues),
        aside=sum(line.aside for line in queues),
        oldest_at=oldest_at,
        oldest_id=oldest_id,
        at_risk=sum(line.at_risk for line in queues),
        breached=sum(line.breached for line in queues),
        received=sum(line.received for line in queues),
        resolved=sum(line.resolved for line in queues),
        undelivered=sum(line.undelivered for line in queues),
        missed=sum(line.missed for line in queues),
        came_late=sum(line.came_late for line in queues),
        work_seconds=sum(line.work_seconds for line in queues),
        staff=staff,
    )
