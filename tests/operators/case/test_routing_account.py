"""The part of the case page that says why a case is not moving."""

import pytest
from django.urls import reverse

from escalations import presence, routing, transitions
from escalations.models import Availability, Offer
from tests.escalations.people.test_capacity import ready
from tests.factories import claim, make_case, make_operator

pytestmark = pytest.mark.django_db


def shown(client, case):
    return client.get(reverse("case_routing", args=[case.id])).content.decode()


def test_it_names_everybody_with_their_reason_and_the_offers_made(client):
    case = make_case(routing={"skills": ["fr"]})
    noor = ready(first_name="Noor", skills=["fr"])
    ready(first_name="<b>Kim</b>")
    presence.set_availability(operator=ready(first_name="Ida", skills=["fr"]), availability=Availability.AWAY)
    routing.route()
    transitions.decline(offer_id=Offer.objects.get().pk, operator=noor, reason="Not my field")
    client.force_login(noor)

    html = shown(client, case)

    assert "<dt>Declined it</dt><dd>Noor</dd>" in html
    assert "<dt>Lacks a skill</dt><dd>&lt;b&gt;Kim&lt;/b&gt; (fr)</dd>" in html
    assert "<dt>Is away</dt><dd>Ida</dd>" in html
    assert "Noor: declined (Not my field)" in html
    assert "Nobody who could take it is there." in html
    assert html.count("<dt>Skipped</dt>") == 4
    assert "<dt>Skipped</dt><dd>people with the required skills · nobody there</dd>" in html


def test_the_page_asks_for_it_only_when_it_is_opened_and_the_case_waits(client):
    case, operator = make_case(), make_operator()
    client.force_login(operator)
    page = client.get(reverse("case", args=[case.id])).content.decode()
    assert "Why is it not moving?" in page
    assert reverse("case_routing", args=[case.id]) in page
    claim(case, operator)
    assert "Why is it not moving?" not in client.get(reverse("case", args=[case.id])).content.decode()
    assert "claimed by" in shown(client, case)


def test_it_costs_the_same_for_many_people(client, django_assert_max_num_queries):
    case = make_case()
    client.force_login(ready())
    for _ in range(20):
        ready()
    with django_assert_max_num_queries(16):
        assert "and 0 more" not in shown(client, case)
