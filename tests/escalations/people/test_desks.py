"""What one person's desk is like: one statement for everybody."""

import pytest
from django.db.models.functions import Now

from escalations.models import Availability, Notice, NoticeKind, Offer, Ring
from escalations.people.desks import TOLD, desk_of, desks
from escalations.presence import seen, set_availability
from escalations.transitions.offer import OFFER, accept, decline, end_dead_offers, offer
from tests.factories import claim, lapse, make_case, make_operator

pytestmark = pytest.mark.django_db


def test_the_load_is_what_is_held_and_offered_now():
    operator = make_operator(capacity=4)
    held, lapsed, offered = make_case(), make_case(), make_case()
    claim(held, operator)
    claim(lapsed, operator)
    lapse(lapsed)
    seen(operator.pk)
    offer(case_id=offered.id, operator_ids=[operator.pk], ring=Ring.EXACT)
    desk = desk_of(operator)
    assert (desk.load, desk.capacity, desk.is_full) == (2, 4, False)
    [shown] = desk.offers
    assert (shown.case_id, shown.seconds, shown.queue) == (offered.id, 20, "support")


def test_an_offer_that_ran_out_is_not_on_the_desk():
    operator = make_operator()
    seen(operator.pk)
    case = make_case()
    offer(case_id=case.id, operator_ids=[operator.pk], ring=Ring.EXACT)
    Offer.objects.update(offered_at=Now() - 2 * OFFER, expires_at=Now() - OFFER)
    assert (desk_of(operator).offers, desk_of(operator).over, desk_of(operator).load) == ((), (), 0)


def test_an_offer_that_ends_without_the_person_is_told_for_a_moment():
    noor, kim = make_operator(), make_operator(first_name="Kim")
    for person in (noor, kim):
        seen(person.pk)
    case = make_case()
    offer(case_id=case.id, operator_ids=[noor.pk, kim.pk], ring=Ring.SEVERAL)
    assert desk_of(noor).over == ()
    accept(offer_id=Offer.objects.get(operator=kim).pk, operator=kim)
    [over] = desk_of(noor).over
    assert (over.ran_out, over.holder, over.state) == (False, "Kim", "claimed")
    assert desk_of(kim).over == ()
    Offer.objects.filter(operator=noor).update(ended_at=Now() - TOLD)
    assert desk_of(noor).over == ()


def test_what_a_person_declined_or_is_offered_anew_is_not_told():
    noor = make_operator()
    seen(noor.pk)
    declined, again = make_case(), make_case()
    for case in (declined, again):
        offer(case_id=case.id, operator_ids=[noor.pk], ring=Ring.EXACT)
    decline(offer_id=Offer.objects.get(case=declined).pk, operator=noor)
    Offer.objects.filter(case=again).update(offered_at=Now() - OFFER, expires_at=Now())
    [over] = desk_of(noor).over
    assert over.ran_out
    end_dead_offers()
    offer(case_id=again.id, operator_ids=[noor.pk], ring=Ring.EXACT)
    assert (len(desk_of(noor).offers), desk_of(noor).over) == (1, ())


def test_unread_notices_are_counted_and_the_newest_is_known():
    operator = make_operator()
    read = Notice.objects.create(operator=operator, kind=NoticeKind.REPLY, text="Read", read_at=Now())
    Notice.objects.create(operator=make_operator(), kind=NoticeKind.REPLY, text="Somebody else's")
    assert (desk_of(operator).unread, desk_of(operator).newest_notice) == (0, read.id)
    Notice.objects.bulk_create(
        Notice(operator=operator, kind=NoticeKind.MENTION, text="Unread") for _ in range(120)
    )
    assert desk_of(operator).unread == 100


def test_equal_desks_are_equal_wherever_in_the_log_they_were_read():
    operator, other = make_operator(), make_operator()
    before = desk_of(operator)
    set_availability(operator=other, availability=Availability.AWAY, reason="Lunch")
    assert desk_of(operator) == before
    both = desks([operator.pk, other.pk])
    assert (both[other.pk].availability, both[other.pk].reason) == (Availability.AWAY, "Lunch")
