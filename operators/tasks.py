"""Celery only makes these sooner."""

from celery import shared_task

from operators import digest


@shared_task
def mail_digests() -> None:
    digest.mail_digests()
