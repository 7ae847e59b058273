"""Cases that nobody can decide before they expire go behind all that can be saved; supervisors are told."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F

from agents_api import answers
from escalations import sweeps, transitions
from escalations.models import Escalation, Event, Notice, NoticeKind, Priority, Queue, Timer
from escalations.sla import clocks
from escalations.transitions import put_last
from tests import factories
from tests.factories import reread

pytestmark = pytest.mark.django_db

MEAN = 180  # of a new queue


def expiring(seconds, **overrides):
    expires_at = datetime.now(UTC) + timedelta(seconds=seconds)
    return factories.make_case(sla={"expires_at": expires_at.isoformat()}, **overrides)


def kinds(case):
    return list(Event.objects.filter(case=case).order_by("id").values_list("kind", flat=True))


def moment(case, *, before_it_is_too_late=0):
    return case.expires_at - timedelta(seconds=MEAN + before_it_is_too_late)


def test_intake_puts_a_case_that_cannot_be_saved_last_and_says_so_at_once():
    boss, ruth = factories.make_admin("boss"), factories.make_operator("ruth", role="reviewer", queues=[])
    doomed = expiring(MEAN - 60, question="Too late?", routing={"priority": "urgent"})
    hopeful = expiring(MEAN + 60, routing={"priority": "low"})

    assert (doomed.is_infeasible, hopeful.is_infeasible) == (True, False)
    assert list(factories.in_line(factories.make_operator())) == [hopeful, doomed]
    assert (kinds(doomed), kinds(hopeful)) == (["opened", "infeasible"], ["opened"])
    assert Notice.objects.filter(operator=ruth).count() == 1
    notice = Notice.objects.exclude(operator=ruth).get()
    assert (notice.operator, notice.case, notice.kind) == (boss, doomed, NoticeKind.INFEASIBLE)
    assert notice.text == "Cannot be decided before it expires: Too late?"


def test_everybody_else_is_ahead_of_it_in_the_answer_to_its_agent():
    others = [factories.make_case(routing={"priority": "low"}) for _ in range(3)]
    doomed = expiring(60, routing={"priority": "urgent"})
    assert json.loads(answers.case_json(reread(doomed)))["ahead"] == len(others)
    assert json.loads(answers.case_json(reread(others[0])))["ahead"] == 0


def test_one_that_waited_too_long_goes_last_when_its_time_comes():
    factories.make_admin("boss")
    case = expiring(900)
    assert put_last(now=moment(case, before_it_is_too_late=1)) == 0

    assert [put_last(now=moment(case)), put_last(now=moment(case))] == [1, 0]

    moved = reread(case)
    assert (moved.rank - case.rank, moved.version) == (clocks.INFEASIBLE, case.version + 1)
    assert kinds(case) == ["opened", "infeasible"]
    assert Notice.objects.count() == 1


def test_one_that_somebody_holds_stays_where_it_is_until_they_give_it_back():
    case = expiring(900)
    lease = factories.claim(case, factories.make_operator())
    now = moment(case)
    Escalation.objects.filter(id=case.id).update(lease_expires_at=now + timedelta(seconds=1))
    put_last(now=now)
    assert not reread(case).is_infeasible

    transitions.release(lease=lease)
    put_last(now=now + timedelta(seconds=30))

    assert reread(case).is_infeasible


def test_a_mean_that_fell_puts_the_moment_off():
    case = expiring(900)
    Queue.objects.update(mean_handle_seconds=60)
    put_last(now=moment(case))
    assert not reread(case).is_infeasible
    assert Timer.objects.get(kind="infeasible").due_at == case.expires_at - timedelta(seconds=60)


def test_closed_cases_and_those_without_a_limit_are_left_alone():
    case = expiring(900)
    transitions.cancel(case_id=case.id, actor="agent:support")
    factories.make_case()
    put_last(now=moment(case))
    assert not Timer.objects.filter(kind="infeasible").exists()
    assert "infeasible" not in kinds(case)


def test_another_priority_leaves_it_last():
    case = expiring(60)
    fields = clocks.reprioritised(case, Priority.URGENT)
    assert fields["rank"] == case.rank - 2
    assert fields["rank"] >= clocks.INFEASIBLE
    Escalation.objects.filter(id=case.id).update(**fields)
    clocks.restart_timers(case.id)
    assert not Timer.objects.filter(kind="infeasible", fired_at=None).exists()


def test_the_sweep_of_timers_looks_at_them():
    case = expiring(900)
    Escalation.objects.update(expires_at=F("expires_at") - timedelta(seconds=880))
    Timer.objects.update(due_at=F("due_at") - timedelta(seconds=880))
    sweeps.sweep_timers()
    assert reread(case).is_infeasible
