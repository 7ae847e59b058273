"""What the door forgets after a while."""

from datetime import timedelta

from django.db.models.functions import Now

from escalations.models import IdempotencyRecord

IDEMPOTENCY_KEYS_KEPT = timedelta(days=7)


def forget_idempotency_keys(*, batch: int = 1000) -> int:
    """Delete the answers kept for retries that are too old, in short steps. Returns how many."""
    forgotten = 0
    while True:
        old = IdempotencyRecord.objects.filter(created_at__lt=Now() - IDEMPOTENCY_KEYS_KEPT)
        deleted, _ = IdempotencyRecord.objects.filter(id__in=old.values("id")[:batch]).delete()
        forgotten += deleted
        if deleted < batch:
            return forgotten
