"""Last week once more: what the model makes of people, rings and capacity."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from escalations import replay, sweeps
from escalations.jobs import JobLost
from escalations.models import Replay, Stay
from escalations.replay import Arrival, Settings, Worker, fates, playing, simulate
from escalations.replay.fates import How
from tests.escalations.metrics import desk
from tests.factories import make_operator, make_queue
from tests.threads import at_once

NINE = datetime(2025, 11, 20, 9, 0, tzinfo=UTC)


def minutes(number):
    return timedelta(minutes=number)


def arrival(name, at=0, **changes):
    usual = Arrival(
        id=name,
        received_at=NINE + minutes(at),
        queue_id=1,
        overflow_id=2,
        skills=frozenset(),
        preferred=frozenset(),
        priority=2,
        weight=1,
        aging_seconds=600,
        due_at=NINE + minutes(at + 5),
        seconds=600,
    )
    return replace(usual, **changes)


def worker(number=1, queue=1, skills=(), capacity=1, hours=8):
    there = [(NINE, NINE + timedelta(hours=hours))]
    return Worker(number, frozenset({queue}), frozenset(skills), capacity, there)


def waits(played):
    """Of those that were picked up, in that order."""
    return [fate.seconds for fate in played.fates.values() if fate.how is How.PICKED_UP]


def late(played):
    return sum(fate.is_late for fate in played.fates.values())


def ended(played, how):
    return sum(fate.how is how for fate in played.fates.values())


def test_one_person_takes_one_case_after_the_other_in_the_order_of_work():
    urgent = arrival("c", 2, priority=0)
    played = simulate([arrival("a"), arrival("b", 1), urgent], [worker()], Settings())

    assert waits(played) == [0, 8 * 60, 19 * 60]  # a at once, c after ten minutes, b after twenty
    assert [fate.is_in_time for fate in played.fates.values()] == [True, False, False]
    assert (played.busy_seconds, played.there_seconds) == (1_800, 8 * 3_600)


def test_more_capacity_and_more_people_shorten_the_wait():
    cases = [arrival(name) for name in "abc"]
    assert max(waits(simulate(cases, [worker()], Settings()))) == 1_200
    assert max(waits(simulate(cases, [worker()], Settings(capacity=3)))) == 0
    assert max(waits(simulate(cases, [worker(n) for n in range(3)], Settings()))) == 0
    assert max(waits(simulate(cases, [worker()], Settings(handle_percent=50)))) == 600


def test_rings_widen_by_time_and_are_skipped_where_nobody_is_there():
    wants = arrival("a", preferred=frozenset({"fr"}))
    plain, helper = worker(), worker(2, queue=2)
    french_but_busy = worker(3, skills=["fr"])
    first = arrival("0", at=0, preferred=frozenset({"fr"}))

    # The only one with the preferred skill is busy with the first: the other is asked after 60 s.
    assert waits(simulate([first, wants], [plain, french_but_busy], Settings())) == [0, 60]
    # Nobody in the ring at all: it is skipped at once.
    assert waits(simulate([wants], [plain], Settings())) == [0]
    # The overflow queue helps after 180 s while its own people are full, at once while they are not there.
    assert waits(simulate([arrival("a"), arrival("b")], [plain, helper], Settings())) == [0, 180]
    assert waits(simulate([arrival("a")], [helper], Settings())) == [0]
    alone = simulate([arrival("a")], [helper], Settings(overflow=False), until=NINE + minutes(6))
    assert (ended(alone, How.STILL), late(alone)) == (1, 1)


def test_what_was_withdrawn_leaves_unless_it_was_picked_up_before():
    leaving = arrival("b", left_at=NINE + minutes(9))
    played = simulate([arrival("a"), leaving], [worker()], Settings())

    assert (len(waits(played)), ended(played, How.LEFT), late(played)) == (1, 1, 1)


def test_what_became_of_cases_is_kept_in_a_few_letters():
    ends = {"a": fates.Fate(How.PICKED_UP, 12.5, False), "b": fates.Fate(How.LEFT, 3_600.0, True)}
    other = {"a": fates.Fate(How.STILL, 1_234_567.9, True), "b": fates.Fate(How.STILL, 0.0, False)}
    kept = fates.packed([ends, other])
    assert kept == [["a", "p12.5", "S1234567.9"], ["b", "L3600.0", "s0.0"]]
    assert [case.fates for case in fates.unpacked(kept)] == [[ends["a"], other["a"]], [ends["b"], other["b"]]]


@pytest.mark.django_db
def test_a_replay_is_played_in_the_background_beside_the_week_as_it_was():
    start = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    for number in range(4):
        desk.case(start + minutes(number), picked_up_after=600, resolved_after=900)
    hour = {"started_at": start, "ended_at": start + timedelta(hours=1)}
    Stay.objects.create(operator=desk.person(), availability="available", **hour)
    tried = Settings(more_people=1, more_in=make_queue().pk)
    asked = replay.start(operator=make_operator("boss"), queue="support", settings=tried)

    assert sweeps.sweep_replays() == 1
    asked.refresh_from_db()

    found = asked.findings
    assert (found["arrivals"], found["people"], found["presence"]) == (4, 1, "stays")
    assert found["recorded"]["p50"] == 600
    assert (found["as_is"]["p50"], found["tried"]["p50"]) == (0, 0)
    assert asked.finished_at
    assert asked.share == 1
    # The figures are those of the rows that are kept.
    kept = fates.unpacked(asked.kept.rows)
    assert [[fate.seconds for fate in case.fates] for case in kept] == [[600, 0, 0]] * 4
    assert [sum(case.fates[side].is_in_time for case in kept) for side in range(3)] == [
        found[side]["in_time"] for side in ("recorded", "as_is", "tried")
    ]
    assert sweeps.sweep_replays() == 0


@pytest.mark.django_db(transaction=True)
def test_of_processes_that_race_one_plays_each_replay_and_a_dead_one_is_followed():
    asked = [replay.start(operator=make_operator(), queue="", settings=Settings()) for _ in range(2)]
    leases = [lease for lease in at_once([playing._claim] * 5) if lease]
    assert sorted(lease.job.pk for lease in leases) == sorted(one.pk for one in asked)
    assert sweeps.sweep_replays() == 0

    Replay.objects.filter(pk=asked[0].pk).update(lease_expires_at=Now())
    assert sweeps.sweep_replays() == 1
    dead = next(lease for lease in leases if lease.job.pk == asked[0].pk)
    with pytest.raises(JobLost):
        dead.end(problem="late")
