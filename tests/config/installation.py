"""A copy of Handrail in a folder of its own, to start and kill without touching this one's data."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread

import psutil

from tests.servers import wait_until

_ROOT = Path(__file__).resolve().parents[2]
_PARTS = ("agents_api", "config", "demo", "escalations", "operators", "static", "templates", "manage.py")
_SETTINGS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "API_KEY_PEPPER",
    "STATIC_ROOT",
    "DATABASE_POOL_SIZE",
    "DATABASE_TIMEOUTS",
    "LOG_LEVEL",
)


class Installation:
    """The copy in `folder`; `output` holds what the supervisor printed since the last start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = ""
        self._supervisor: subprocess.Popen[str] | None = None
        for part in _PARTS:
            copy = shutil.copytree if (_ROOT / part).is_dir() else shutil.copy2
            copy(_ROOT / part, folder / part)

    def refuses(self, **environment: str) -> str:
        """Start it where it cannot run, and return what it says; it must end with 1."""
        done = subprocess.run(
            self._command,
            check=False,
            cwd=self.folder,
            env=self._environment(environment),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1, done.stderr
        return done.stderr

    def start(self, **environment: str) -> str:
        """Start it, and return its address once it serves."""
        self.output = ""
        self._supervisor = subprocess.Popen(
            self._command,
            cwd=self.folder,
            env=self._environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        Thread(target=self._read, args=(self._supervisor,), daemon=True).start()
        wait_until(self._address, seconds=120, what="Handrail says where it is")
        address = self._address()
        assert address is not None
        return address

    def signal(self, number: signal.Signals) -> int:
        """Send a signal to the supervisor alone, wait for its end and return its exit status."""
        assert self._supervisor is not None
        self._supervisor.send_signal(number)
        return self._supervisor.wait(30)

    def children(self) -> list[psutil.Process]:
        """All processes below the supervisor."""
        assert self._supervisor is not None
        return psutil.Process(self._supervisor.pid).children(recursive=True)

    def cpu_seconds(self) -> float:
        """What the supervisor and everything that it started have used until now."""
        assert self._supervisor is not None
        return sum(
            sum(process.cpu_times()[:4])
            for process in [psutil.Process(self._supervisor.pid), *self.children()]
        )

    def end(self) -> None:
        """Stop it if it still runs."""
        if self._supervisor is not None and self._supervisor.poll() is None:
            self.signal(signal.SIGTERM)

    @property
    def _command(self) -> list[str]:
        return [sys.executable, "-m", "config.supervisor"]

    def _environment(self, extra: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if name not in _SETTINGS} | extra

    def _address(self) -> str | None:
        assert self._supervisor is not None
        found = re.search(r"Handrail is at (\S+)", self.output)
        assert found or self._supervisor.poll() is None, self.output
        return found and found[1]

    def _read(self, supervisor: subprocess.Popen[str]) -> None:
        assert supervisor.stdout is not None
        with supervisor.stdout as lines:
            for line in lines:
                self.output += line
