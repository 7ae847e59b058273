"""From the domain's events to outbox rows, in the transaction that made them true."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now
from django.dispatch import receiver

from agents_api.answers import turn_json
from agents_api.models import DECISIONS, DeliveryState, EventType, WebhookDelivery
from agents_api.tasks import deliver_webhooks
from escalations.background import Nudger
from escalations.handoffs import handback
from escalations.models import Escalation, Handoff, Resolution, Turn
from escalations.signals import erased, recorded
from escalations.sla.clocks import database_now

_NOTHING: Mapping[str, Any] = MappingProxyType({})
TYPES = {
    "claimed": (EventType.CLAIMED,),
    "assigned": (EventType.CLAIMED,),
    "taken_over": (EventType.CLAIMED,),
    # What the agent brought itself it need not be told.
    "said": (EventType.MESSAGE,),
    # A question is a turn to carry on, and the case waits from now on: two things to subscribe to.
    "asked": (EventType.MESSAGE, EventType.WAITING),
    "resolved": (EventType.RESOLVED,),
    "expired": (EventType.EXPIRED,),
    "reopened": (EventType.REOPENED,),
}
# A nudge that nobody took by then is worth nothing: the beat has sent another.
_NUDGE_EXPIRES = 10
# Asked at each claim and decision, so without the ORM, whose share of their cost was a third.
# The join to the handoff is for origins only, which are sent what the handoff's own callback asks for.
_ENDPOINTS = """
    SELECT endpoint.id, coalesce(handoff.callback ->> 'url', ''),
           coalesce(handoff.callback -> 'events', endpoint.events), escalation.dispatch_at
    FROM agents_api_webhookendpoint endpoint
    JOIN escalations_escalation escalation ON escalation.agent_id = endpoint.agent_id
    LEFT JOIN escalations_handoff handoff ON endpoint.is_origin AND handoff.case_id = escalation.id
    WHERE escalation.id = %s AND endpoint.is_active
      AND (NOT endpoint.is_origin OR handoff.callback ->> 'origin' = endpoint.url)
"""


@receiver(erased)
def forget(*, case_id: UUID, **_: object) -> None:
    """Webhooks hold what was decided: those of an erased case go, with what receivers answered."""
    WebhookDelivery.objects.filter(case_id=case_id).delete()


@receiver(recorded)
def write_deliveries(case_id: UUID, kind: str, data: Mapping[str, Any] = _NOTHING, **_: object) -> None:
    """Put one webhook into the outbox for each endpoint of the case's agent and type that it wants."""
    wanted = _wanted(case_id, TYPES.get(kind, ()))
    if not wanted:
        return
    texts = {type_: body(type_, case_id, data) for type_ in {one.event_type for one in wanted}}
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            endpoint_id=one.endpoint_id,
            case_id=case_id,
            event_type=one.event_type,
            url=one.url,
            body=texts[one.event_type],
            next_attempt_at=one.dispatch_at or Now(),
        )
        for one in wanted
    )
    transaction.on_commit(hint)


def body(event_type: EventType, case_id: UUID, event: Mapping[str, Any] = _NOTHING) -> str:
    """The final text of a Standard Webhooks body: a decision as the API gives it, else an outline.

    `event` is the data of the event; a turn that it names comes along as `message`.
    """
    data = decision(case_id) if event_type in DECISIONS else _outline(case_id, event)
    return envelope(event_type.value, data, database_now())


def envelope(event_type: str, data: Mapping[str, Any], moment: datetime) -> str:
    """The text of a Standard Webhooks body."""
    content = {"type": event_type, "timestamp": _iso(moment), "data": data}
    return json.dumps(content, separators=(",", ":"))


def hint() -> None:
    """Tell a worker that there is something to deliver; after the commit, and no more than a hint."""
    _nudger.nudge()


@receiver(recorded)
def forget_undone(case_id: UUID, kind: str, **_: object) -> None:
    """Remove the webhooks of a decision that was undone before any was sent."""
    if kind == "undone":
        undone = WebhookDelivery.objects.filter(case_id=case_id, event_type=EventType.RESOLVED)
        undone.filter(state=DeliveryState.PENDING, next_attempt_at__gt=Now()).delete()


@dataclass(frozen=True)
class _Wanted:
    """A webhook to write: where to (an own `url` if it is a callback), what, and from when on."""

    endpoint_id: int
    url: str
    event_type: EventType
    dispatch_at: datetime | None


def _wanted(case_id: UUID, types: Sequence[EventType]) -> list[_Wanted]:
    """One for each of `types` that an active endpoint of the case's agent, or its own callback, wants."""
    if not types:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ENDPOINTS, [case_id])
        found = cursor.fetchall()
    return [
        _Wanted(endpoint, url, one, dispatch_at)
        for endpoint, url, events, dispatch_at in found
        for one in types
        if one in (json.loads(events) or DECISIONS)
    ]


def outline(
    case_id: UUID, *, version: int, state: str, event: Mapping[str, Any] = _NOTHING
) -> dict[str, Any]:
    """Where the case stood, and the turn that the event names as `message`."""
    told: dict[str, Any] = {"handoff_id": str(case_id), "version": version, "state": state}
    if event.get("turn"):
        turn = Turn.objects.select_related("author").get(pk=event["turn"], case_id=case_id)
        told["message"] = turn_json(turn)
    return told


def decision(case_id: UUID) -> dict[str, Any]:
    """The decision that stands, as the API gives it.

    Raises:
        Resolution.DoesNotExist: none does.
    """
    handoff = Handoff.objects.select_related("case").get(case_id=case_id)
    resolution = Resolution.objects.current().select_related("operator").get(case_id=case_id)
    return handback.decision_of(handoff.case, resolution, handoff)


def _outline(case_id: UUID, event: Mapping[str, Any]) -> dict[str, Any]:
    case = Escalation.objects.get(id=case_id)
    return outline(case_id, version=case.version, state=case.state, event=event)


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _start_delivery() -> None:
    deliver_webhooks.apply_async(expires=_NUDGE_EXPIRES, retry=False)


_nudger = Nudger("webhooks", _start_delivery)
