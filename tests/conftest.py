"""What every test may use."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg.errors import DeadlockDetected

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


_FLUSHES = 5


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many new lives of a desk are played, and by which seed (tests/escalations/test_lives.py)."""
    parser.addoption("--lives", type=int, default=5)
    parser.addoption("--lives-seed", type=int)


@pytest.fixture(scope="session", autouse=True)
def patient_flush() -> Iterator[None]:
    """Empty the tables again where PostgreSQL ended that for a request that a closed page left behind."""
    empty = DatabaseOperations.execute_sql_flush

    def empty_in_the_end(self: DatabaseOperations, statements: list[str]) -> None:
        for _ in range(_FLUSHES - 1):
            try:
                return empty(self, statements)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
        return empty(self, statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", empty_in_the_end)
        yield


@pytest.fixture(scope="session", autouse=True)
def collected_static() -> None:
    """Pages name style and scripts by their checksums, which exist once the files are collected."""
    call_command("collectstatic", interactive=False, verbosity=0)
