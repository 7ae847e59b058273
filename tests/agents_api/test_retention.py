from datetime import timedelta

import pytest
from django.db.models import F

from agents_api.models import WebhookDelivery, WebhookEndpoint
from agents_api.retention import forget_idempotency_keys, forget_webhooks
from escalations.models import Escalation, IdempotencyRecord
from tests.agents_api.webhooks.conftest import decided, make_endpoint
from tests.factories import make_case

pytestmark = pytest.mark.django_db


def age(case: Escalation, **duration: float) -> None:
    IdempotencyRecord.objects.filter(case=case).update(created_at=F("created_at") - timedelta(**duration))


def test_answers_are_kept_for_seven_days_and_then_forgotten_in_steps():
    kept = make_case()
    age(kept, days=6.9)
    for _ in range(5):
        age(make_case(), days=7.1)
    assert forget_idempotency_keys(batch=2) == 5
    assert list(IdempotencyRecord.objects.values_list("case_id", flat=True)) == [kept.id]
    assert Escalation.objects.count() == 6
    assert forget_idempotency_keys() == 0


def test_webhooks_are_forgotten_after_thirty_days_unless_they_are_on_their_way():
    make_endpoint("https://one.example/")
    make_endpoint("https://off.example/", agent="billing")
    young, pending, *settled = [decided()[1].pk for _ in range(5)]
    waiting_for_nobody = decided("billing")[1].pk
    old = WebhookDelivery.objects.exclude(pk=young)
    old.update(created_at=F("created_at") - timedelta(days=31))
    WebhookDelivery.objects.filter(pk__in=[young, *settled]).update(state="delivered")
    assert forget_webhooks(batch=2) == 3
    assert set(WebhookDelivery.objects.values_list("pk", flat=True)) == {young, pending, waiting_for_nobody}
    WebhookEndpoint.objects.update(is_active=False)
    assert forget_webhooks() == 2
