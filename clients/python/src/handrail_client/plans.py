"""What to send and how long to pause, as generators that do neither: the clients carry them out.

A plan yields a `Call` and is sent its outcome, or yields a `Pause`; what it returns is the result.
"""

import math
import random
import time
from collections.abc import Generator
from dataclasses import dataclass
from itertools import count

from . import calls
from .answers import Case
from .breaker import Breaker
from .calls import Call, HandoffRef
from .errors import CircuitOpen, HandrailError, InvalidResponse, StillOpen
from .judging import Outcome, Reply, judge, retry_after


@dataclass(frozen=True)
class Pause:
    seconds: float


Plan = Generator[Call | Pause, Outcome | None, Case]


@dataclass(frozen=True)
class Retry:
    """How often a call is sent, and how long it pauses in between.

    The n-th pause is drawn evenly from 0 to `first` * 2^(n-1), at most `longest` ("full jitter"). Where
    the desk says `Retry-After`, that comes on top. A call that were to wait longer than `patience` for
    that fails.
    """

    attempts: int = 5
    first: float = 0.5
    longest: float = 20.0
    patience: float = 60.0

    def pause(self, failed: int) -> float:
        """Seconds to pause after so many failures."""
        return random.uniform(0, min(self.longest, self.first * 2 ** min(failed - 1, 32)))


class Planner:
    """Plans calls for one client."""

    def __init__(self, retry: Retry, breaker: Breaker, *, poll_seconds: int = 55) -> None:
        self._retry = retry
        self._breaker = breaker
        self._poll_seconds = poll_seconds

    def call(self, call: Call) -> Plan:
        """Send it until it is answered, as often as may be."""
        for failed in count(1):
            try:
                case, _ = yield from self._once(call)
            except HandrailError as error:
                wait = error.retry_after or 0.0
                hopeless = not error.may_pass or isinstance(error, CircuitOpen)
                if hopeless or failed >= self._retry.attempts or wait > self._retry.patience:
                    raise
            else:
                if case is None:
                    raise InvalidResponse("the answer is empty")
                return case
            yield Pause(wait + self._retry.pause(failed))
        raise AssertionError("count() does not end")

    def wait(self, handoff: HandoffRef, timeout: float | None, format: str | None = None) -> Plan:
        """Ask until it is decided or `timeout` seconds are over. Outages are waited through."""
        until = math.inf if timeout is None else time.monotonic() + timeout
        seen: Case | None = None
        failed = 0
        while True:
            left = max(0.0, until - time.monotonic())
            poll = calls.wait(
                handoff,
                seconds=math.ceil(min(left, self._poll_seconds)) if seen else 0,
                past=seen.version if seen else 0,
                format=format,
            )
            try:
                news, pause = yield from self._once(poll)
                failed = 0
            except HandrailError as error:
                if not error.may_pass:
                    raise
                failed += 1
                news, pause = None, (error.retry_after or 0.0) + self._retry.pause(failed)
                if left == 0:
                    raise StillOpen(seen) from error
            seen = news or seen
            if seen and not seen.is_open:
                return seen
            if left == 0:
                raise StillOpen(seen)
            yield Pause(min(pause, max(0.0, until - time.monotonic())))

    def _once(self, call: Call) -> Generator[Call | Pause, Outcome | None, tuple[Case | None, float]]:
        """What the desk answered, and how long it asks to pause where there was no news."""
        closed_for = self._breaker.enter()
        if closed_for:
            raise CircuitOpen(closed_for)
        try:
            outcome = yield call
        except BaseException:
            self._breaker.release()
            raise
        if outcome is None:
            raise RuntimeError("a call has an outcome")
        try:
            case = judge(call, outcome)
        except HandrailError as error:
            self._breaker.record(outage=error.is_outage)
            raise
        self._breaker.record(outage=False)
        asked = retry_after(outcome) if case is None and isinstance(outcome, Reply) else None
        return case, (asked or 0.0) + (self._retry.pause(1) if case is None else 0.0)
