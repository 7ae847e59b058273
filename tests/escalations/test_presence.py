"""Who counts as there, and what their going away does to their offers."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from escalations import presence
from escalations.models import AuditEntry, Availability, Offer, Presence
from tests import factories
from tests.escalations.people.test_capacity import offer_to, ready

pytestmark = pytest.mark.django_db


def ago(seconds):
    return Now() - timedelta(seconds=seconds)


def test_who_was_seen_is_connected_for_a_minute():
    operator = factories.make_operator()
    assert not Presence.objects.connected().exists()

    assert presence.seen(operator.pk) is True
    assert presence.seen(operator.pk) is False
    assert Presence.objects.ready().get().operator == operator

    Presence.objects.update(seen_at=ago(61))
    assert not Presence.objects.connected().exists()
    assert presence.seen(operator.pk) is True


def test_several_pages_of_one_person_cost_one_write():
    operator = factories.make_operator()
    presence.seen(operator.pk)
    Presence.objects.update(seen_at=ago(5))
    before = Presence.objects.get().seen_at
    presence.seen(operator.pk)
    assert Presence.objects.get().seen_at == before


def test_who_left_is_gone_soon_unless_another_page_answers():
    operator = factories.make_operator()
    presence.seen(operator.pk)
    presence.left(operator.pk)
    assert Presence.objects.connected().exists()

    Presence.objects.update(seen_at=ago(35 + 26))
    assert not Presence.objects.connected().exists()
    presence.seen(operator.pk)
    assert Presence.objects.connected().exists()


@pytest.mark.parametrize("availability", [Availability.AWAY, Availability.WRAP_UP])
def test_going_away_ends_live_offers_without_a_miss(availability):
    operator = ready()
    case = factories.make_case()
    offer_to(case, operator)

    noted = presence.set_availability(operator=operator, availability=availability, reason="Lunch")

    assert (noted.availability, noted.reason, noted.missed) == (availability, "Lunch", 0)
    assert Offer.objects.get().outcome == "gone"
    assert case.events.filter(kind="offer_ended", data__operator=operator.pk).exists()
    assert AuditEntry.objects.filter(action=f"be_{availability}").exists()
    assert not Presence.objects.ready().exists()
