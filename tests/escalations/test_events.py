"""The gap-free reader, on real connections whose transactions commit in another order than they wrote."""

import pytest
from django.db import connection

from escalations import events
from escalations.events import LoggedEvent, Position, Snapshot
from tests.escalations.writers import slow_writer, write_event
from tests.factories import make_agent, make_case
from tests.threads import at_once

__all__ = ["slow_writer"]
pytestmark = pytest.mark.django_db(transaction=True)


def now() -> Snapshot:
    return events.latest(1)[1]


def read_naively(after_id: int) -> list[tuple[int, str]]:
    """What most readers do, and what loses events."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, kind FROM escalations_event WHERE id > %s ORDER BY id", [after_id])
        return cursor.fetchall()


def test_an_event_that_commits_late_is_missed_by_id_but_not_by_snapshot(slow_writer):
    case = make_case()
    start = now()
    last_id = read_naively(0)[-1][0]

    write_event(slow_writer, case.id, "slow")
    make_case()  # takes a later id and commits first
    naive = read_naively(last_id)
    early, snapshot = events.committed_since(start)
    slow_writer.commit()

    naive += read_naively(naive[-1][0])
    late, _ = events.committed_since(snapshot)
    assert [kind for _, kind in naive] == ["opened"]
    assert [event.kind for event in early] == ["opened"]
    assert [event.kind for event in late] == ["slow"]


def test_a_long_transaction_holds_up_nobody_else_s_events(slow_writer):
    case = make_case()
    snapshot = now()
    write_event(slow_writer, case.id, "slow")
    for _ in range(3):
        other = make_case()
        found, snapshot = events.committed_since(snapshot)
        assert [event.case_id for event in found] == [other.id]
    assert events.committed_since(snapshot)[0] == []


def test_an_event_that_is_rolled_back_never_comes(slow_writer):
    case = make_case()
    start = now()
    write_event(slow_writer, case.id, "slow")
    slow_writer.rollback()
    assert events.committed_since(start)[0] == []


def test_a_reader_amid_concurrent_writers_gets_each_event_once():
    read: list[LoggedEvent] = []

    def write() -> None:
        for _ in range(10):
            make_case()

    def read_on() -> None:
        snapshot = start
        while len(read) < 60:
            found, snapshot = events.committed_since(snapshot)
            read.extend(found)

    make_agent()
    start = now()
    assert at_once([*[write] * 6, read_on]) == [None] * 7
    assert len({event.position for event in read}) == len(read) == 60


def test_an_event_names_the_queue_of_its_case():
    start = now()
    case = make_case()
    ((event,), _) = events.committed_since(start)
    assert event.queue_id == case.queue_id


def test_the_latest_events_come_in_order_and_the_next_read_goes_on_after_them():
    cases = [make_case() for _ in range(4)]
    latest, snapshot = events.latest(3)
    assert [event.case_id for event in latest] == [case.id for case in cases[1:]]
    assert events.committed_since(snapshot)[0] == []


def test_all_that_a_render_may_have_missed_comes_after_its_position(slow_writer):
    case = make_case()
    write_event(slow_writer, case.id, "slow")
    position = events.position()
    slow_writer.commit()
    make_case()
    latest, _ = events.latest(10)
    assert [event.kind for event in latest if event.position > position] == ["slow", "opened"]


def test_a_position_survives_its_text_form():
    assert Position.parse(str(Position(812, 4))) == Position(812, 4)
    with pytest.raises(ValueError, match="invalid literal"):
        Position.parse("yesterday")
