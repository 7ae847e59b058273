"""How much a person holds: claims and offers count, and no race fills a desk twice."""

from functools import partial

import pytest
from django.db import transaction
from django.db.models.functions import Now

from escalations import transitions
from escalations.models import Escalation, Offer, Presence, Ring, State
from escalations.people import capacity
from escalations.transitions import NotAllowed
from tests import factories
from tests.threads import at_once


def ready(**fields):
    """A person with an open page."""
    operator = factories.make_operator(**fields)
    Presence.objects.filter(operator=operator).update(seen_at=Now())
    return operator


def offer_to(case, *operators):
    assert transitions.offer(case_id=case.id, operator_ids=[one.pk for one in operators], ring=Ring.EXACT)
    return [Offer.objects.get(case=case, operator=one, ended_at=None) for one in operators]


@pytest.mark.django_db
def test_a_pick_beyond_capacity_says_the_load_and_what_to_do():
    operator = factories.make_operator(capacity=1)
    factories.claim(factories.make_case(), operator)

    with pytest.raises(NotAllowed, match=r"You hold 1 of 1 already\. Decide a case or put one back first\."):
        factories.claim(factories.make_case(), operator)
    with pytest.raises(NotAllowed, match="weighs 2, and you may hold 1"):
        factories.claim(factories.make_case(kind="takeover"), factories.make_operator(capacity=1))


@pytest.mark.django_db
def test_the_next_case_is_the_first_that_fits():
    operator = factories.make_operator(capacity=2)
    factories.claim(factories.make_case(), operator)
    heavy, light = factories.make_case(kind="takeover"), factories.make_case()
    assert (heavy.weight, light.weight) == (2, 1)

    assert transitions.claim_next(operator=operator).lease.case_id == light.id
    assert transitions.claim_next(operator=operator) is None
    assert capacity.load(operator) == capacity.Load(used=2, capacity=2)


@pytest.mark.django_db
def test_a_dead_lease_weighs_nothing():
    operator = factories.make_operator(capacity=1)
    case = factories.make_case()
    factories.claim(case, operator)
    factories.lapse(case)

    assert capacity.load(operator).used == 0
    assert factories.claim(factories.make_case(), operator)


@pytest.mark.django_db
def test_an_offer_keeps_room_for_its_own_case_only():
    operator = ready(capacity=1)
    offered = factories.make_case()
    offer_to(offered, operator)
    other = factories.make_case()

    assert capacity.load(operator).used == 1
    with pytest.raises(NotAllowed):
        factories.claim(other, operator)
    assert transitions.claim_next(operator=operator).lease.case_id == offered.id
    assert Offer.objects.get().outcome == "accepted"


@pytest.mark.django_db(transaction=True)
def test_eight_threads_never_fill_a_desk_of_two():
    for _ in range(5):
        assert most_held_in_a_race() == 2


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_of_the_desk_it_is_overfilled(monkeypatch):
    monkeypatch.setattr(capacity, "lock_desk", lambda operator_id: None)
    assert any(most_held_in_a_race() > 2 for _ in range(20))


def most_held_in_a_race():
    """What one person with room for two holds after four picks, three pulls and an accepted offer at once."""
    operator = ready(capacity=2)
    agent = factories.make_agent()
    cases = [factories.make_case(agent) for _ in range(8)]
    [offer] = offer_to(cases[0], operator)
    at_once(
        [
            *(partial(factories.claim, case, operator) for case in cases[1:5]),
            *(partial(transitions.claim_next, operator=operator) for _ in range(3)),
            partial(transitions.accept, offer_id=offer.pk, operator=operator),
        ]
    )
    held = Escalation.objects.held_by(operator).count()
    Escalation.objects.filter(state=State.QUEUED).update(state=State.CANCELLED, closed_at=Now())
    return held


@pytest.mark.django_db(transaction=True)
def test_people_made_in_bulk_have_a_desk_to_lock():
    operator = factories.make_operator()
    Presence.objects.all().delete()
    with transaction.atomic():
        capacity.lock_desk(operator.pk)
    assert factories.claim(factories.make_case(), operator)
    assert Presence.objects.filter(operator=operator).exists()
