"""Who is called first: priority with ageing, then due time, then age (docs/decisions/0002)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalations import clocks
from escalations.models import Escalation, Queue
from tests import factories

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
QUEUE = Queue(name="support", aging_seconds=600)


def rank(priority, waited_since):
    return clocks.rank(QUEUE, priority, waited_since)


def test_of_two_that_came_together_the_more_urgent_is_first():
    assert rank(0, NOON) < rank(1, NOON) < rank(2, NOON) < rank(3, NOON)


def test_one_step_of_waiting_is_worth_one_class():
    assert rank(2, NOON - timedelta(seconds=600)) == rank(1, NOON)
    assert rank(3, NOON - timedelta(seconds=2400)) < rank(0, NOON)


@given(
    waits=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
    priorities=st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
def test_it_never_differs_from_ageing_case_by_case_by_more_than_a_step(waits, priorities):
    def aged(priority, wait):
        return priority - wait / QUEUE.aging_seconds

    stored = rank(priorities[0], NOON - timedelta(seconds=waits[0])) - rank(
        priorities[1], NOON - timedelta(seconds=waits[1])
    )
    exact = aged(priorities[0], waits[0]) - aged(priorities[1], waits[1])
    assert abs(stored - exact) < 1


@pytest.mark.django_db
def test_the_statement_that_opens_a_case_ranks_as_the_clock_module_does():
    case = factories.make_case(routing={"priority": "high"})
    assert case.rank == clocks.rank(case.queue, case.priority, case.received_at)


@pytest.mark.django_db
def test_priority_then_due_time_then_age():
    agent = factories.make_agent()
    sooner = {"respond_by": "2026-01-01T00:00:00Z"}
    normal = factories.make_case(agent)
    due_soon = factories.make_case(agent, sla=sooner)
    urgent = factories.make_case(agent, routing={"priority": "urgent"})
    # One moment for all, so that no step of ageing falls between them.
    Escalation.objects.update(rank=0)
    for case, priority in ((normal, 2), (due_soon, 2), (urgent, 0)):
        Escalation.objects.filter(id=case.id).update(rank=priority)

    assert list(Escalation.objects.waiting_for(factories.make_operator())) == [urgent, due_soon, normal]
