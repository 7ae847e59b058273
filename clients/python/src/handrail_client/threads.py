"""Carries plans out in threads."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event as Flag
from threading import Lock, Thread, current_thread
from typing import Any, TypeVar
from weakref import WeakMethod

import httpx

from .answers import Event
from .calls import Call
from .judging import Outcome, Reply
from .plans import Open, Pause, Plan, StreamPlan, Work
from .transport import LIMITS, Addresses, Reading

log = logging.getLogger("handrail_client")
T = TypeVar("T")
# So often a keeper looks whether its client is still there.
_LOOK_AGAIN = 60.0


class Runner:
    """Sends and pauses for plans. Threads may share it."""

    def __init__(self, addresses: Addresses, http: httpx.Client | None) -> None:
        self._addresses = addresses
        self._is_own = http is None
        self._http = http or httpx.Client(limits=LIMITS)

    def run(self, plan: Plan[T]) -> T:
        """The result of a plan."""
        outcome: Any = None
        try:
            while True:
                step, outcome = plan.send(outcome), None
                if isinstance(step, Pause):
                    time.sleep(step.seconds)
                elif isinstance(step, Work):
                    outcome = step.outcome()
                else:
                    outcome = self._send(step)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            plan.close()

    def follow(self, plan: StreamPlan) -> Iterator[Event]:
        """The events that a plan of a stream tells. Leaving the loop closes the stream."""
        stream = _Stream(self._http, self._addresses)
        outcome: Any = None
        try:
            with suppress(StopIteration):
                while True:
                    step, outcome = plan.send(outcome), None
                    if isinstance(step, Event):
                        yield step
                    elif isinstance(step, Pause):
                        time.sleep(step.seconds)
                    else:
                        outcome = stream.open(step.call) if isinstance(step, Open) else stream.read()
        finally:
            stream.close()
            plan.close()

    def start_afresh(self) -> None:
        """In a forked process: two that write into one connection would garble it."""
        if self._is_own:
            self._http = httpx.Client(limits=LIMITS)

    def close(self) -> None:
        if self._is_own:
            self._http.close()

    def _send(self, call: Call[Any]) -> Outcome:
        stream = _Stream(self._http, self._addresses)
        try:
            return stream.open(call, is_read=True)
        finally:
            stream.close()


class _Stream:
    """One answer at a time, whose body comes piece by piece."""

    def __init__(self, http: httpx.Client, addresses: Addresses) -> None:
        self._http = http
        self._addresses = addresses
        self._response: httpx.Response | None = None
        self._pieces: Iterator[bytes] = iter(())

    def open(self, call: Call[Any], *, is_read: bool = False) -> Outcome:
        """The answer; its body is there unless it is a stream that begins."""
        self.close()
        request, reading = self._addresses.request(call), Reading(call)
        try:
            self._response = self._http.send(request, stream=True, follow_redirects=False)
            self._pieces = self._response.iter_bytes()
            if not is_read and self._response.status_code == 200:
                return Reply(200, self._response.headers, b"")
            for chunk in self._pieces:
                if not reading.goes_on_after(chunk):
                    break
        except httpx.RequestError as error:
            return error
        return reading.reply(self._response)

    def read(self) -> bytes | httpx.RequestError | None:
        try:
            return next(self._pieces, None)
        except httpx.RequestError as error:
            return error

    def close(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None


class Keeper:
    """A thread that does what is due; it starts when first woken, and ends with its client.

    `work` says in how many seconds something is due again; None: nothing is until the thread is woken.
    """

    def __init__(self, work: Callable[[], float | None]) -> None:
        self._work = WeakMethod(work)
        self.start_afresh()

    def start_afresh(self) -> None:
        """In a forked process the thread is not there."""
        self._lock = Lock()
        self._woken = Flag()
        self._is_over = Flag()
        self._thread: Thread | None = None

    def wake(self) -> None:
        self._woken.set()
        with self._lock:
            if self._thread is None:
                told = (self._work, self._woken, self._is_over)
                self._thread = Thread(target=_keep, args=told, name="handrail-client", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Let it finish what it does now, and end."""
        self._is_over.set()
        self._woken.set()
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None and thread is not current_thread():
            thread.join()


def _keep(work: "WeakMethod[Callable[[], float | None]]", woken: Flag, is_over: Flag) -> None:
    while not is_over.is_set():
        do = work()
        if do is None:
            return
        due: float | None = _LOOK_AGAIN
        try:
            due = do()
        except Exception:  # it goes on to keep
            log.exception("what was due could not be done")
        del do
        woken.wait(_LOOK_AGAIN if due is None else min(due, _LOOK_AGAIN))
        woken.clear()
