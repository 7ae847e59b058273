"""The real programs against the test database: web server with WebSockets, Celery, Valkey, a browser."""

import os
import shutil
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from psycopg.conninfo import make_conninfo

from config.supervisor import services
from config.supervisor.checks import free_port
from config.supervisor.process import Process
from config.supervisor.valkey import Valkey
from tests.environment import SERVERS

# The first does a third of the work: it has no windows to draw.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
_QUIET_BROWSER = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Server:
    """A web server of its own process; what it printed is in `log`."""

    url: str
    process: Process
    log: Path

    @property
    def websocket_url(self) -> str:
        return self.url.replace("http:", "ws:")

    def start(self) -> None:
        """Start it, again if need be, and wait until it answers."""
        self.process.start()
        wait_until(self._answers, seconds=60, what=f"the web server answers (see {self.log})")

    def stop(self) -> None:
        self.process.stop()

    def _answers(self) -> bool:
        assert self.process.running(), self.log.read_text()
        try:
            urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
        except OSError:  # refused, reset, or slow to answer
            return False
        return True


def wait_until(true: Callable[[], object], *, seconds: float = 30, what: str = "it happens") -> None:
    """Ask every 50 ms; an AssertionError after `seconds` says what did not happen."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain until {what}"
        time.sleep(0.05)


def worker_answers() -> bool:
    """Whether a Celery worker is there; a connection that its broker cut is no answer."""
    import redis
    from kombu.exceptions import OperationalError

    from config.celery import app

    try:
        return bool(app.control.ping(timeout=0.2))
    except (redis.RedisError, OperationalError):
        return False


def find_browser() -> str | None:
    """The path of a Chromium or Chrome on this machine."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def program_environment(django_db_setup: None, collected_static: None) -> dict[str, str]:
    """What programs need to work on this test process's database, files and Valkey."""
    from django.db import connection

    test_database = make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    only_here = ("DJANGO_ALLOW_ASYNC_UNSAFE", "DATABASE_TIMEOUTS")
    inherited = {name: value for name, value in os.environ.items() if name not in only_here}
    return inherited | {"DATABASE_URL": test_database, "DATABASE_POOL_SIZE": "16", "LOG_LEVEL": "WARNING"}


@contextmanager
def web_server(name: str, environment: dict[str, str]) -> Iterator[Server]:
    """A web server of that name with the settings of `environment`, for as long as it is needed."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = SERVERS.folder / f"{name}.log"
    process = Process(
        name,
        services.web(port),
        run_dir=SERVERS.folder / "run",
        environment=environment | {"PUBLIC_URL": url},
        log=log,
    )
    server = Server(url, process, log)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def _web_server(program_environment: dict[str, str]) -> Iterator[Server]:
    with web_server("web", program_environment) as server:
        yield server


@pytest.fixture
def live_server(transactional_db: None, _web_server: Server) -> Server:
    """The real ASGI server on the test database, the same for all tests; started again if one stopped it."""
    if not _web_server.process.running():
        _web_server.start()
    return _web_server


@pytest.fixture
def _live_server_helper() -> None:
    """Takes the place of pytest-django's, which expects its own server under the name `live_server`."""


@pytest.fixture
def celery_worker_process(
    transactional_db: None, valkey: Valkey, program_environment: dict[str, str]
) -> Iterator[Process]:
    """A real Celery worker that is ready for tasks; it may be stopped and started again."""
    process = _program("worker", services.worker(), program_environment)
    try:
        process.start()
        wait_until(worker_answers, seconds=60, what="the worker answers")
        yield process
    finally:
        process.stop()


@pytest.fixture
def celery_beat_process(valkey: Valkey, program_environment: dict[str, str]) -> Iterator[Process]:
    """A real Celery beat that sends the sweeps on their schedule."""
    process = _program("beat", services.beat(), program_environment)
    process.start()
    yield process
    process.stop()


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """This test process's Valkey, empty, to stop and start. All programs of the tests use it."""
    import redis

    if not SERVERS.valkey.process.running():
        SERVERS.valkey.start()
    with redis.Redis.from_url(SERVERS.valkey.url) as client:
        client.flushall()
    yield SERVERS.valkey
    if not SERVERS.valkey.process.running():
        SERVERS.valkey.start()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium or Chrome of this machine.

    Playwright leaves an event loop running in this thread, which tests with a loop of their own
    cannot bear and Django takes for a mistake. So it ends with the module.
    """
    path = find_browser()
    assert path, "no Chromium or Chrome was found; on Debian: apt-get install chromium"
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=[*_QUIET_BROWSER, *sandbox])
        yield browser
        browser.close()


@pytest.fixture
def browser_page(browser: Browser, live_server: Server) -> Iterator[Page]:
    """A fresh page with relative addresses. Errors in scripts and breaches of the CSP fail the test."""
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda entry: faults.append(entry.text) if "Content Security Policy" in entry.text else None,
    )
    yield page
    context.close()
    assert not faults


def _program(name: str, argv: list[str], environment: dict[str, str]) -> Process:
    folder = SERVERS.folder
    return Process(name, argv, run_dir=folder / "run", environment=environment, log=folder / f"{name}.log")
