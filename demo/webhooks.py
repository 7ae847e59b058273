"""The webhooks by which one agent was told of its decisions.

Nothing is ever sent: nobody answers at such an address, so its endpoint is turned off.
"""

from datetime import timedelta

from agents_api.models import DeliveryState, EventType, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from agents_api.webhooks import receivers, signing
from demo.player import Player
from demo.rounds import TOLD_AGENT, TOLD_DAYS
from escalations.models import Agent, Escalation
from escalations.sla import clocks

_URL = "https://hooks.halden-home.example/handrail"
_TAKEN, _UNAVAILABLE = 204, 503


def write(player: Player) -> None:
    """Write the webhooks of the cases that were told of by some, each with its attempts."""
    endpoint = WebhookEndpoint.objects.create(
        agent=Agent.objects.get(name=TOLD_AGENT),
        url=_URL,
        secret=signing.new_secret(),
        is_active=False,
        created_at=clocks.database_now() - timedelta(days=TOLD_DAYS),
    )
    cases = Escalation.objects.filter(id__in=player.tried_at).order_by("closed_at")
    webhooks = [_webhook(player, endpoint, case) for case in cases]
    WebhookDelivery.objects.bulk_create(webhooks)
    WebhookAttempt.objects.bulk_create(
        attempt for webhook in webhooks for attempt in _attempts(player, webhook)
    )


def _webhook(player: Player, endpoint: WebhookEndpoint, case: Escalation) -> WebhookDelivery:
    if case.closed_at is None:
        raise ValueError(f"Case {case.id} is open: there is no decision to tell of.")
    tried_at = player.tried_at[case.id]
    decision = receivers.decision(case.id)
    return WebhookDelivery(
        endpoint=endpoint,
        case=case,
        event_type=EventType.RESOLVED,
        body=receivers.envelope(EventType.RESOLVED.value, decision, case.closed_at),
        state=DeliveryState.DELIVERED,
        attempts=len(tried_at),
        lease_token=len(tried_at),
        next_attempt_at=tried_at[-1],
        created_at=case.closed_at,
        delivered_at=tried_at[-1],
        last_status=_TAKEN,
    )


def _attempts(player: Player, webhook: WebhookDelivery) -> list[WebhookAttempt]:
    times = player.tried_at[webhook.case_id] if webhook.case_id else ()
    return [
        WebhookAttempt(
            delivery=webhook,
            number=number,
            at=moment,
            ms=40 + moment.microsecond % 160,
            status=_TAKEN if number == len(times) else _UNAVAILABLE,
            error="" if number == len(times) else f"Answered {_UNAVAILABLE}.",
        )
        for number, moment in enumerate(times, 1)
    ]
