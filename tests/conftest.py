"""What every test may use."""

import gc
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.core.management.commands import flush
from django.test import Client
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from tests import plans, signing_in
from tests.emptying import empty_tables
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

# Neither chance nor a busy machine makes failures: examples are the same each time, however long they take.
settings.register_profile(
    "desk", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("desk")

# Collections of garbage took a seventh of the time. There is memory enough to make them rare.
gc.set_threshold(50_000, 20, 20)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: no collection looks at it again."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many new lives of a desk are played, and by which seed (test_lives.py)."""
    parser.addoption("--lives", type=int, default=5)
    parser.addoption("--lives-seed", type=int)


@pytest.fixture(scope="session", autouse=True)
def quickly_emptied() -> Iterator[None]:
    """Empty the tables after tests that commit in a fraction of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", empty_tables)
        yield


@pytest.fixture(scope="session", autouse=True)
def quickly_signed_in() -> Iterator[None]:
    """Spare what a test that is not about signing in does not look at."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "force_login", signing_in.force_login)
        yield


@pytest.fixture(scope="session", autouse=True)
def collected_static() -> None:
    """Pages name style and scripts by their checksums, which exist once the files are collected."""
    call_command("collectstatic", interactive=False, verbosity=0)


@pytest.fixture(scope="module", autouse=True)
def cleared_tables(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Tests that ask how statements grow leave the next ones nothing to wade through."""
    yield
    with django_db_blocker.unblock():
        plans.clear_dead_rows()
