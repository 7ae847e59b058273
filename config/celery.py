"""The Celery application. It only makes things sooner: every task reads its work from a table."""

import logging.config
import os
import warnings

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

# Root may run everything on one machine, and messages are JSON, which cannot carry code.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("handrail")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def use_our_logging(**_: object) -> None:
    """Log as the web processes do, where Celery would bring a format of its own."""
    logging.config.dictConfig(settings.LOGGING)
