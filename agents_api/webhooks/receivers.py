"""From the domain's events to outbox rows, in the transaction that made them true."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import receiver

from agents_api.models import DECISIONS, EventType, WebhookDelivery, WebhookEndpoint
from agents_api.tasks import deliver_webhooks
from escalations import handback
from escalations.background import Nudger
from escalations.clocks import database_now
from escalations.models import Escalation, Handoff, Resolution
from escalations.signals import recorded

_TYPES = {
    "claimed": EventType.CLAIMED,
    "message": EventType.MESSAGE,
    "resolved": EventType.RESOLVED,
    "expired": EventType.EXPIRED,
    "reopened": EventType.REOPENED,
}
# A nudge that nobody took by then is worth nothing: the beat has sent another.
_NUDGE_EXPIRES = 10


@receiver(recorded)
def write_deliveries(case_id: UUID, kind: str, **_: object) -> None:
    """Put one webhook into the outbox for each endpoint of the case's agent that wants this event."""
    event_type = _TYPES.get(kind)
    if event_type is None:
        return
    endpoints = [endpoint for endpoint in _endpoints(case_id) if _wants(endpoint, event_type)]
    if not endpoints:
        return
    text = body(event_type, case_id)
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(endpoint=endpoint, case_id=case_id, event_type=event_type, body=text)
        for endpoint in endpoints
    )
    transaction.on_commit(_nudger.nudge)


def body(event_type: EventType, case_id: UUID) -> str:
    """The final text of a Standard Webhooks body: a decision as the API gives it, else an outline."""
    if event_type in DECISIONS:
        data = _decision(case_id)
    else:
        case = Escalation.objects.get(id=case_id)
        data = {"handoff_id": str(case_id), "version": case.version, "state": case.state}
    content = {"type": event_type.value, "timestamp": _iso(database_now()), "data": data}
    return json.dumps(content, separators=(",", ":"))


def _endpoints(case_id: UUID) -> list[WebhookEndpoint]:
    agent = Escalation.objects.filter(id=case_id).values("agent_id")
    return list(WebhookEndpoint.objects.filter(agent_id=agent[:1], is_active=True).only("id", "events"))


def _wants(endpoint: WebhookEndpoint, event_type: EventType) -> bool:
    return event_type in (endpoint.events or DECISIONS)


def _decision(case_id: UUID) -> dict[str, Any]:
    handoff = Handoff.objects.select_related("case").get(case_id=case_id)
    resolution = Resolution.objects.current().select_related("operator").get(case_id=case_id)
    return handback.decision_of(handoff.case, resolution, handoff)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _start_delivery() -> None:
    deliver_webhooks.apply_async(expires=_NUDGE_EXPIRES, retry=False)


_nudger = Nudger("webhooks", _start_delivery)
