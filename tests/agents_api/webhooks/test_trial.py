"""A person sends a test event to see whether an endpoint takes it."""

import json
from datetime import timedelta

import jsonschema_rs
import pytest
from django.db.models.functions import Now
from django.urls import reverse

from agents_api.management.commands.export_openapi import document
from agents_api.models import EventType, WebhookDelivery, WebhookEndpoint
from agents_api.webhooks import delivery, outbox, trial
from escalations import sweeps, transitions
from escalations.models import Escalation, WaitingFor
from tests.agents_api.webhooks.conftest import decided, make_endpoint
from tests.agents_api.webhooks.receiver import status
from tests.factories import claim, decide, make_admin, make_case, make_operator
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def address(name: str, endpoint: WebhookEndpoint) -> str:
    return reverse(f"admin:agents_api_webhookendpoint_{name}", args=[endpoint.pk])


def test_an_admin_sends_one_and_sees_its_result(receiver, endpoint, client):
    receiver.answers.append(status(202, b"thank you"))
    client.force_login(make_admin("boss"))
    assert client.get(address("test", endpoint)).status_code == 405
    client.post(address("test", endpoint))
    assert "On its way" in client.get(address("change", endpoint)).content.decode()
    assert delivery.deliver_due() == 1
    (content,) = receiver.verified(endpoint.secret)
    assert content["type"] == "endpoint.test"
    assert content["type"] not in EventType.values
    for page in ("change", "tests"):
        text = client.get(address(page, endpoint)).content.decode()
        assert "data-again" not in text
        for told in ("Delivered", "202", " ms", "thank you"):
            assert told in text


def test_nobody_else_sends_one(endpoint, client):
    client.force_login(make_operator())
    client.post(address("test", endpoint))
    client.get(address("tests", endpoint))
    assert not WebhookDelivery.objects.exists()


def test_one_that_fails_is_not_tried_again(receiver, endpoint):
    receiver.answers.append(status(500, b"broken"))
    trial.send(endpoint.pk)
    assert delivery.deliver_due() == 1
    webhook = WebhookDelivery.objects.get()
    assert (webhook.state, webhook.log.get().error) == ("failed", "Answered 500: broken")


def test_it_goes_before_what_waits_and_is_the_probe_of_a_paused_endpoint(endpoint):
    decided()
    WebhookDelivery.objects.update(next_attempt_at=Now() - timedelta(days=4))
    WebhookEndpoint.objects.update(open_until=Now() + timedelta(minutes=10), openings=3)
    sent = trial.send(endpoint.pk)
    (claimed,) = outbox.claim(limit=10, share=10)
    assert (claimed.id, claimed.case_id, claimed.traceparent) == (sent, None, "")
    assert outbox.settle(claimed, outbox.Outcome(status=204))
    endpoint.refresh_from_db()
    assert endpoint.open_until is None


def test_of_many_at_once_one_is_sent_and_none_to_an_endpoint_that_is_off(endpoint):
    answers = at_once([lambda: trial.send(endpoint.pk)] * 4)
    assert len([sent for sent in answers if sent]) == 1
    WebhookDelivery.objects.all().delete()
    WebhookEndpoint.objects.update(is_active=False)
    assert trial.send(endpoint.pk) is None


def test_an_endpoint_that_was_turned_off_is_turned_on_again(endpoint, client):
    decided()
    WebhookEndpoint.objects.update(is_active=False, turned_off="gone", failures=7, open_until=Now())
    client.force_login(make_admin("boss"))
    assert address("turn_on", endpoint) in client.get(address("change", endpoint)).content.decode()
    client.post(address("turn_on", endpoint))
    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.turned_off, endpoint.failures) == (True, "", 0)
    assert len(outbox.claim(limit=10, share=10)) == 1


def test_the_public_library_verifies_a_webhook_of_every_type(receiver):
    endpoint = make_endpoint(receiver.url, events=EventType.values)
    operator = make_operator()
    case = make_case()
    lease = claim(case, operator)
    transitions.say(lease=lease, text="I am here.")
    transitions.ask(
        lease=lease, whom=WaitingFor.USER, question="Which card?", reply_within=timedelta(minutes=5)
    )
    transitions.add_message(
        case_id=case.id, messages=[{"role": "user", "content": "This one."}], actor="agent:support"
    )
    decide(claim(case, operator))
    transitions.reopen(case_id=case.id, operator=operator, reason="a mistake")
    Escalation.objects.update(expires_at=Now())
    sweeps.sweep_expired()
    trial.send(endpoint.pk)
    delivery.deliver_due()
    told = receiver.verified(endpoint.secret)
    assert {content["type"] for content in told} == {*EventType.values, "endpoint.test"}
    for content in told:
        assert as_documented(content["type"]).is_valid(content)
        assert not as_documented(content["type"]).is_valid(content | {"data": None})


def as_documented(type_):
    """A check of what the OpenAPI document says of webhooks of this type."""
    whole = json.loads(document())
    body = whole["webhooks"][type_]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return jsonschema_rs.Draft202012Validator(body | {"components": whole["components"]})
