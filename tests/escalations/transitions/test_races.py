"""Every exclusive act, raced. Real transactions on real connections."""

import time
from datetime import timedelta
from functools import partial
from itertools import chain

import pytest
from django.db.models import F
from django.db.models.functions import Now

from escalations import routing, sweeps, transitions
from escalations.models import (
    Claim,
    Delivery,
    Escalation,
    Offer,
    Outcome,
    Presence,
    Resolution,
    Role,
    State,
    Timer,
    Turn,
    WaitingFor,
)
from escalations.transitions import AlreadyApplied, AlreadyTaken, LeaseLost, NoRoom, NotClaimable
from tests import factories
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_fifty_operators_claim_one_case_and_one_wins():
    case = factories.make_case()
    operators = [factories.make_operator() for _ in range(50)]

    answers = at_once([partial(factories.claim, case, operator) for operator in operators])

    winners = [answer for answer in answers if not isinstance(answer, Exception)]
    losers = [answer for answer in answers if isinstance(answer, NotClaimable)]
    assert (len(winners), len(losers)) == (1, 49)
    assert {loser.holder for loser in losers} == {str(winners[0].operator)}
    assert Claim.objects.filter(case=case).count() == 1


def test_eight_threads_that_take_the_next_never_share_a_case():
    agent = factories.make_agent()
    for _ in range(200):
        factories.make_case(agent)
    operators = [factories.make_operator() for _ in range(8)]

    def take_all(operator):
        taken = []
        while claimed := transitions.claim_next(operator=operator):
            taken.append(claimed.lease.case_id)
        return taken

    taken = list(chain.from_iterable(at_once([partial(take_all, operator) for operator in operators])))

    assert len(taken) == len(set(taken)) == 200
    assert not Escalation.objects.waiting().exists()


def test_a_frozen_holder_changes_nothing_when_they_wake_up():
    case = factories.make_case()
    frozen = factories.claim(case, factories.make_operator(first_name="Noor"))
    let_lease_run_out(case)
    successor = factories.claim(case, factories.make_operator(first_name="Kim"))

    with pytest.raises(LeaseLost, match="Kim has this case now"):
        factories.decide(frozen)
    with pytest.raises(LeaseLost):
        transitions.heartbeat(lease=frozen)
    with pytest.raises(LeaseLost):
        transitions.release(lease=frozen)
    with pytest.raises(LeaseLost):
        transitions.say(lease=frozen, text="I am back.")

    assert not Turn.objects.exists()
    assert not Resolution.objects.exists()
    assert Escalation.objects.get(id=case.id).holder == successor.operator
    factories.decide(successor)


def test_words_that_are_sent_eight_times_at_once_are_said_once():
    case = factories.make_case(kind="takeover")
    lease = factories.claim(case, factories.make_operator())
    again = partial(transitions.say, lease=lease, text="Hello, I am Noor.", key="k1")

    answers = at_once([again] * 8)

    assert {answer.pk for answer in answers} == {Turn.objects.get().pk}
    assert Escalation.objects.get(id=case.id).version == 3
    let_lease_run_out(case)
    assert again().pk == answers[0].pk, "a late retry learns that it was said"


def test_a_lease_that_ran_out_is_dead_before_any_sweep():
    case = factories.make_case()
    lease = factories.claim(case, factories.make_operator())
    let_lease_run_out(case)

    with pytest.raises(LeaseLost):
        factories.decide(lease)
    assert transitions.claim_next(operator=factories.make_operator()) is not None


def test_resolve_and_cancel_at_once_end_the_case_once():
    for _ in range(10):
        case = factories.make_case()
        lease = factories.claim(case, factories.make_operator())

        answers = at_once(
            [
                partial(factories.decide, lease),
                partial(transitions.cancel, case_id=case.id, actor="agent:support"),
            ]
        )

        ended = Escalation.objects.get(id=case.id)
        assert sum(isinstance(answer, Exception) for answer in answers) == 1
        assert (ended.state == State.RESOLVED) == Resolution.objects.filter(case=case).exists()
        assert not Claim.objects.filter(case=case, ended_at=None).exists()


def test_transfer_and_takeover_at_once_leave_one_holder():
    for _ in range(10):
        case = factories.make_case()
        lease = factories.claim(case, factories.make_operator())
        other, supervisor = factories.make_operator(), factories.make_operator(role=Role.REVIEWER)

        answers = at_once(
            [
                partial(transitions.transfer, lease=lease, to_operator=other),
                partial(transitions.take_over, case_id=case.id, supervisor=supervisor),
                partial(factories.decide, lease),
            ]
        )

        assert len([answer for answer in answers if not isinstance(answer, Exception)]) in (1, 2)
        ended = Escalation.objects.get(id=case.id)
        live = Claim.objects.filter(case=case, ended_at=None)
        assert [claim.operator for claim in live] == ([ended.holder] if ended.holder else [])
        assert isinstance(answers[2], LeaseLost) == (ended.state == State.CLAIMED)


def test_eight_supervisors_give_one_person_no_more_than_fits():
    kim = factories.make_operator(capacity=3)
    cases = [factories.make_case() for _ in range(8)]
    admin = factories.make_operator(role=Role.ADMIN)

    answers = at_once(
        [partial(transitions.assign, case_id=case.id, operator=kim, by=admin) for case in cases]
    )

    assert [type(answer) for answer in answers].count(NoRoom) == 5
    assert Escalation.objects.held_by(kim).count() == 3


def test_a_case_is_snoozed_or_passed_on_but_not_both():
    for _ in range(10):
        case = factories.make_case()
        lease = factories.claim(case, factories.make_operator())

        answers = at_once(
            [
                partial(transitions.snooze, lease=lease, until=case.due_at),
                partial(transitions.transfer, lease=lease, to_queue=factories.make_queue("billing")),
            ]
        )

        assert sum(isinstance(answer, LeaseLost) for answer in answers) == 1, answers
        assert Claim.objects.filter(case=case, ended_at=None).count() == 0


def test_reply_deadline_and_taking_back_at_once_bring_a_case_back_once():
    for _ in range(10):
        case = factories.make_case()
        lease = factories.claim(case, factories.make_operator())
        transitions.ask(
            lease=lease, whom=WaitingFor.AGENT, question="Why?", reply_within=timedelta(seconds=0)
        )

        answers = at_once(
            [
                sweeps.sweep_aside,
                partial(
                    transitions.add_message,
                    case_id=case.id,
                    messages=[factories.USER_ASKS],
                    actor="agent:support",
                ),
                partial(transitions.take_back, case_id=case.id, operator=lease.operator),
            ]
        )

        back = Escalation.objects.get(id=case.id)
        taken = not isinstance(answers[2], Exception)
        assert not isinstance(answers[1], Exception)
        assert back.state == (State.CLAIMED if taken else State.QUEUED)
        assert Claim.objects.filter(case=case, ended_at=None).count() == int(taken)
        assert Timer.objects.filter(case=case, kind="resolution", fired_at=None).count() == 1


def test_sweeps_alongside_themselves_return_each_dead_lease_once():
    cases = [factories.make_case() for _ in range(20)]
    for case in cases:
        factories.claim(case, factories.make_operator())
        let_lease_run_out(case)

    swept = at_once([sweeps.sweep_leases] * 4)

    assert sum(swept) == 20
    assert Claim.objects.filter(outcome=Outcome.LOST).count() == 20
    assert Escalation.objects.filter(state=State.QUEUED).count() == 20


def test_first_handoffs_of_a_new_version_register_it_once():
    agent = factories.make_agent()

    opened = at_once([partial(factories.make_case, agent) for _ in range(10)])

    assert [answer for answer in opened if isinstance(answer, Exception)] == []
    assert agent.versions.count() == 1
    assert agent.cases.count() == 10


def let_lease_run_out(case):
    """As if two minutes had passed since the claim: the whole lease moves into the past."""
    past = transitions.LEASE
    Claim.objects.filter(case=case, ended_at=None).update(started_at=F("started_at") - past)
    Escalation.objects.filter(id=case.id).update(lease_expires_at=Now())


def test_routers_alongside_themselves_offer_each_case_and_ask_each_person_once():
    agent = factories.make_agent()
    for _ in range(10):
        factories.make_case(agent)
    people = [factories.make_operator(capacity=1) for _ in range(6)]
    Presence.objects.update(seen_at=Now())

    answers = at_once([routing.route] * 4)

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    offers = Offer.objects.live()
    assert {offer.operator_id for offer in offers} == {person.pk for person in people}
    assert offers.count() == len({offer.case_id for offer in offers}) == 6


def test_what_comes_while_the_router_is_at_work_is_looked_at_when_it_is_done(monkeypatch):
    """Each asks for a sweep after what it did, beside a router that takes its time with what it read."""
    for _ in range(10):
        done, read = [], set()

        def route(read=read, done=done):
            found = set(done)
            time.sleep(0.1)
            read.update(found)
            return 0

        def act(number, done=done):
            time.sleep(0.015 * number)
            done.append(number)
            sweeps.sweep_routing()

        monkeypatch.setattr(routing, "route", route)
        answers = at_once([partial(act, number) for number in range(4)])

        assert answers == [None] * 4
        assert read == {0, 1, 2, 3}


def test_whoever_reads_a_conversation_from_turn_to_turn_misses_none():
    """People and the agent write at once; a reader goes on after the last id that it saw."""
    case = factories.make_case(kind="takeover")
    lease = factories.claim(case, factories.make_operator())
    seen = []

    def user():
        message = {"role": "user", "content": "Hello?"}
        transitions.add_message(case_id=case.id, messages=[message] * 3, actor="agent:support")

    def read():
        end = time.monotonic() + 60
        while len(seen) < 40 and time.monotonic() < end:
            later = Turn.objects.filter(case=case, pk__gt=max(seen, default=0))
            seen.extend(later.values_list("pk", flat=True))

    answers = at_once([read, *[partial(transitions.say, lease=lease, text="Hello.")] * 10, *[user] * 10])

    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert seen == list(Turn.objects.filter(case=case).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("outcome", "told"), [(Delivery.APPLIED, AlreadyApplied), (Delivery.ACKNOWLEDGED, AlreadyTaken)]
)
def test_a_decision_is_used_once_however_many_say_so_at_once(outcome, told):
    case = factories.make_resolved()
    use = partial(
        transitions.acknowledge,
        case_id=case.id,
        outcome=outcome,
        detail="",
        actor="agent:support",
        once=True,
    )

    answers = at_once([use] * 12)

    assert sum(isinstance(answer, told) for answer in answers) == 11
    assert sum(isinstance(answer, Escalation) for answer in answers) == 1
    assert case.events.filter(kind="acknowledged").count() == 1
