"""The gap-free reader, on real connections whose transactions commit in another order than they wrote."""

import pytest
from django.db import connection, transaction

from escalations import events
from escalations.events import LoggedEvent, Position
from tests.escalations.writers import slow_writer, write_event
from tests.factories import make_agent, make_case
from tests.threads import at_once

__all__ = ["slow_writer"]
pytestmark = pytest.mark.django_db(transaction=True)


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
    early, position = events.committed_since(start)
    slow_writer.commit()

    naive += read_naively(naive[-1][0])
    late, _ = events.committed_since(position)
    assert [kind for _, kind in naive] == ["opened"]
    assert [event.kind for event in early] == ["opened"]
    assert [event.kind for event in late] == ["slow"]


def test_a_long_transaction_holds_up_nobody_else_s_events(slow_writer):
    case = make_case()
    position = events.position()
    write_event(slow_writer, case.id, "slow")
    for _ in range(3):
        other = make_case()
        found, position = events.committed_since(position)
        assert [event.case_id for event in found] == [other.id]
    assert events.committed_since(position)[0] == []


def test_an_event_that_is_rolled_back_never_comes(slow_writer):
    case = make_case()
    start = events.position()
    write_event(slow_writer, case.id, "slow")
    slow_writer.rollback()
    assert events.committed_since(start)[0] == []


def test_a_reader_amid_concurrent_writers_gets_each_event_once():
    read: list[LoggedEvent] = []

    def write() -> None:
        for _ in range(10):
            make_case()

    def read_on() -> None:
        position = start
        while len(read) < 60:
            found, position = events.committed_since(position)
            read.extend(found)

    make_agent()
    start = events.position()
    assert at_once([*[write] * 6, read_on]) == [None] * 7
    assert len({event.id for event in read}) == len(read) == 60


def test_an_event_names_the_queue_of_its_case():
    start = events.position()
    case = make_case()
    ((event,), _) = events.committed_since(start)
    assert event.queue_id == case.queue_id


def test_the_latest_events_come_in_order_and_the_next_read_goes_on_after_them():
    cases = [make_case() for _ in range(4)]
    latest, position = events.latest(3)
    assert [event.case_id for event in latest] == [case.id for case in cases[1:]]
    assert events.committed_since(position)[0] == []


def test_a_position_tells_what_could_be_read_there(slow_writer):
    case = make_case()
    write_event(slow_writer, case.id, "slow")
    make_case()
    position = events.position()
    slow_writer.commit()
    make_case()
    latest, _ = events.latest(10)
    could_be_read = {event.id: position.is_past(event) for event in latest}
    assert [could_be_read[id_] for id_ in sorted(could_be_read)] == [True, False, True, False]


def test_a_position_survives_its_text_form():
    position = events.position()
    assert Position.parse(str(position)) == position
    assert Position.parse("10:20:12,10") == Position(10, 20, frozenset([10, 12]))


@pytest.mark.parametrize("text", ["", "yesterday", "1", "1:2", "1:2:3:4", "1:2:x", "a:b:"])
def test_what_is_no_position_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        Position.parse(text)


def test_a_transaction_that_writes_is_not_over_for_itself_whoever_commits_meanwhile(slow_writer):
    case = make_case()
    with transaction.atomic():
        make_case()  # from here on the transaction has a number
        write_event(slow_writer, case.id, "later")
        slow_writer.commit()
        position = events.position()
        mine = make_case()
        found, reached = events.committed_since(position)
        assert mine.id in [event.case_id for event in found]
    assert mine.id in [event.case_id for event in events.committed_since(reached)[0]]
    assert events.committed_since(events.position())[0] == []
