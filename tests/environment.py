"""Gives a test run its own PostgreSQL and each test process its own Valkey, before Django reads its settings.

Loaded with `-p tests.environment`. `DATABASE_URL` names another PostgreSQL to use; Valkey is never
shared, because published messages cross the borders between its numbered databases.
"""

import atexit
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from config.supervisor.postgres import Postgres
from config.supervisor.valkey import Valkey

_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Servers:
    """What this test process runs on; `folder` is removed with it."""

    folder: Path
    valkey: Valkey


def use_throwaway_servers() -> Servers:
    """Start the servers, point the environment at them, and remove them when this process ends."""
    runs = _ROOT / "var" / "test"
    runs.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(runs)
    folder = Path(tempfile.mkdtemp(dir=runs, prefix=f"run-{os.getpid()}-"))
    folder.chmod(0o711)  # PostgreSQL's user passes through
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if "DATABASE_URL" not in os.environ:
        os.environ["DATABASE_URL"] = _start_postgres(folder)
    valkey = Valkey(folder / "valkey", run_dir=folder / "run")
    atexit.register(valkey.stop)
    valkey.start()
    os.environ |= {
        "REDIS_URL": valkey.url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        "API_KEY_PEPPER": secrets.token_urlsafe(48),
        "DATABASE_POOL_SIZE": "0",  # a pool's threads would hold the database after a test
        "DATABASE_TIMEOUTS": "false",  # a busy machine makes no failures; the servers under test have them
        "STATIC_ROOT": str(folder / "static"),
        "DATASETS_DIR": str(folder / "datasets"),
        "UNDO_SECONDS": "0",  # decisions reach their agents at once; tests of the undo say otherwise
        "LOG_FORMAT": "console",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    return Servers(folder, valkey)


def _remove_leftovers(runs: Path) -> None:
    """Remove the folders of runs that were killed; their servers ended with them."""
    for folder in runs.glob("run-*-*"):
        if not psutil.pid_exists(int(folder.name.split("-")[1])):
            shutil.rmtree(folder, ignore_errors=True)


def _start_postgres(folder: Path) -> str:
    postgres = Postgres(folder / "postgres", run_dir=folder / "run", throwaway=True)
    atexit.register(postgres.stop)
    postgres.start()
    postgres.create_database("handrail")
    return postgres.url("handrail")


SERVERS = use_throwaway_servers()
