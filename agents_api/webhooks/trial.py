"""A webhook that a person sends to see whether an endpoint takes it: signed and recorded like every other.

It goes before what waits, is tried once, and is the probe of an endpoint whose breaker is open.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Least, Now

from agents_api.models import TEST, DeliveryState, WebhookDelivery, WebhookEndpoint
from agents_api.webhooks import receivers
from escalations.sla.clocks import database_now

# Longer than any webhook waits for an endpoint that is sent to.
_BEFORE_ALL = timedelta(days=7)
_SHOWN = 5


def send(endpoint_id: int) -> UUID | None:
    """Put a test into the outbox. None, and nothing changes, if one is on its way or the endpoint is off."""
    with transaction.atomic():
        row = WebhookEndpoint.objects.filter(id=endpoint_id, is_active=True)
        endpoint = row.select_for_update(no_key=True, of=("self",)).select_related("agent").first()
        if endpoint is None or _tests(endpoint_id).filter(state=DeliveryState.PENDING).exists():
            return None
        webhook = WebhookDelivery.objects.create(
            endpoint=endpoint, event_type=TEST, body=_body(endpoint), next_attempt_at=Now() - _BEFORE_ALL
        )
        row.filter(open_until__isnull=False).update(open_until=Least("open_until", Now()))
        transaction.on_commit(receivers.hint)
    return webhook.id


def latest(endpoint_id: int) -> list[WebhookDelivery]:
    """The newest tests, each with its attempts, newest first."""
    return list(_tests(endpoint_id).order_by("-created_at").prefetch_related("log")[:_SHOWN])


def _tests(endpoint_id: int) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(endpoint_id=endpoint_id, event_type=TEST)


def _body(endpoint: WebhookEndpoint) -> str:
    data = {
        "agent": endpoint.agent and endpoint.agent.name,
        "message": "A test of this endpoint. There is nothing to do.",
    }
    return receivers.envelope(TEST, data, database_now())
