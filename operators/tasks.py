"""Celery only makes these sooner."""

from celery import shared_task

from operators import digest, retention


@shared_task
def mail_digests() -> None:
    digest.mail_digests()


@shared_task
def forget_leftovers() -> None:
    retention.forget_viewings()
    retention.forget_sessions()
