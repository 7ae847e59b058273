"""What was sent is sent again: the same id and bytes, signed afresh."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from agents_api.models import WebhookDelivery
from agents_api.webhooks import delivery, outbox, replay
from agents_api.webhooks.outbox import Outcome
from escalations.sla.clocks import database_now
from tests.agents_api.webhooks.conftest import decided, make_endpoint
from tests.factories import make_admin, make_operator

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_is_sent_again_with_the_same_id_and_bytes(receiver, endpoint):
    _, webhook = decided()
    delivery.deliver_due()
    assert delivery.deliver_due() == 0
    assert replay.one(webhook.id)
    assert delivery.deliver_due() == 1
    first, second = receiver.received
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert len(receiver.verified(endpoint.secret)) == 2
    assert [record.status for record in webhook.log.all()] == [204, 204]


def test_one_that_was_given_up_has_all_its_attempts_again(receiver, endpoint):
    _, webhook = decided()
    WebhookDelivery.objects.update(state="failed", attempts=12)
    assert replay.one(webhook.id)
    delivery.deliver_due()
    webhook.refresh_from_db()
    assert (webhook.state, webhook.attempts) == ("delivered", 1)


def test_what_was_never_tried_or_is_on_its_way_is_left_alone(endpoint):
    _, webhook = decided()
    later = Now() + timedelta(hours=1)
    WebhookDelivery.objects.update(next_attempt_at=later)
    assert not replay.one(webhook.id)
    WebhookDelivery.objects.update(next_attempt_at=Now())
    (claimed,) = outbox.claim(limit=1, share=1)
    assert not replay.one(webhook.id)
    assert outbox.settle(claimed, Outcome(status=204))


def test_a_deliverer_that_froze_settles_nothing_of_what_is_sent_again(endpoint):
    _, webhook = decided()
    (frozen,) = outbox.claim(limit=1, share=1)
    WebhookDelivery.objects.update(lease_expires_at=Now())
    assert replay.one(webhook.id)
    assert not outbox.settle(frozen, Outcome(status=204))


def test_all_of_an_endpoint_since_a_time_are_sent_again(receiver, endpoint):
    make_endpoint("https://other.example/", agent="billing")
    _, old = decided()
    _, new = decided()
    decided("billing")
    WebhookDelivery.objects.update(state="delivered", attempts=1)
    moment = database_now() - timedelta(hours=1)
    WebhookDelivery.objects.filter(id=old.id).update(created_at=moment - timedelta(seconds=1))
    assert replay.since(endpoint.pk, moment) == 1
    assert WebhookDelivery.objects.get(state="pending").id == new.id


def test_an_admin_sends_again_from_the_settings(endpoint, client):
    _, webhook = decided()
    WebhookDelivery.objects.update(state="delivered", attempts=1)
    client.force_login(make_admin("boss"))
    page = reverse("admin:agents_api_webhookdelivery_change", args=[webhook.pk])
    button = reverse("admin:agents_api_webhookdelivery_replay", args=[webhook.pk])
    assert button in client.get(page).content.decode()
    assert client.get(button).status_code == 405
    client.post(button)
    assert WebhookDelivery.objects.get().state == "pending"
    WebhookDelivery.objects.update(state="failed", attempts=12)
    every = reverse("admin:agents_api_webhookendpoint_replay", args=[endpoint.pk])
    client.post(every, {"since": "yesterday"})
    assert WebhookDelivery.objects.get().state == "failed"
    client.post(every, {"since": "2020-01-01T00:00"})
    assert WebhookDelivery.objects.get().state == "pending"


def test_nobody_else_sends_again(endpoint, client):
    _, webhook = decided()
    WebhookDelivery.objects.update(state="delivered", attempts=1)
    client.force_login(make_operator())
    client.post(reverse("admin:agents_api_webhookdelivery_replay", args=[webhook.pk]))
    client.post(
        reverse("admin:agents_api_webhookendpoint_replay", args=[endpoint.pk]), {"since": "2020-01-01T00:00"}
    )
    assert WebhookDelivery.objects.get().state == "delivered"
