"""Nudges cost nothing, share acts, survive failures and forks."""

import asyncio
import os
import threading
import time
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, connections

from escalations.background import DatabaseThreads, Nudger
from tests.servers import wait_until


class Act:
    """Counts its calls; fails while `broken`, and waits while `held`."""

    def __init__(self) -> None:
        self.calls = 0
        self.broken = False
        self.held = threading.Event()
        self.held.set()

    def __call__(self) -> None:
        self.calls += 1
        self.held.wait(10)
        if self.broken:
            raise ConnectionError("the broker is away")


def test_a_nudge_returns_at_once_whatever_the_act_does():
    act = Act()
    act.held.clear()
    nudger = Nudger("test", act)
    started = time.monotonic()
    for _ in range(1000):
        nudger.nudge()
    assert time.monotonic() - started < 0.5
    act.held.set()


def test_a_burst_acts_at_its_start_and_once_more_at_its_end():
    act = Act()
    act.held.clear()
    nudger = Nudger("test", act, pause=0)
    nudger.nudge()
    wait_until(lambda: act.calls == 1)
    for _ in range(100):
        nudger.nudge()
    act.held.set()
    wait_until(lambda: act.calls == 2)
    nudger.nudge()
    wait_until(lambda: act.calls == 3)


def test_an_outage_is_logged_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture):
    act = Act()
    nudger = Nudger("one that fails", act, pause=0)

    def nudge_until(calls: int) -> None:
        wait_until(lambda: nudger.nudge() or act.calls >= calls)

    def said() -> list[str]:
        messages = [record.getMessage() for record in caplog.records]
        return [message for message in messages if "one that fails" in message]

    act.broken = True
    nudge_until(3)
    act.broken = False
    nudge_until(6)
    wait_until(lambda: len(said()) == 2)
    assert ["nudges_fail" in message for message in said()] == [True, False]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_nudges_by_itself():
    nudger = Nudger("test", Act(), pause=0)
    nudger.nudge()
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:  # nothing of pytest may run here
        try:
            nudger._act = lambda: os.write(writes, b"acted")
            nudger.nudge()
            time.sleep(5)
        finally:
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        assert pipe.read(5) == b"acted"
    os.kill(child, 9)
    os.waitpid(child, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("function", [lambda: connection.connection, lambda: 1 / 0])
async def test_a_database_thread_gives_its_connection_back(function: Callable[[], object]):
    threads = DatabaseThreads("test", 1)

    def use() -> object:
        connection.ensure_connection()
        return function()

    try:
        used = await threads.run(use)
    except ZeroDivisionError:
        used = None
    assert used is None or used.closed
    assert await threads.run(lambda: connection.connection) is None


@pytest.mark.django_db(transaction=True)
def test_a_thread_that_keeps_its_connection_makes_a_new_one_after_it_broke():
    threads = DatabaseThreads("kept", 1, keeps=True)

    def backend() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return cursor.fetchone()[0]

    def ask(function):
        return asyncio.run(threads.run(function))

    kept = ask(backend)
    assert ask(backend) == kept
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [kept])
    with pytest.raises(OperationalError):
        ask(backend)
    assert ask(backend) != kept
    ask(connections.close_all)
