"""Leaves a desk alone that fails again and again."""

import time
from collections.abc import Callable
from threading import Lock


class Breaker:
    """Opens after `failures` in a row for `cooldown` seconds; then one request tries whether all is well.

    One client has one, and all its threads or tasks share it.
    """

    # How long others wait while one request tries.
    _TRIAL = 1.0

    def __init__(
        self, *, failures: int = 10, cooldown: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._allowed = failures
        self._cooldown = cooldown
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._open_until: float | None = None
        self._is_trying = False

    def start_afresh(self) -> None:
        """In a forked process, where a thread that held the lock is not there."""
        self._lock = Lock()
        self._is_trying = False

    def enter(self) -> float:
        """Seconds to wait before the next request; 0: send it, and tell how it went."""
        with self._lock:
            if self._open_until is None:
                return 0.0
            left = self._open_until - self._clock()
            if left > 0:
                return left
            if self._is_trying:
                return self._TRIAL
            self._is_trying = True
            return 0.0

    def record(self, *, outage: bool) -> None:
        """How a request went that had been let in."""
        with self._lock:
            if not outage:
                self._failures, self._open_until = 0, None
            else:
                self._failures += 1
                if self._is_trying or self._failures >= self._allowed:
                    self._open_until = self._clock() + self._cooldown
            self._is_trying = False

    def release(self) -> None:
        """A request that had been let in was given up, and nobody knows how it would have gone."""
        with self._lock:
            self._is_trying = False
