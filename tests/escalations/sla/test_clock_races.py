"""Clocks that ring while others ring them, and while somebody moves them. Real transactions."""

from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import transaction
from django.db.models import F

from escalations import transitions
from escalations.models import Escalation, Event, Notice, Timer
from escalations.sla import clocks, timers
from escalations.transitions import giving
from tests import factories
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

CLOCK = ("received_at", "clock_started_at", "pickup_due_at", "due_at")


def failures(answers):
    return [answer for answer in answers if isinstance(answer, Exception)]


def test_sweeps_alongside_themselves_tell_of_each_breach_once():
    factories.make_admin("boss")
    agent = factories.make_agent()
    cases = [factories.make_case(agent) for _ in range(20)]
    past = timedelta(days=2)
    Escalation.objects.update(**{name: F(name) - past for name in CLOCK})
    Timer.objects.update(due_at=F("due_at") - past)

    answers = at_once([partial(timers.fire, limit=100)] * 4)

    assert not failures(answers)
    assert sum(answers) == 2 * len(cases)
    breaches = Event.objects.filter(kind="breached").values_list("case", "data__clock")
    assert len(breaches) == len(set(breaches)) == 2 * len(cases)
    assert Notice.objects.count() == 2 * len(cases)


def test_a_clock_that_is_moved_while_it_rings_still_rings_at_its_new_time():
    agent = factories.make_agent()
    cases = [factories.make_case(agent) for _ in range(8)]
    past = timedelta(hours=3)
    Escalation.objects.update(**{name: F(name) - past for name in CLOCK})
    Timer.objects.update(due_at=F("due_at") - past)

    def move(case):
        with transaction.atomic():
            giving.locked(case.id)
            Escalation.objects.filter(id=case.id).update(due_at=F("due_at") + past)
            clocks.restart_timers(case.id)

    rings = [partial(timers.fire, limit=100)] * 2
    assert not failures(at_once([*rings, *(partial(move, case) for case in cases)]))

    for case in cases:
        due_at = Escalation.objects.get(id=case.id).due_at
        timers.fire(limit=100, now=due_at)
        # Whatever was told before the move, the breach comes at the new time, and once.
        timers.fire(limit=100, now=due_at + past)
        breaches = Event.objects.filter(case=case, kind="breached", data__clock="resolution")
        assert breaches.count() == 1
        told = Timer.objects.get(case=case, kind="resolution", percent=100)
        assert told.due_at == due_at
        assert not Timer.objects.filter(case=case, kind="resolution", fired_at=None).exists()


def test_a_move_does_not_wait_for_the_sweep_that_waits_for_it():
    case = factories.make_case()
    now = clocks.database_now() + timedelta(days=2)
    locked, rung = Barrier(2, timeout=30), Barrier(2, timeout=30)

    def move():
        with transaction.atomic():
            giving.locked(case.id)
            locked.wait()
            rung.wait()
            clocks.restart_timers(case.id)

    def sweep():
        locked.wait()
        with transaction.atomic():
            timers.fire(limit=100, now=now)
            rung.wait()  # the end of this transaction looks at the case that the move has locked

    assert not failures(at_once([move, sweep]))
    assert Event.objects.filter(case=case, kind="breached").count() == 2


def test_a_case_goes_last_once():
    case = factories.make_case(sla={"expires_at": "2099-01-01T00:00:00Z"})
    now = case.expires_at - timedelta(seconds=1)

    answers = at_once([partial(transitions.put_last, now=now)] * 4)

    assert not failures(answers)
    assert Escalation.objects.get(id=case.id).rank == case.rank + clocks.INFEASIBLE
    assert Event.objects.filter(kind="infeasible").count() == 1
