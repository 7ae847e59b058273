"""An agent with an endpoint, and a receiver behind it."""

from collections.abc import Iterator

import pytest
from django.db.models.functions import Now

from agents_api.models import WebhookDelivery, WebhookEndpoint
from agents_api.webhooks import delivery, signing
from escalations.models import Escalation
from tests.agents_api.webhooks.receiver import Receiver
from tests.factories import make_agent, make_resolved


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def _private_addresses_allowed(settings) -> None:
    settings.WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES = True


@pytest.fixture
def endpoint(transactional_db: None, receiver: Receiver) -> WebhookEndpoint:
    return make_endpoint(receiver.url)


def make_endpoint(url: str, *, agent: str = "support", **fields: object) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(
        agent=make_agent(agent), url=url, secret=signing.new_secret(), **fields
    )


def decided(agent: str = "support") -> tuple[Escalation, WebhookDelivery]:
    """A case that was just decided, and the webhook about it."""
    case = make_resolved(agent=make_agent(agent))
    return case, WebhookDelivery.objects.get(case=case, event_type="handoff.resolved")


def deliver_now(webhook: WebhookDelivery) -> WebhookDelivery:
    """One attempt, whenever it was planned for."""
    WebhookDelivery.objects.filter(id=webhook.id).update(next_attempt_at=Now())
    assert delivery.deliver_due() == 1
    webhook.refresh_from_db()
    return webhook
