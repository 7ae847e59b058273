"""A child process: in a group of its own, and ending with its parent however that one ends."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO

import psutil

_LEASH = Path(__file__).with_name("leash.py")
_LEFTOVER_SECONDS = 5.0
# glibc keeps what was freed in one arena for each few threads, and large requests would fill all of them.
_FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}


class Process:
    """A program that can be started again and again. Its pid file lies in `run_dir` while it runs.

    What it prints goes to the file `log`, or line by line to `on_line`, after the process's name.
    """

    def __init__(
        self,
        name: str,
        argv: list[str],
        *,
        run_dir: Path,
        environment: Mapping[str, str] | None = None,
        user: str = "",
        stop_signal: signal.Signals = signal.SIGTERM,
        log: Path | None = None,
        on_line: Callable[[str, str], None] = lambda name, line: None,
    ) -> None:
        self.name = name
        self.argv = argv
        self.log = log
        self._environment = environment
        self._user = user
        self._stop_signal = stop_signal
        self._on_line = on_line
        self._pid_file = run_dir / f"{name}.pid"
        self._child: subprocess.Popen[str] | None = None

    @property
    def pid(self) -> int:
        """Raises RuntimeError before the first start."""
        if self._child is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._child.pid

    def start(self) -> None:
        """Start it without waiting until it is ready."""
        python = [sys.executable, "-I", "-S"]
        leash = [*python, str(_LEASH), str(os.getpid()), str(int(self._stop_signal)), self._user]
        output = self.log.open("a") if self.log else subprocess.PIPE
        try:
            self._child = subprocess.Popen(
                [*leash, *self.argv],
                env=_FEW_ARENAS | dict(os.environ if self._environment is None else self._environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                process_group=0,
            )
        finally:
            if not isinstance(output, int):
                output.close()
        self._pid_file.parent.mkdir(parents=True, exist_ok=True)
        self._pid_file.write_text(json.dumps({"pid": self._child.pid, "argv": self.argv}))
        if self._child.stdout is not None:
            Thread(target=_relay, args=(self.name, self._child.stdout, self._on_line), daemon=True).start()

    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process alone; nothing happens when it has ended."""
        if self._child is not None:
            self._child.send_signal(number)

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once."""
        self.signal(self._stop_signal)

    def stop(self, grace: float = 5.0) -> None:
        """Ask it to stop; after `grace` seconds kill it with its whole group."""
        self.ask_to_stop()
        self.wait_for_end(grace)

    def wait_for_end(self, grace: float = 5.0) -> None:
        """Wait for the end that it was asked for; after `grace` seconds kill it with its whole group."""
        if self._child is None:
            return
        try:
            self._child.wait(grace)
        except subprocess.TimeoutExpired:
            _kill_group(self._child.pid)
            self._child.wait()
        self._pid_file.unlink(missing_ok=True)


def end_leftovers(run_dir: Path) -> None:
    """End what a killed supervisor left behind. A process that only inherited the number is left alone."""
    for pid_file in run_dir.glob("*.pid"):
        with suppress(ValueError, KeyError, TypeError):  # half written
            record = json.loads(pid_file.read_text())
            _end_leftover(record["pid"], record["argv"])
        pid_file.unlink()


def _end_leftover(pid: int, argv: list[str]) -> None:
    try:
        process = psutil.Process(pid)
        if process.cmdline() == argv:
            process.terminate()
            process.wait(_LEFTOVER_SECONDS)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        _kill_group(pid)


def _relay(name: str, lines: IO[str], on_line: Callable[[str, str], None]) -> None:
    with lines:
        for line in lines:
            on_line(name, line.rstrip("\n"))


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
