"""Tells endpoints of the desk itself of alerts, by the same outbox as all webhooks."""

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from agents_api.answers import rfc3339
from agents_api.models import DeskEvent, WebhookDelivery, WebhookEndpoint
from agents_api.webhooks import receivers
from escalations.alerts import readings, watching
from escalations.models import Alert
from escalations.signals import alerted
from escalations.sla.clocks import database_now

_TYPES = {watching.BEGAN: DeskEvent.ALERT_BEGAN, watching.ENDED: DeskEvent.ALERT_ENDED}

# By when they were written, for which there is an index.
readings.add_facts(
    "delivery",
    """
SELECT delivery.created_at AS at, NULL::bigint AS version_id, NULL::bigint AS queue_id,
       CASE WHEN delivery.state = 'failed' OR delivery.state = 'pending' AND delivery.attempts >= 3
            THEN 'failed' ELSE '' END AS part, NULL::float8 AS value
FROM agents_api_webhookdelivery delivery
WHERE delivery.event_type <> 'endpoint.test'
""",
)


@receiver(alerted)
def write_deliveries(alert: Alert, happened: str, **_: object) -> None:
    """Put a webhook into the outbox for each endpoint of the desk that wants it; none chosen means both."""
    type_ = _TYPES[happened]
    endpoints = WebhookEndpoint.objects.filter(agent=None, is_active=True)
    wanted = [one for one in endpoints if type_ in (one.events or DeskEvent.values)]
    if not wanted:
        return
    body = receivers.envelope(type_, described(alert), database_now())
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(endpoint=endpoint, event_type=type_, body=body) for endpoint in wanted
    )
    transaction.on_commit(receivers.hint)


def described(alert: Alert) -> dict[str, Any]:
    """An alert as a webhook tells it; shares are from 0 to 1, times in seconds."""
    rule = alert.rule
    return {
        "alert_id": alert.pk,
        "kind": rule.kind,
        "queue": rule.queue and rule.queue.name,
        "agent": rule.agent and rule.agent.name,
        "threshold": alert.threshold,
        "value": alert.value,
        "worst": alert.worst,
        "detail": alert.detail,
        "began_at": rfc3339(alert.began_at),
        "ended_at": rfc3339(alert.ended_at),
    }
