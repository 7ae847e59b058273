"""What is measured: PostgreSQL that syncs, Valkey, and the programs in the layout of a deployment."""

import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from config.supervisor import services
from config.supervisor.checks import free_port
from config.supervisor.postgres import Postgres
from config.supervisor.process import Process
from config.supervisor.valkey import Valkey

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "bench"
TEMPLATE = "handrail_template"
# As in compose.yaml.
WEB_PROCESSES, WEB_THREADS = 2, 3


class Machine:
    """The data servers of one run. Nothing is kept: each run starts on an empty disk."""

    def __init__(self, stack: ExitStack) -> None:
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        self._stack = stack
        self._postgres = Postgres(FOLDER / "postgres", run_dir=FOLDER / "run")
        self._valkey = Valkey(FOLDER / "valkey", run_dir=FOLDER / "run")
        for server in (self._postgres, self._valkey):
            stack.callback(server.stop)
            server.start()
        self._secrets = {"SECRET_KEY": secrets.token_urlsafe(48), "API_KEY_PEPPER": secrets.token_urlsafe(48)}

    def url(self, database: str) -> str:
        return self._postgres.url(database)

    def environment(self, database: str) -> dict[str, str]:
        """What a program needs to work on that database."""
        return self._secrets | {
            "DATABASE_URL": self.url(database),
            "DATABASE_POOL_SIZE": str(WEB_THREADS),
            "REDIS_URL": self._valkey.url,
            "DATASETS_DIR": str(FOLDER / f"datasets-{database}"),
            "STATIC_ROOT": str(FOLDER / "static"),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    def make_template(self) -> None:
        """The database with all tables and no rows that others are copied from."""
        self._postgres.create_database(TEMPLATE)
        environment = self.program_environment(TEMPLATE)
        for command in (["migrate", "-v0"], ["collectstatic", "-v0", "--no-input"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)

    def copy(self, name: str, *, of: str = TEMPLATE) -> None:
        """Make the database `name` with all that `of` has. Nobody may be connected to `of`."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(of))
            connection.execute(drop)
            connection.execute(make)

    def checkpoint(self) -> None:
        """Start the next measurement with nothing left to write."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    @contextmanager
    def web(self, database: str, *, processes: int = WEB_PROCESSES) -> Iterator[tuple[str, Process]]:
        """The role `web`: short requests, as compose.yaml serves them. Its address and process."""
        port = free_port()
        granian = [*("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port))]
        layout = ["--workers", str(processes), "--blocking-threads", str(WEB_THREADS), "--no-ws"]
        argv = [sys.executable, "-m", *granian, *layout, "config.wsgi:application"]
        with self._running(f"web-{database}", argv, database, port) as running:
            yield running

    @contextmanager
    def live(self, database: str) -> Iterator[tuple[str, Process]]:
        """The role `live`: long connections."""
        port = free_port()
        with self._running("live", services.web(port), database, port) as running:
            yield running

    @contextmanager
    def background(self, database: str) -> Iterator[list[Process]]:
        """The roles `worker` and `beat`."""
        with ExitStack() as stack:
            processes = [
                self._process(name, argv, database)
                for name, argv in (("worker", services.worker()), ("beat", services.beat()))
            ]
            for process in processes:
                stack.callback(process.stop)
                process.start()
            yield processes

    @contextmanager
    def _running(self, name: str, argv: list[str], database: str, port: int) -> Iterator[tuple[str, Process]]:
        process = self._process(name, argv, database)
        process.start()
        try:
            wait_for(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.stop()

    def program_environment(self, database: str) -> dict[str, str]:
        """The whole environment of such a program."""
        return dict(os.environ) | self.environment(database)

    def _process(self, name: str, argv: list[str], database: str) -> Process:
        environment = self.program_environment(database)
        log = FOLDER / f"{name}.log"
        return Process(name, argv, run_dir=FOLDER / "run", environment=environment, log=log)


def wait_for(address: str, process: Process) -> None:
    """Wait until the server answers.

    Raises:
        RuntimeError: it ended, or did not answer within a minute.
    """
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            if not process.running() or time.monotonic() > deadline:
                raise RuntimeError(f"{process.name} does not answer; see {FOLDER}") from None
        time.sleep(0.1)
