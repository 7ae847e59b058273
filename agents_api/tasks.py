"""Celery only makes these sooner; what is to be done stands in tables."""

from celery import shared_task

from agents_api import retention
from agents_api.webhooks import delivery


@shared_task
def deliver_webhooks() -> None:
    delivery.deliver_due()


@shared_task
def forget_idempotency_keys() -> None:
    retention.forget_idempotency_keys()
