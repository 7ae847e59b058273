"""Taking the work that was offered, and saying why not."""

import json

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from escalations.models import Offer, OfferOutcome, Ring
from escalations.presence import seen
from escalations.transitions.offer import accept, offer
from tests.factories import make_case, make_operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def noor(client):
    operator = make_operator("noor", first_name="Noor")
    client.force_login(operator)
    return operator


def offered(*people):
    case = make_case()
    for person in people:
        seen(person.pk)
    offer(case_id=case.id, operator_ids=[person.pk for person in people], ring=Ring.SEVERAL)
    return case


def post(client, name, operator, **options):
    mine = Offer.objects.get(operator=operator)
    return client.post(reverse(name, args=[mine.id]), options.pop("data", {}), **options)


def test_who_accepts_is_led_to_the_case(client, noor):
    case = offered(noor)
    answer = post(client, "accept_offer", noor)
    assert answer.headers["Location"] == reverse("case", args=[case.id])
    case.refresh_from_db()
    assert case.holder == noor


def test_who_loses_the_race_is_told_who_was_first(client, noor):
    kim = make_operator("kim", first_name="Kim")
    offered(noor, kim)
    accept(offer_id=Offer.objects.get(operator=kim).id, operator=kim)
    answer = post(client, "accept_offer", noor, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert json.loads(answer.headers["HX-Trigger"])["handrail:toast"]["text"] == "Kim was first."
    plain = post(client, "accept_offer", noor)
    assert [str(told) for told in get_messages(plain.wsgi_request)] == ["Kim was first."]


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"reason": "conflict"}, "Conflict of interest"),
        ({"reason": "other", "other": " I know  the customer "}, "I know the customer"),
        ({"reason": "other"}, "No reason given"),
    ],
)
def test_the_reason_of_a_refusal_is_kept(client, noor, fields, kept):
    offered(noor)
    post(client, "decline_offer", noor, data=fields)
    mine = Offer.objects.get(operator=noor)
    assert (mine.outcome, mine.reason) == (OfferOutcome.DECLINED, kept)


def test_nobody_answers_somebody_elses_offer(client, noor):
    kim = make_operator("kim")
    offered(kim)
    post(client, "accept_offer", kim)
    post(client, "decline_offer", kim, data={"reason": "busy"})
    assert Offer.objects.get(operator=kim).ended_at is None
