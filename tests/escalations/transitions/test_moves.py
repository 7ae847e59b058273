"""Cases that pass from hand to hand, or are put aside for a while."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from escalations import sweeps, transitions
from escalations.models import (
    Availability,
    Claim,
    Escalation,
    Event,
    How,
    Notice,
    NoticeKind,
    Offer,
    OfferOutcome,
    Outcome,
    Presence,
    Priority,
    Role,
    State,
    Timer,
    Turn,
    WaitingFor,
)
from escalations.sla import clocks
from escalations.transitions import InvalidDecision, InvalidTime, LeaseLost, NoRoom, NotAllowed, NotClaimable
from tests import factories
from tests.factories import reread

pytestmark = pytest.mark.django_db


def last_event(case):
    return Event.objects.filter(case=case).latest("id")


def test_transfer_to_a_queue_keeps_place_and_clocks_and_ends_the_lease():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())
    billing = factories.make_queue("billing")

    transitions.transfer(lease=lease, to_queue=billing, note="A refund")

    moved = reread(case)
    assert (moved.state, moved.queue, moved.holder) == (State.QUEUED, billing, None)
    assert (moved.rank, moved.due_at, moved.version) == (case.rank, case.due_at, 3)
    assert Claim.objects.get(case=case).outcome == Outcome.PASSED
    assert last_event(case).data == {"queue": "billing", "note": "A refund"}
    with pytest.raises(LeaseLost):
        factories.decide(lease)


def test_what_is_said_to_a_person_who_is_passed_a_case_stands_in_their_notice():
    lease = factories.claim(factories.make_case(), factories.make_operator(first_name="Noor"))
    kim = factories.make_operator(first_name="Kim")
    note = "She calls back at three. " * 20

    transitions.transfer(lease=lease, to_operator=kim, note=note)

    text = Notice.objects.get(operator=kim).text
    assert text.startswith("Noor passed a case on to you: She calls back at three. She")
    assert (len(text), text[-1]) == (300, "…")


def test_a_queue_that_ages_otherwise_ranks_a_transferred_case_by_its_own_measure():
    case = factories.make_case()
    slow = factories.make_queue("slow")
    slow.aging_seconds = 3600
    slow.save(update_fields=["aging_seconds"])

    transitions.transfer(lease=factories.claim(case, factories.make_operator()), to_queue=slow)

    assert reread(case).ages_at == case.clock_started_at + timedelta(hours=1)


def test_transfer_to_a_person_gives_them_a_lease_and_a_notice():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator(first_name="Noor"))
    kim = factories.make_operator(first_name="Kim")

    transitions.transfer(lease=lease, to_operator=kim)

    moved = reread(case)
    assert (moved.state, moved.holder, moved.lease_token) == (State.CLAIMED, kim, lease.token + 1)
    assert Claim.objects.get(case=case, ended_at=None).how == How.MOVED
    assert Notice.objects.get(operator=kim).kind == NoticeKind.ASSIGNED
    with pytest.raises(LeaseLost, match="Kim has this case now"):
        transitions.heartbeat(lease=lease)
    factories.decide(transitions.LeaseToken(case.id, kim, moved.lease_token))


def test_a_case_is_not_passed_to_who_could_not_work_it():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())
    stranger = factories.make_operator(queues=[])
    away = factories.make_operator()
    Presence.objects.filter(operator=away).update(availability=Availability.AWAY)

    with pytest.raises(NotAllowed, match="not in the queue support"):
        transitions.transfer(lease=lease, to_operator=stranger)
    with pytest.raises(NoRoom, match="is away"):
        transitions.transfer(lease=lease, to_operator=away)
    with pytest.raises(NotAllowed, match="already"):
        transitions.transfer(lease=lease, to_queue=case.queue)

    transitions.heartbeat(lease=lease)


def test_only_an_admin_gives_a_person_more_than_fits():
    kim = factories.make_operator(capacity=1)
    factories.claim(factories.make_case(), kim)
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())

    with pytest.raises(NoRoom, match="1 of 1 is in use"):
        transitions.transfer(lease=lease, to_operator=kim)
    with pytest.raises(NotAllowed, match="Only an admin"):
        transitions.transfer(lease=lease, to_operator=kim, force=True)

    transitions.release(lease=lease)
    transitions.assign(case_id=case.id, operator=kim, by=factories.make_operator(role=Role.ADMIN), force=True)
    assert reread(case).holder == kim


def test_a_supervisor_takes_over_what_somebody_holds():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())
    supervisor = factories.make_operator(role=Role.REVIEWER, first_name="Robin")

    taken = transitions.take_over(case_id=case.id, supervisor=supervisor)

    assert reread(case).holder == supervisor
    assert Notice.objects.get(operator=lease.operator).kind == NoticeKind.TAKEN
    with pytest.raises(LeaseLost, match="Robin has this case now"):
        factories.decide(lease)
    with pytest.raises(NotClaimable):
        transitions.take_over(case_id=case.id, supervisor=supervisor)
    factories.decide(taken.lease)


def test_an_operator_takes_nothing_over():
    case = factories.make_case()
    factories.claim(case, factories.make_operator())

    with pytest.raises(NotAllowed, match="Only reviewers and admins"):
        transitions.take_over(case_id=case.id, supervisor=factories.make_operator())


def test_assign_gives_a_case_that_waits_and_rescinds_its_offers():
    case = factories.make_case()
    kim, other = factories.make_operator(), factories.make_operator()
    expires_at = clocks.database_now() + timedelta(seconds=20)
    Offer.objects.create(case=case, operator=other, ring=0, weight=1, expires_at=expires_at)
    admin = factories.make_operator(role=Role.ADMIN)

    transitions.assign(case_id=case.id, operator=kim, by=admin)

    assert reread(case).holder == kim
    assert Offer.objects.get().outcome == OfferOutcome.RESCINDED
    with pytest.raises(NotClaimable, match="has this case now"):
        transitions.assign(case_id=case.id, operator=other, by=admin)


def test_assign_after_a_lease_ran_out_says_that_it_was_lost():
    case = factories.make_case()
    factories.claim(case, factories.make_operator())
    factories.lapse(case)

    transitions.assign(
        case_id=case.id, operator=factories.make_operator(), by=factories.make_operator(role=Role.ADMIN)
    )

    assert Claim.objects.filter(case=case).order_by("token").first().outcome == Outcome.LOST


def test_another_priority_moves_place_and_due_times_and_keeps_the_claim():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())
    reviewer = factories.make_operator(role=Role.REVIEWER)

    transitions.set_priority(case_id=case.id, priority=Priority.URGENT, by=reviewer)

    urgent = reread(case)
    assert urgent.due_at == case.clock_started_at + timedelta(seconds=900)
    assert urgent.rank == case.rank - 2
    timer = Timer.objects.get(case=case, kind="resolution")
    assert (timer.percent, timer.due_at) == (50, case.clock_started_at + timedelta(seconds=450))
    assert last_event(case).data == {"priority": 0, "before": 2}
    with pytest.raises(NotAllowed):
        transitions.set_priority(case_id=case.id, priority=Priority.LOW, by=lease.operator)
    factories.decide(lease)


def test_nobody_sleeps_past_the_new_due_time():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())
    transitions.snooze(lease=lease, until=case.due_at)

    transitions.set_priority(
        case_id=case.id, priority=Priority.URGENT, by=factories.make_operator(role=Role.ADMIN)
    )

    assert reread(case).snoozed_until == reread(case).due_at


def test_a_snoozed_case_comes_back_to_the_same_person_first():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())

    transitions.snooze(lease=lease, until=clocks.database_now() + timedelta(hours=1))
    assert (reread(case).state, reread(case).due_at) == (State.SNOOZED, case.due_at)
    assert sweeps.sweep_aside() == 0
    assert transitions.claim_next(operator=lease.operator) is None

    Escalation.objects.filter(id=case.id).update(snoozed_until=Now())
    assert sweeps.sweep_aside() == 1

    awake = reread(case)
    assert (awake.state, awake.affinity, awake.snoozed_until) == (State.QUEUED, lease.operator, None)
    assert awake.affinity_until > clocks.database_now()
    assert last_event(case).kind == "woken"
    notice = Notice.objects.get(operator=lease.operator)
    assert (notice.kind, notice.case) == (NoticeKind.WOKEN, case)


def test_nothing_is_snoozed_into_the_past_or_past_its_due_time():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())

    for until in (clocks.database_now() - timedelta(seconds=1), case.due_at + timedelta(seconds=1)):
        with pytest.raises(InvalidTime, match="until it is due"):
            transitions.snooze(lease=lease, until=until)

    Escalation.objects.filter(id=case.id).update(expires_at=case.due_at - timedelta(minutes=1))
    with pytest.raises(InvalidTime):
        transitions.snooze(lease=lease, until=case.due_at)
    Escalation.objects.filter(id=case.id).update(due_at=Now())
    with pytest.raises(InvalidTime, match="past its time"):
        transitions.snooze(lease=lease, until=clocks.database_now() + timedelta(minutes=1))
    transitions.release(lease=lease)
    with pytest.raises(LeaseLost):
        transitions.snooze(lease=lease, until=case.due_at - timedelta(hours=1))


def test_a_message_wakes_a_snoozed_case_and_tells_who_put_it_aside():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())
    transitions.snooze(lease=lease, until=case.due_at)

    transitions.add_message(case_id=case.id, messages=[factories.USER_ASKS], actor="agent:support")

    assert reread(case).state == State.QUEUED
    assert Notice.objects.get(operator=lease.operator).kind == NoticeKind.REPLY


def test_a_snoozed_case_can_be_withdrawn_and_expire():
    for end in ("cancel", "expire"):
        case = factories.make_case()
        transitions.snooze(lease=factories.claim(case, factories.make_operator()), until=case.due_at)
        if end == "cancel":
            transitions.cancel(case_id=case.id, actor="agent:support")
        else:
            Escalation.objects.filter(id=case.id).update(expires_at=Now())
            transitions.expire()
        assert not reread(case).is_open


def ask(lease, whom=WaitingFor.AGENT, question="Which card was used?", within=timedelta(hours=1)):
    return transitions.ask(lease=lease, whom=whom, question=question, reply_within=within)


def test_a_question_makes_the_case_wait_with_its_clocks_standing_still():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())

    ask(lease)

    waiting = reread(case)
    assert (waiting.state, waiting.waiting_for, waiting.holder) == (State.WAITING, "agent", None)
    assert waiting.paused_at is not None
    assert not Timer.objects.filter(case=case, kind="resolution").exists()
    turn = Turn.objects.get(case=case)
    assert (turn.author, turn.message["role"], turn.message["content"]) == (
        lease.operator,
        "system",
        "Which card was used?",
    )
    assert Claim.objects.get(case=case).outcome == Outcome.WAITING
    assert last_event(case).data == {"whom": "agent", "turn": turn.pk}
    with pytest.raises(LeaseLost):
        ask(lease)


def test_what_the_user_is_asked_is_said_by_the_assistant():
    case = factories.make_case()

    ask(factories.claim(case, factories.make_operator()), WaitingFor.USER)

    assert Turn.objects.get().message == {"role": "assistant", "content": "Which card was used?"}


def test_a_reply_brings_the_case_back_and_its_clocks_go_on():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())
    ask(lease)
    Escalation.objects.filter(id=case.id).update(paused_at=Now() - timedelta(minutes=10))

    transitions.add_message(case_id=case.id, messages=[factories.USER_ASKS], actor="agent:support")

    back = reread(case)
    assert (back.state, back.waiting_for, back.affinity) == (State.QUEUED, "", lease.operator)
    assert back.due_at - case.due_at >= timedelta(minutes=10)
    timer = Timer.objects.get(case=case, kind="resolution", fired_at=None)
    assert (timer.percent, back.due_at - timer.due_at) == (50, (case.due_at - case.clock_started_at) / 2)
    assert Notice.objects.get().kind == NoticeKind.REPLY


def test_a_reply_that_does_not_come_brings_the_case_back_at_its_deadline():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())
    ask(lease)
    assert sweeps.sweep_aside() == 0

    Escalation.objects.filter(id=case.id).update(reply_due_at=Now())

    assert sweeps.sweep_aside() == 1
    assert (reread(case).state, last_event(case).kind) == (State.QUEUED, "no_reply")
    assert Notice.objects.get(operator=lease.operator).text.startswith("No reply came in time")


def test_nobody_waits_past_the_hard_limit():
    limit = clocks.database_now() + timedelta(minutes=5)
    case = factories.make_case(sla={"expires_at": limit.isoformat()})

    ask(factories.claim(case, factories.make_operator()), within=timedelta(days=1))

    assert reread(case).reply_due_at == limit


def test_an_empty_question_is_not_asked():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())

    with pytest.raises(InvalidDecision):
        ask(lease, question="  ")

    assert reread(case).state == State.CLAIMED


def test_who_put_a_case_aside_takes_it_back_and_nobody_else():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator(first_name="Noor"))
    ask(lease)

    with pytest.raises(NotAllowed, match="Noor put this case aside"):
        transitions.take_back(case_id=case.id, operator=factories.make_operator())
    taken = transitions.take_back(case_id=case.id, operator=lease.operator)

    assert (reread(case).state, reread(case).paused_at) == (State.CLAIMED, None)
    assert Timer.objects.filter(case=case, kind="resolution", fired_at=None).count() == 1
    factories.decide(taken.lease)


def test_a_supervisor_takes_over_a_case_that_waits():
    case = factories.make_case()
    ask(factories.claim(case, factories.make_operator()))

    taken = transitions.take_over(case_id=case.id, supervisor=factories.make_operator(role=Role.REVIEWER))

    assert reread(case).paused_at is None
    factories.decide(taken.lease)


def test_a_case_that_waits_can_be_withdrawn_and_expire():
    for end in ("cancel", "expire"):
        case = factories.make_case()
        ask(factories.claim(case, factories.make_operator()))
        if end == "cancel":
            transitions.cancel(case_id=case.id, actor="agent:support")
        else:
            Escalation.objects.filter(id=case.id).update(expires_at=Now())
            transitions.expire()
        assert (reread(case).is_open, reread(case).paused_at) == (False, None)
