"""The gap-free reader, on real connections whose transactions commit in another order than they wrote.

Any transaction of the whole cluster may hold the reader back for a moment, another test's too: hence `read`.
"""

import pytest
from django.db import connection

from escalations import events
from escalations.events import LoggedEvent, Position
from tests.escalations.writers import slow_writer, write_event
from tests.factories import make_case
from tests.servers import wait_until

__all__ = ["slow_writer"]
pytestmark = pytest.mark.django_db(transaction=True)


def read(start: Position, count: int, limit: int = 1000) -> list[LoggedEvent]:
    """The next `count` events after `start`, in as many reads as they take."""
    found: list[LoggedEvent] = []
    position = start

    def complete() -> bool:
        nonlocal position
        more, position = events.read_after(position, limit)
        found.extend(more)
        return len(found) >= count

    wait_until(complete, what=f"{count} events are readable")
    return found


def read_naively(after_id: int) -> list[tuple[int, str]]:
    """What most readers do, and what loses events."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, kind FROM escalations_event WHERE id > %s ORDER BY id", [after_id])
        return cursor.fetchall()


def test_an_event_that_commits_late_is_missed_by_id_but_not_by_position(slow_writer):
    case = make_case()
    start = events.position()
    last_id = read_naively(0)[-1][0]

    write_event(slow_writer, case.id, "slow")
    make_case()  # takes a later id and commits first
    naive = read_naively(last_id)
    early, position = events.read_after(start)
    slow_writer.commit()

    naive += read_naively(naive[-1][0])
    assert [kind for _, kind in naive] == ["opened"]
    assert early == []
    assert [event.kind for event in read(position, 2)] == ["slow", "opened"]


def test_an_event_that_is_rolled_back_holds_up_the_others_only_until_then(slow_writer):
    case = make_case()
    start = events.position()
    write_event(slow_writer, case.id, "slow")
    other = make_case()
    assert events.read_after(start) == ([], start)
    slow_writer.rollback()
    assert [(event.kind, event.case_id) for event in read(start, 1)] == [("opened", other.id)]


def test_reading_in_small_steps_gives_each_event_once_and_in_order():
    start = events.position()
    cases = [make_case() for _ in range(7)]
    found = read(start, 7, limit=2)
    assert [event.case_id for event in found] == [case.id for case in cases]
    assert [event.position for event in found] == sorted({event.position for event in found})


def test_an_event_names_the_queue_of_its_case():
    start = events.position()
    case = make_case()
    assert [event.queue_id for event in read(start, 1)] == [case.queue_id]


def test_the_latest_events_come_in_order_and_the_position_goes_on_after_them():
    start = events.position()
    cases = [make_case() for _ in range(4)]
    read(start, 4)
    latest, position = events.latest(3)
    assert [event.case_id for event in latest] == [case.id for case in cases[1:]]
    assert events.read_after(position)[0] == []


def test_a_position_survives_its_text_form():
    assert Position.parse(str(Position(812, 4))) == Position(812, 4)
    with pytest.raises(ValueError, match="invalid literal"):
        Position.parse("yesterday")
