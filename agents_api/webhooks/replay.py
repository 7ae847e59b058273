"""Sending again what was sent before: the same id and bytes, dated and signed afresh, with all its attempts.

A webhook that was never tried is left alone: it goes out by itself, and not before its decision stands.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from agents_api.models import TEST, DeliveryState, WebhookDelivery


def one(webhook: UUID) -> bool:
    """Send one webhook again; False if it was never tried or is on its way just now."""
    return bool(_again(WebhookDelivery.objects.filter(id=webhook)))


def since(endpoint_id: int, moment: datetime) -> int:
    """Send again all that was written for an endpoint since `moment`, but tests; returns how many."""
    written = WebhookDelivery.objects.filter(endpoint_id=endpoint_id, created_at__gte=moment)
    return _again(written.exclude(event_type=TEST))


def _again(webhooks: QuerySet[WebhookDelivery]) -> int:
    at_rest = Q(lease_expires_at=None) | Q(lease_expires_at__lte=Now())
    return webhooks.filter(at_rest, attempts__gt=0).update(
        state=DeliveryState.PENDING,
        attempts=0,
        next_attempt_at=Now(),
        lease_expires_at=None,
        # So that a deliverer that froze before settles nothing of what comes now.
        lease_token=F("lease_token") + 1,
    )
