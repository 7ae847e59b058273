"""Work off the path of a request or an event loop: what may fail, wait or take long."""

import asyncio
import atexit
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import ParamSpec, TypeVar

import structlog
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections
from django.db.utils import load_backend

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)
# What a nudge would reach may be gone already while the process ends.
_exiting = threading.Event()
atexit.register(_exiting.set)


class Nudger:
    """Runs `act` in a thread of its own soon after each `nudge`.

    A nudge costs microseconds and never raises. The first of a burst acts at once, the others of the next
    `pause` seconds share one act at its end. Failures are logged once per outage. The thread starts
    with the first nudge, in a forked child again.
    """

    def __init__(self, name: str, act: Callable[[], object], *, pause: float = 0.02) -> None:
        self._name, self._act, self._pause = name, act, pause
        self._failing = False
        self._start_afresh()
        os.register_at_fork(after_in_child=self._start_afresh)

    def nudge(self) -> None:
        self._wanted.set()
        if self._thread is None:
            self._start()

    def _start_afresh(self) -> None:
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if _exiting.is_set():
                return
            self._act_once()
            time.sleep(self._pause)

    def _act_once(self) -> None:
        try:
            self._act()
        except Exception as error:
            if not self._failing:
                log.warning("nudges_fail", nudger=self._name, error=repr(error))
            self._failing = True
        else:
            if self._failing:
                log.info("nudges_work_again", nudger=self._name)
            self._failing = False


class DatabaseThreads:
    """A few threads in which an event loop may use the ORM. Each call gives its connection back.

    With `keeps` each thread has a connection of its own, apart from the pool, and keeps it. In a worker that
    forks, Celery closes the pool of the process around each task, whoever else is using it.
    """

    def __init__(self, name: str, count: int, *, keeps: bool = False) -> None:
        prepare = _have_an_own_connection if keeps else None
        self._executor = ThreadPoolExecutor(count, thread_name_prefix=name, initializer=prepare)

    async def run(
        self, function: Callable[Arguments, Answer], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> Answer:
        """What `function` returns or raises, without blocking the loop."""

        def call() -> Answer:
            close_old_connections()
            try:
                return function(*args, **kwargs)
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(self._executor, call)


def _have_an_own_connection() -> None:
    """For this thread. One that is broken is closed after the call that found out, and made anew."""
    ours = deepcopy(connections.settings[DEFAULT_DB_ALIAS])
    ours["OPTIONS"].pop("pool", None)
    backend = load_backend(ours["ENGINE"])
    connections[DEFAULT_DB_ALIAS] = backend.DatabaseWrapper(ours | {"CONN_MAX_AGE": None}, DEFAULT_DB_ALIAS)


database_threads = DatabaseThreads("database", 6)
