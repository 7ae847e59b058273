"""What the door forgets after a while; how long that is, `escalations.retention.keeping` says."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from agents_api.models import DeliveryState, WebhookDelivery
from escalations.models import IdempotencyRecord, Kept
from escalations.retention import keeping


def forget_idempotency_keys(*, batch: int = 1000) -> int:
    """Delete the answers kept for retries that are too old, in short steps. Returns how many."""
    kept = keeping.time(Kept.RETRIES)
    return _forget(_old_answers(kept), batch) if kept is not None else 0


def forget_webhooks(*, batch: int = 1000) -> int:
    """Delete old webhooks with their attempts, but what is on its way, in short steps. Returns how many."""
    kept = keeping.time(Kept.WEBHOOKS)
    return _forget(_old_webhooks(kept), batch) if kept is not None else 0


def _forget(old: QuerySet[Any], batch: int) -> int:
    forgotten = 0
    while True:
        ids = list(old.order_by("created_at").values_list("id", flat=True)[:batch])
        old.model._default_manager.filter(id__in=ids).delete()
        forgotten += len(ids)
        if len(ids) < batch:
            return forgotten


def _old_answers(kept: timedelta) -> QuerySet[IdempotencyRecord]:
    return IdempotencyRecord.objects.filter(created_at__lt=Now() - kept)


def _old_webhooks(kept: timedelta) -> QuerySet[WebhookDelivery]:
    """Those that are settled, or wait for an endpoint that is turned off."""
    old = WebhookDelivery.objects.filter(created_at__lt=Now() - kept)
    return old.filter(~Q(state=DeliveryState.PENDING) | Q(endpoint__is_active=False))


@keeping.counts(Kept.RETRIES)
def _count_answers(kept: timedelta, queue_id: int | None) -> int:
    return keeping.counted(_old_answers(kept))


@keeping.counts(Kept.WEBHOOKS)
def _count_webhooks(kept: timedelta, queue_id: int | None) -> int:
    return keeping.counted(_old_webhooks(kept))
