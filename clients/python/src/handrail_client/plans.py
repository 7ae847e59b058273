"""What to send and how long to pause, as generators that do neither: the clients carry them out.

A plan yields a `Call` or `Work` and is sent its outcome, or a `Pause`; what it returns is the result. A plan
of a stream yields `Open` and is sent the head of the answer, then `Read` for each piece of it.
"""

import math
import random
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic, TypeVar, cast

import httpx

from . import calls
from .answers import Case, Event
from .breaker import Breaker
from .calls import Call, HandoffRef
from .errors import CircuitOpen, HandrailError, NotKept, StillOpen
from .judging import Outcome, Reply, arrived, judge, retry_after
from .streams import Parser, opened

T = TypeVar("T")


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Open:
    """Send the request; unless the answer is 200, read it as any other."""

    call: Call[None]


@dataclass(frozen=True)
class Read:
    """The next piece of the stream that is open; None where it ends."""


@dataclass(frozen=True)
class Work(Generic[T]):
    """Something to do that may take a while, as writing on a disk does. What it raises is its outcome."""

    do: Callable[[], T]

    def outcome(self) -> T | OSError | NotKept:
        try:
            return self.do()
        except (OSError, NotKept) as error:
            return error


Plan = Generator[Call[Any] | Pause | Work[Any], Any, T]
StreamPlan = Generator[Open | Read | Pause | Event, Any, None]


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
        self.retry = retry
        self._breaker = breaker
        self._poll_seconds = poll_seconds

    def call(self, call: Call[T], *, attempts: int | None = None) -> Plan[T]:
        """Send it until it is answered, as often as may be."""
        attempts = attempts or self.retry.attempts
        for failed in count(1):
            try:
                answer, _ = yield from self._once(call)
                return cast(T, answer)  # None only where no answer is what was asked for
            except HandrailError as error:
                wait = error.retry_after or 0.0
                hopeless = not error.may_pass or isinstance(error, CircuitOpen)
                if hopeless or failed >= attempts or wait > self.retry.patience:
                    raise
            yield Pause(wait + self.retry.pause(failed))
        raise AssertionError("count() does not end")

    def wait(self, handoff: HandoffRef, timeout: float | None, format: str | None = None) -> Plan[Case]:
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
                news, pause = None, (error.retry_after or 0.0) + self.retry.pause(failed)
                if left == 0:
                    raise StillOpen(seen) from error
            seen = news or seen
            if seen and not seen.is_open:
                return seen
            if left == 0:
                raise StillOpen(seen)
            yield Pause(min(pause, max(0.0, until - time.monotonic())))

    def follow(self, handoff: HandoffRef, last_id: str, timeout: float | None) -> StreamPlan:
        """Tell what happens until the case is over or `timeout` seconds are. Cuts are waited through."""
        until = math.inf if timeout is None else time.monotonic() + timeout
        parser, failed = Parser(last_id), 0
        fault: HandrailError | None = None
        while True:
            parser.begin()
            asked = 0.0
            try:
                if (yield from self._listen(handoff, parser, until)):
                    return
                fault = None
            except HandrailError as error:
                if not error.may_pass:
                    raise
                asked = error.retry_after or 0.0
                # What the deadline of the caller cut short says less than the fault before it.
                if fault is None or parser.heard or time.monotonic() < until:
                    fault = error
            failed = 0 if parser.heard else failed + 1
            left = until - time.monotonic()
            if left <= 0:
                raise StillOpen(None) from fault
            yield Pause(min(left, asked + parser.retry + self.retry.pause(max(failed, 1))))

    def _listen(
        self, handoff: HandoffRef, parser: Parser, until: float
    ) -> Generator[Open | Read | Pause | Event, Any, bool]:
        """One stream to its end; True: there is nothing more to come."""
        left = max(0.1, until - time.monotonic())
        seconds = min(calls.STREAM_SILENCE, left)
        call = calls.events(handoff, last_id=parser.last_id, seconds=seconds)
        with self._let_in():
            has_stream = opened((yield Open(call)))
        if not has_stream:
            return True
        while isinstance(chunk := (yield Read()), bytes) and time.monotonic() < until:
            yield from parser.feed(chunk)
            if parser.is_over:
                return True
        if isinstance(chunk, httpx.RequestError):
            arrived(chunk)
        return False

    def _once(self, call: Call[T]) -> Generator[Call[Any], Any, tuple[T | None, float]]:
        """What the desk answered, and how long it asks to pause where there was no news."""
        with self._let_in():
            outcome: Outcome = yield call
            answer = judge(call, outcome)
        if answer is not None or not isinstance(outcome, Reply):
            return answer, 0.0
        return None, (retry_after(outcome) or 0.0) + self.retry.pause(1)

    @contextmanager
    def _let_in(self) -> Iterator[None]:
        """Around one request: the breaker lets it in, and learns how it went."""
        closed_for = self._breaker.enter()
        if closed_for:
            raise CircuitOpen(closed_for)
        try:
            yield
        except HandrailError as error:
            self._breaker.record(outage=error.is_outage)
            raise
        except BaseException:
            self._breaker.release()
            raise
        self._breaker.record(outage=False)
