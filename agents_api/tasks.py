"""Celery only makes these sooner; what is to be done stands in tables."""

from celery import shared_task
from celery.signals import worker_process_shutdown, worker_shutdown

from agents_api import retention
from agents_api.webhooks import delivery


@shared_task
def deliver_webhooks() -> None:
    delivery.wake()


@shared_task
def forget_webhooks() -> None:
    retention.forget_webhooks()


@worker_process_shutdown.connect
@worker_shutdown.connect
def finish_webhooks(**_: object) -> None:
    """A worker that ends lets its requests end first, so that none is sent twice."""
    delivery.finish()


@shared_task
def forget_idempotency_keys() -> None:
    retention.forget_idempotency_keys()
