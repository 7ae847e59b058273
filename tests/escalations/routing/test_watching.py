"""Reviewers and admins look on until they choose to take offers."""

import pytest

from escalations import presence, routing, transitions
from escalations.models import Availability, Offer, Role
from escalations.people.desks import desk_of
from tests.escalations.people.test_capacity import ready
from tests.factories import claim, make_case, make_operator

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN])
def test_who_only_watches_is_offered_nothing_until_they_choose_to_be(role):
    watcher = ready(role=role)
    assert desk_of(watcher).label == "Only watching"
    case = make_case()
    routing.route()
    assert not Offer.objects.exists()

    presence.set_availability(operator=watcher, availability=Availability.AVAILABLE)
    assert desk_of(watcher).label == "Available"
    routing.route()
    assert Offer.objects.live().get(case=case).operator == watcher


def test_who_only_watches_may_be_given_a_case_unlike_somebody_who_is_away():
    watcher = ready(role=Role.REVIEWER)
    lease = claim(make_case(), make_operator())
    transitions.transfer(lease=lease, to_operator=watcher)

    presence.set_availability(operator=watcher, availability=Availability.AWAY, reason="Lunch")
    other = claim(make_case(), make_operator())
    with pytest.raises(transitions.NoRoom):
        transitions.transfer(lease=other, to_operator=watcher)


def test_operators_are_available_from_the_start():
    case = make_case()
    person = ready()
    routing.route()
    assert Offer.objects.live().get(case=case).operator == person
