"""For a few seconds a decision can be taken back."""

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F
from django.db.models.functions import Now

from escalations import sweeps, transitions
from escalations.models import Claim, Delivery, Escalation, Event, How, Outcome, Resolution, State, Timer
from escalations.reports import my_day
from escalations.sla import clocks
from escalations.transitions import CaseClosed, NotAllowed, TooLate
from tests import factories
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _undo_window(settings):
    settings.UNDO_SECONDS = 5


def decided(**handoff):
    """A case and the decision just made about it."""
    case = factories.make_case(**handoff)
    resolution = factories.decide(factories.claim(case, factories.make_operator()))
    return Escalation.objects.get(id=case.id), resolution


def let_the_window_end(case):
    Escalation.objects.filter(id=case.id).update(dispatch_at=Now())


def test_undo_gives_the_case_back_to_who_decided_it():
    case, resolution = decided()

    taken = transitions.undo(resolution_id=resolution.id, operator=resolution.operator)

    back = Escalation.objects.get(id=case.id)
    assert (back.state, back.holder, back.closed_at) == (State.CLAIMED, resolution.operator, None)
    assert (back.delivery, back.dispatch_at) == (Delivery.NONE, None)
    assert back.version == case.version + 1
    assert Claim.objects.get(case=case, ended_at=None).how == How.UNDONE
    assert not Resolution.objects.current().exists()
    assert Event.objects.filter(case=case).latest("id").kind == "undone"
    factories.decide(taken.lease, "reject")
    assert Resolution.objects.current().get().decision == "reject"


def test_after_the_window_nothing_is_undone():
    case, resolution = decided()
    let_the_window_end(case)

    with pytest.raises(TooLate):
        transitions.undo(resolution_id=resolution.id, operator=resolution.operator)

    assert Escalation.objects.get(id=case.id).state == State.RESOLVED


def test_only_who_decided_undoes_and_only_once():
    _, resolution = decided()

    with pytest.raises(NotAllowed):
        transitions.undo(resolution_id=resolution.id, operator=factories.make_operator())
    transitions.undo(resolution_id=resolution.id, operator=resolution.operator)
    with pytest.raises(TooLate):
        transitions.undo(resolution_id=resolution.id, operator=resolution.operator)


def test_the_window_ends_with_the_hard_limit_of_the_agent(settings):
    settings.UNDO_SECONDS = 600
    limit = clocks.database_now() + timedelta(seconds=300)

    case, _ = decided(sla={"expires_at": limit.isoformat()})

    assert case.dispatch_at == limit


def test_nothing_is_delivered_or_reopened_while_it_can_be_undone():
    case, resolution = decided()

    assert not transitions.mark_delivered(case_id=case.id, how="get")
    for move in (
        partial(transitions.reopen, operator=resolution.operator, reason=""),
        partial(transitions.acknowledge, outcome=Delivery.APPLIED, detail="", actor="agent:support"),
    ):
        with pytest.raises(CaseClosed):
            move(case_id=case.id)

    let_the_window_end(case)
    assert transitions.mark_delivered(case_id=case.id, how="get")


def test_a_due_time_that_passed_meanwhile_still_counts_after_the_undo():
    case, resolution = decided()
    Escalation.objects.filter(id=case.id).update(due_at=Now())
    Timer.objects.filter(case=case, kind="due").update(due_at=Now())
    sweeps.sweep_timers()

    transitions.undo(resolution_id=resolution.id, operator=resolution.operator)
    sweeps.sweep_timers()

    assert Event.objects.filter(case=case, kind="breached").count() == 1


@pytest.mark.django_db(transaction=True)
def test_at_the_end_of_the_window_the_agent_has_the_decision_or_the_undo_won():
    outcomes = set()
    for number in range(200):
        if number >= 30 and len(outcomes) == 2:
            break
        case, resolution = decided()
        # The window ends while both are at it, a little later each time.
        Escalation.objects.filter(id=case.id).update(dispatch_at=Now() + timedelta(milliseconds=5 * number))

        def agent_asks(case=case):
            while Escalation.objects.filter(id=case.id, state=State.RESOLVED).exists():
                if transitions.mark_delivered(case_id=case.id, how="get"):
                    return True
            return False

        undone, delivered = at_once(
            [
                partial(transitions.undo, resolution_id=resolution.id, operator=resolution.operator),
                agent_asks,
            ]
        )

        won = not isinstance(undone, Exception)
        assert won or isinstance(undone, TooLate)
        assert won != delivered
        assert won != (Escalation.objects.get(id=case.id).state == State.RESOLVED)
        outcomes.add(won)
        assert Claim.objects.filter(case=case, ended_at=None).count() == int(won)
    assert outcomes == {True, False}


@pytest.mark.django_db(transaction=True)
def test_two_undos_at_once_take_one_decision_back():
    _, resolution = decided()
    undo = partial(transitions.undo, resolution_id=resolution.id, operator=resolution.operator)

    answers = at_once([undo] * 4)

    assert sum(isinstance(answer, TooLate) for answer in answers) == 3
    assert Claim.objects.filter(ended_at=None).count() == 1
    assert Claim.objects.filter(outcome=Outcome.RESOLVED).count() == 1


def test_what_was_undone_was_no_work():
    _, resolution = decided()
    taken = transitions.undo(resolution_id=resolution.id, operator=resolution.operator)
    factories.decide(taken.lease, "reject")

    today = my_day.work(resolution.operator, resolution.created_at - timedelta(hours=1), ZoneInfo("UTC"))

    assert today.count == 1


def test_versions_only_grow():
    case, resolution = decided()
    transitions.undo(resolution_id=resolution.id, operator=resolution.operator)

    versions = Event.objects.filter(case=case).order_by("id").values_list("version", flat=True)
    assert list(versions) == [1, 2, 3, 4]
    assert Escalation.objects.filter(id=case.id, version=4, lease_token=F("version") - 2).exists()
