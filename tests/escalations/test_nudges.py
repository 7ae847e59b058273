"""What happened starts the router at once, without waiting for the beat."""

import pytest

from escalations import presence, transitions
from escalations.models import Offer
from tests import factories
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_case_a_decline_and_somebody_coming_are_acted_on_without_the_beat(celery_worker_process):
    first, second = factories.make_operator(), factories.make_operator()
    presence.seen(first.pk)
    factories.make_case()
    wait_until(lambda: Offer.objects.live().filter(operator=first).exists())

    transitions.decline(offer_id=Offer.objects.live().get().pk, operator=first)
    presence.seen(second.pk)
    wait_until(lambda: Offer.objects.live().filter(operator=second).exists())
