"""What every test may use."""

import pytest
from django.core.management import call_command

from tests.servers import (
    _live_server_helper,
    _web_server,
    browser,
    browser_page,
    celery_beat_process,
    celery_worker_process,
    live_server,
    program_environment,
    valkey,
)

__all__ = [
    "_live_server_helper",
    "_web_server",
    "browser",
    "browser_page",
    "celery_beat_process",
    "celery_worker_process",
    "live_server",
    "program_environment",
    "valkey",
]


@pytest.fixture(scope="session", autouse=True)
def collected_static() -> None:
    """Pages name style and scripts by their checksums, which exist once the files are collected."""
    call_command("collectstatic", interactive=False, verbosity=0)
