"""Each attempt leaves a record under the fence, which the settings show."""

import re

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from agents_api.models import TEST, WebhookAttempt, WebhookDelivery
from agents_api.webhooks import outbox
from agents_api.webhooks.outbox import Outcome
from tests.agents_api.webhooks.conftest import decided, deliver_now, make_endpoint
from tests.agents_api.webhooks.receiver import status, unanswered_port
from tests.factories import make_admin

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_attempt_is_on_record_with_what_was_answered(receiver, endpoint):
    receiver.answers += [status(500, b"<b>Oops</b>\0\n\x1b[31m"), status(200, b"thank you")]
    _, webhook = decided()
    deliver_now(webhook)
    deliver_now(webhook)
    first, second = webhook.log.all()
    assert (first.number, first.status, first.excerpt) == (1, 500, "<b>Oops</b> [31m")
    assert first.error == "Answered 500: <b>Oops</b> [31m"
    assert (second.number, second.status, second.error, second.excerpt) == (2, 200, "", "thank you")
    assert second.at > first.at
    assert 0 < second.ms < 15_000


@pytest.mark.parametrize("answer", [b"x" * 5_000_000, b"\xff" * 5_000, "ü".encode() * 5_000])
def test_at_most_a_kibibyte_of_the_answer_is_kept(receiver, endpoint, answer):
    receiver.answers.append(status(400, answer))
    _, webhook = decided()
    deliver_now(webhook)
    assert 1000 < len(webhook.log.get().excerpt.encode()) <= 1024


def test_an_attempt_without_an_answer_is_on_record_too(transactional_db):
    with unanswered_port() as url:
        make_endpoint(url)
        _, webhook = decided()
        deliver_now(webhook)
    record = webhook.log.get()
    assert (record.status, record.excerpt) == (None, "")
    assert record.error.startswith("ConnectError")


def test_a_deliverer_that_froze_leaves_no_record(endpoint):
    decided()
    (frozen,) = outbox.claim(limit=10, share=10)
    WebhookDelivery.objects.update(lease_expires_at=Now())
    (successor,) = outbox.claim(limit=10, share=10)
    assert not outbox.settle(frozen, Outcome(status=204))
    assert not WebhookAttempt.objects.exists()
    assert outbox.settle(successor, Outcome(status=204))
    assert WebhookAttempt.objects.get().number == 2


def test_the_settings_show_the_attempts_and_the_sent_body(receiver, endpoint, client):
    receiver.answers.append(status(500, b"<script>alert(1)</script>"))
    _, webhook = decided()
    deliver_now(webhook)
    client.force_login(make_admin("boss"))
    page = client.get(reverse("admin:agents_api_webhookdelivery_change", args=[webhook.pk]))
    (attempts,) = page.context["inline_admin_formsets"]
    assert [form.instance.status for form in attempts.formset.forms] == [500]
    text = page.content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert(1)" not in text
    assert "&quot;handoff.resolved&quot;" in text


def test_the_settings_say_when_the_next_attempt_is_only_if_there_is_one(endpoint, client):
    _, webhook = decided()
    client.force_login(make_admin("boss"))
    page = reverse("admin:agents_api_webhookdelivery_change", args=[webhook.pk])
    every = reverse("admin:agents_api_webhookdelivery_changelist")
    WebhookDelivery.objects.update(next_attempt_at="2031-01-01T12:00Z")
    told = re.compile(r"2031-01-01 12|Jan\. 1, 2031")
    for address in (page, every):
        assert told.search(client.get(address).content.decode())
    for over in ({"state": "failed"}, {"state": "pending", "event_type": TEST}):
        WebhookDelivery.objects.update(**over)
        for address in (page, every):
            assert not told.search(client.get(address).content.decode())
