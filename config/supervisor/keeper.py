"""Keeps programs running: what ends by itself is started again, ever more slowly if it ends at once."""

import sys
import time
from collections.abc import Callable, Iterable

from .process import Process

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_HEALTHY_AFTER = 60.0
_LOOK_EVERY = 0.5


class Keeper:
    """Starts one program again; times are seconds of `time.monotonic`."""

    def __init__(self, process: Process, start: Callable[[], None]) -> None:
        self.process = process
        self._start = start
        self._pause = _FIRST_PAUSE
        self._started = 0.0
        self._due: float | None = None

    def look(self, now: float) -> None:
        """Start the program if it has ended and its pause is over."""
        if self.process.running():
            return
        if self._due is None:
            if now - self._started > _HEALTHY_AFTER:
                self._pause = _FIRST_PAUSE
            self._due = now + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
            print(f"handrail: {self.process.name} ended; starting it again", file=sys.stderr, flush=True)
        elif now >= self._due:
            self._due, self._started = None, now
            self._start()


def keep_running(keepers: Iterable[Keeper]) -> None:
    """Look after the programs until this process is asked to stop (KeyboardInterrupt)."""
    while True:
        time.sleep(_LOOK_EVERY)
        for keeper in keepers:
            keeper.look(time.monotonic())


def stop_together(processes: Iterable[Process]) -> None:
    """Ask each once, since many programs take a second time for an order to drop everything; then wait."""
    running = list(processes)
    for process in running:
        process.ask_to_stop()
    for process in running:
        process.wait_for_end()
