"""A changed secret: both sign for a day, so that no receiver is cut off meanwhile."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.urls import reverse
from standardwebhooks import WebhookVerificationError

from agents_api.models import WebhookEndpoint
from agents_api.webhooks import delivery, rotation
from escalations.models import AuditEntry
from tests.agents_api.webhooks.conftest import decided
from tests.factories import make_admin, make_operator
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_both_secrets_verify_for_a_day_and_then_the_new_one_alone(receiver, endpoint):
    new = rotation.rotate(endpoint.pk)
    assert new
    assert new != endpoint.secret
    decided()
    delivery.deliver_due()
    assert receiver.verified(new) == receiver.verified(endpoint.secret)
    receiver.received.clear()
    WebhookEndpoint.objects.update(old_secret_until=Now())
    decided()
    delivery.deliver_due()
    assert len(receiver.verified(new)) == 1
    with pytest.raises(WebhookVerificationError):
        receiver.verified(endpoint.secret)


def test_of_two_changes_at_once_one_is_made(endpoint):
    answers = at_once([lambda: rotation.rotate(endpoint.pk)] * 4)
    (secret,) = [answer for answer in answers if answer is not None]
    after = WebhookEndpoint.objects.get()
    assert (after.secret, after.old_secret) == (secret, endpoint.secret)


def test_an_admin_changes_the_secret_and_sees_it_once(endpoint, client):
    client.force_login(make_admin("boss"))
    page = reverse("admin:agents_api_webhookendpoint_change", args=[endpoint.pk])
    button = reverse("admin:agents_api_webhookendpoint_rotate", args=[endpoint.pk])
    assert button in client.get(page).content.decode()
    assert client.get(button).status_code == 405
    new = client.get(reverse("admin:agents_api_webhookendpoint_add")).content.decode()
    assert "None yet. It is made and shown once when you save." in new
    client.post(button)
    secret = WebhookEndpoint.objects.get().secret
    assert secret != endpoint.secret
    assert secret in client.get(page).content.decode()
    after = client.get(page).content.decode()
    assert secret not in after
    assert "Two: the old one signs as well until" in after
    WebhookEndpoint.objects.update(old_secret_until=Now())
    assert "One. It was shown when it was made." in client.get(page).content.decode()
    WebhookEndpoint.objects.update(old_secret_until=Now() + timedelta(hours=1))
    assert AuditEntry.objects.get(action="webhook.rotate").target == f"webhookendpoint:{endpoint.pk}"
    client.post(button)
    assert "changed less than 24 hours ago" in client.get(page).content.decode()
    assert WebhookEndpoint.objects.get().secret == secret


def test_nobody_else_changes_a_secret(endpoint, client):
    client.force_login(make_operator())
    client.post(reverse("admin:agents_api_webhookendpoint_rotate", args=[endpoint.pk]))
    assert WebhookEndpoint.objects.get().secret == endpoint.secret
