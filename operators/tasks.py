"""Celery only makes these sooner."""

from celery import shared_task

from operators import retention
from operators.desk import digest, weekly_mail


@shared_task
def mail_digests() -> None:
    digest.mail_digests()


@shared_task
def mail_weekly_reports() -> None:
    weekly_mail.mail_reports()


@shared_task
def forget_leftovers() -> None:
    retention.forget_viewings()
    retention.forget_sessions()
