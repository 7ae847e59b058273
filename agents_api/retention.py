"""What the door forgets after a while."""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from agents_api.models import DeliveryState, WebhookDelivery
from escalations.models import IdempotencyRecord

IDEMPOTENCY_KEYS_KEPT = timedelta(days=7)
# Webhooks with their bodies and attempts, from when they were written; they can be sent again until then.
WEBHOOKS_KEPT = timedelta(days=30)


def forget_idempotency_keys(*, batch: int = 1000) -> int:
    """Delete the answers kept for retries that are too old, in short steps. Returns how many."""
    forgotten = 0
    while True:
        old = IdempotencyRecord.objects.filter(created_at__lt=Now() - IDEMPOTENCY_KEYS_KEPT)
        deleted, _ = IdempotencyRecord.objects.filter(id__in=old.values("id")[:batch]).delete()
        forgotten += deleted
        if deleted < batch:
            return forgotten


def forget_webhooks(*, batch: int = 1000) -> int:
    """Delete old webhooks with their attempts, but what is on its way, in short steps. Returns how many."""
    forgotten = 0
    old = WebhookDelivery.objects.filter(created_at__lt=Now() - WEBHOOKS_KEPT)
    settled = old.filter(~Q(state=DeliveryState.PENDING) | Q(endpoint__is_active=False))
    while True:
        ids = list(settled.order_by("created_at").values_list("id", flat=True)[:batch])
        WebhookDelivery.objects.filter(id__in=ids).delete()
        forgotten += len(ids)
        if len(ids) < batch:
            return forgotten
