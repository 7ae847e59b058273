"""Offers: who gets them, how they end, and what ends with them."""

from datetime import timedelta
from functools import partial

import pytest
from django.db.models import F
from django.db.models.functions import Now

from escalations import presence, transitions
from escalations.models import Availability, Claim, How, Notice, Offer, Presence, Ring
from escalations.transitions import NotClaimable, OfferGone
from tests import factories
from tests.escalations.people.test_capacity import offer_to, ready
from tests.threads import at_once

OVER = transitions.OFFER + timedelta(seconds=1)


def time_out(*offers):
    """As if the offers had been made a little longer ago than they last."""
    ids = [offer.pk for offer in offers]
    Offer.objects.filter(id__in=ids).update(
        offered_at=F("offered_at") - OVER, expires_at=F("expires_at") - OVER
    )


def outcomes(case):
    return {
        offer.operator: offer.outcome for offer in Offer.objects.filter(case=case).select_related("operator")
    }


@pytest.mark.django_db
def test_an_accepted_offer_is_a_claim_and_the_others_are_rescinded():
    case = factories.make_case()
    noor, kim = ready(), ready()
    first, second = offer_to(case, noor, kim)

    claimed = transitions.accept(offer_id=first.pk, operator=noor)

    assert (claimed.lease.case_id, Claim.objects.get().how) == (case.id, How.OFFERED)
    assert outcomes(case) == {noor: "accepted", kim: "rescinded"}
    with pytest.raises(OfferGone, match=f"{noor} was first"):
        transitions.accept(offer_id=second.pk, operator=kim)
    with pytest.raises(OfferGone, match="You have this case already"):
        transitions.accept(offer_id=first.pk, operator=noor)


@pytest.mark.django_db
def test_offers_are_events_of_the_same_version():
    case = factories.make_case()
    operator = ready()
    [offer] = offer_to(case, operator)
    transitions.decline(offer_id=offer.pk, operator=operator, reason="Too technical")

    offered, ended = case.events.filter(kind__startswith="offer").order_by("id")
    assert (offered.kind, offered.version, offered.data) == (
        "offered",
        1,
        {"operator": operator.pk, "offer": offer.pk},
    )
    assert (ended.kind, ended.version, ended.data["outcome"]) == ("offer_ended", 1, "declined")


@pytest.mark.django_db
def test_an_offer_that_ran_out_is_dead_before_any_sweep():
    case, operator = factories.make_case(), ready()
    [offer] = offer_to(case, operator)
    time_out(offer)
    for move in (transitions.accept, transitions.decline):
        with pytest.raises(OfferGone, match="has ended"):
            move(offer_id=offer.pk, operator=operator)
    assert transitions.claim_next(operator=ready()).lease.case_id == case.id


@pytest.mark.django_db
def test_nobody_accepts_the_offer_of_another():
    [offer] = offer_to(factories.make_case(), ready())
    with pytest.raises(OfferGone, match="no such offer"):
        transitions.accept(offer_id=offer.pk, operator=ready())


@pytest.mark.django_db
def test_people_who_are_away_full_or_gone_are_left_out():
    case = factories.make_case()
    there, away, gone, full = ready(), ready(), ready(), ready(capacity=1)
    presence.set_availability(operator=away, availability=Availability.AWAY)
    Presence.objects.filter(operator=gone).update(seen_at=Now() - timedelta(seconds=61))
    factories.claim(factories.make_case(), full)
    everybody = [one.pk for one in (there, away, gone, full)]

    assert transitions.offer(case_id=case.id, operator_ids=everybody, ring=Ring.EXACT) == [there.pk]
    assert transitions.offer(case_id=case.id, operator_ids=[ready().pk], ring=Ring.EXACT) == []


@pytest.mark.django_db
def test_the_next_case_is_not_one_that_is_offered_to_another_but_a_pick_may_be():
    case, noor, kim = factories.make_case(), ready(), ready()
    offer_to(case, noor)

    assert transitions.claim_next(operator=kim) is None
    factories.claim(case, kim)
    assert outcomes(case) == {noor: "rescinded"}
    with pytest.raises(NotClaimable):
        factories.claim(case, noor)


@pytest.mark.django_db
def test_a_declined_case_comes_to_the_person_again_only_by_their_own_pick():
    case, operator = factories.make_case(), ready()
    [offer] = offer_to(case, operator)
    transitions.decline(offer_id=offer.pk, operator=operator)

    assert transitions.claim_next(operator=operator) is None
    assert transitions.claim_next(operator=ready()) is not None


@pytest.mark.django_db
def test_two_misses_in_a_row_set_the_person_away_and_say_so():
    operator = ready()
    for number in (1, 2):
        [offer] = offer_to(factories.make_case(), operator)
        time_out(offer)
        assert transitions.end_dead_offers() == 1
        assert Presence.objects.ready().exists() is (number == 1)
    assert set(Offer.objects.values_list("outcome", flat=True)) == {"missed"}
    assert Notice.objects.get().kind == "set_away"


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [transitions.accept, transitions.decline], ids=["accept", "decline"])
def test_an_answer_in_between_forgives_a_miss(answer):
    operator = ready()
    for number in (1, 2, 3):
        [offer] = offer_to(factories.make_case(), operator)
        if number == 2:
            answer(offer_id=offer.pk, operator=operator)
        else:
            time_out(offer)
            transitions.end_dead_offers()
    assert Presence.objects.ready().exists()


@pytest.mark.django_db
def test_a_disconnect_is_not_a_miss():
    quick, slow = ready(), ready()
    [closed] = offer_to(factories.make_case(), quick)
    presence.left(quick.pk)
    time_out(closed)
    Presence.objects.filter(operator=quick).update(seen_at=F("seen_at") - OVER)
    offer_to(factories.make_case(), slow)
    Presence.objects.filter(operator=slow).update(seen_at=Now() - timedelta(seconds=61))

    assert transitions.end_dead_offers() == 2
    assert set(Offer.objects.values_list("outcome", flat=True)) == {"gone"}
    assert not Presence.objects.filter(missed__gt=0).exists()


@pytest.mark.django_db
def test_the_offer_of_a_withdrawn_case_was_not_missed():
    case, operator = factories.make_case(), ready()
    [offer] = offer_to(case, operator)
    transitions.cancel(case_id=case.id, actor="agent:support")
    time_out(offer)
    transitions.end_dead_offers()
    assert Offer.objects.get().outcome == "rescinded"


@pytest.mark.django_db(transaction=True)
def test_fifty_people_accept_offers_of_one_case_and_one_wins():
    case = factories.make_case()
    people = [ready() for _ in range(50)]
    offers = offer_to(case, *people)

    answers = at_once(
        [partial(transitions.accept, offer_id=o.pk, operator=p) for o, p in zip(offers, people, strict=True)]
    )

    winners = [answer for answer in answers if not isinstance(answer, Exception)]
    losers = [answer for answer in answers if isinstance(answer, OfferGone)]
    assert (len(winners), len(losers)) == (1, 49)
    assert {str(loser) for loser in losers} == {f"{winners[0].lease.operator} was first."}
    assert sorted(outcomes(case).values()) == ["accepted"] + ["rescinded"] * 49


@pytest.mark.django_db(transaction=True)
def test_answers_sweeps_and_picks_at_once_settle_each_offer_once():
    people = [ready() for _ in range(4)]
    for _ in range(5):
        case = factories.make_case()
        offers = offer_to(case, *people)
        time_out(offers[3])
        answers = at_once(
            [
                partial(transitions.accept, offer_id=offers[0].pk, operator=people[0]),
                partial(transitions.decline, offer_id=offers[1].pk, operator=people[1]),
                partial(factories.claim, case, people[2]),
                transitions.end_dead_offers,
                partial(transitions.cancel, case_id=case.id, actor="agent:support"),
                transitions.end_dead_offers,
            ]
        )
        unexpected = [
            a for a in answers if isinstance(a, Exception) and not isinstance(a, transitions.TransitionError)
        ]
        assert unexpected == []
        transitions.end_dead_offers()
        ended = case.events.filter(kind="offer_ended").values_list("data__operator", flat=True)
        assert sorted(ended) == sorted(person.pk for person in people)
        Presence.objects.update(availability=Availability.AVAILABLE, missed=0)
