"""Who is called first: priority with ageing, then due time, then age (docs/decisions/0002)."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from escalations.models import Escalation, Event, Queue
from escalations.models.cases import INFEASIBLE
from escalations.sla import ageing, clocks
from tests import factories
from tests.threads import at_once

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
QUEUE = Queue(name="support", aging_seconds=600)


def rank(priority, waited):
    return clocks.rank(QUEUE, priority, NOON - timedelta(seconds=waited), NOON)


def test_waiting_is_worth_a_class_for_each_step_until_the_first():
    assert [rank(3, waited) for waited in (0, 599, 600, 1200, 1800, 10**6)] == [3, 3, 2, 1, 0, 0]
    assert rank(0, 0) == rank(0, 10**6) == 0


@pytest.mark.django_db
def test_a_case_opens_in_the_class_of_its_priority_and_knows_when_it_ages():
    urgent, high = (factories.make_case(routing={"priority": name}) for name in ("urgent", "high"))
    assert (urgent.rank, urgent.ages_at) == (0, None)
    assert (high.rank, high.ages_at) == (1, high.clock_started_at + timedelta(seconds=600))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("waited", "expected"), [(599, (2, 600)), (600, (1, 1200)), (1199, (1, 1200)), (9_000, (0, None))]
)
def test_a_sweep_moves_up_what_has_waited_however_late_it_comes(waited, expected):
    case = factories.make_case()
    ageing.age(now=case.clock_started_at + timedelta(seconds=waited))
    aged = Escalation.objects.get(id=case.id)
    after = (aged.ages_at - case.clock_started_at).total_seconds() if aged.ages_at else None
    assert (aged.rank, after) == expected
    assert aged.version == case.version


@pytest.mark.django_db
def test_what_cannot_be_saved_ages_behind_all_that_can():
    case = factories.make_case()
    Escalation.objects.filter(id=case.id).update(rank=case.rank + INFEASIBLE)
    ageing.age(now=case.clock_started_at + timedelta(seconds=600))
    assert Escalation.objects.get(id=case.id).rank == INFEASIBLE + 1


@pytest.mark.django_db
def test_an_urgent_case_is_not_kept_waiting_by_old_ones_that_are_due_later():
    agent = factories.make_agent()
    old = factories.make_case(agent, routing={"priority": "low"})
    ageing.age(now=old.clock_started_at + timedelta(hours=10))
    urgent = factories.make_case(agent, routing={"priority": "urgent"})
    assert list(factories.in_line(factories.make_operator())) == [urgent, old]


@pytest.mark.django_db(transaction=True)
def test_sweeps_alongside_themselves_age_each_case_once():
    cases = [factories.make_case() for _ in range(20)]
    later = cases[-1].clock_started_at + timedelta(seconds=600)
    assert sum(at_once([partial(ageing.age, now=later)] * 4)) == 20
    assert set(Escalation.objects.values_list("rank", flat=True)) == {1}
    assert Event.objects.filter(kind="aged").count() == 20


@pytest.mark.django_db
def test_priority_then_due_time_then_age():
    agent = factories.make_agent()
    sooner = {"respond_by": "2026-01-01T00:00:00Z"}
    normal = factories.make_case(agent)
    due_soon = factories.make_case(agent, sla=sooner)
    urgent = factories.make_case(agent, routing={"priority": "urgent"})
    assert list(factories.in_line(factories.make_operator())) == [urgent, due_soon, normal]
