"""Carries plans out in tasks of an event loop; differs from `threads` in how it sends and pauses alone."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
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
    """Sends and pauses for plans. Tasks of one event loop may share it."""

    def __init__(self, addresses: Addresses, http: httpx.AsyncClient | None) -> None:
        self._addresses = addresses
        self._is_own = http is None
        self._http = http or httpx.AsyncClient(limits=LIMITS)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self, plan: Plan[T]) -> T:
        """The result of a plan."""
        self._begin()
        outcome: Any = None
        try:
            while True:
                step, outcome = plan.send(outcome), None
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                elif isinstance(step, Work):
                    outcome = await asyncio.to_thread(step.outcome)
                else:
                    outcome = await self._send(step)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            plan.close()

    async def follow(self, plan: StreamPlan) -> AsyncIterator[Event]:
        """The events that a plan of a stream tells. Leaving the loop closes the stream."""
        self._begin()
        stream = _Stream(self._http, self._addresses)
        outcome: Any = None
        try:
            with suppress(StopIteration):
                while True:
                    step, outcome = plan.send(outcome), None
                    if isinstance(step, Event):
                        yield step
                    elif isinstance(step, Pause):
                        await asyncio.sleep(step.seconds)
                    else:
                        outcome = await (stream.open(step.call) if isinstance(step, Open) else stream.read())
        finally:
            await stream.close()
            plan.close()

    def start_afresh(self) -> None:
        """In a forked process: two that write into one connection would garble it."""
        if self._is_own:
            self._http = httpx.AsyncClient(limits=LIMITS)

    async def close(self) -> None:
        if self._is_own:
            self._begin()
            await self._http.aclose()

    def _begin(self) -> None:
        """A program may run one event loop after another; connections belong to the one that made them."""
        loop = asyncio.get_running_loop()
        if self._loop not in (None, loop):
            self.start_afresh()
        self._loop = loop

    async def _send(self, call: Call[Any]) -> Outcome:
        stream = _Stream(self._http, self._addresses)
        try:
            return await stream.open(call, is_read=True)
        finally:
            await stream.close()


class _Stream:
    """One answer at a time, whose body comes piece by piece."""

    def __init__(self, http: httpx.AsyncClient, addresses: Addresses) -> None:
        self._http = http
        self._addresses = addresses
        self._response: httpx.Response | None = None
        self._pieces: AsyncIterator[bytes] = _none()

    async def open(self, call: Call[Any], *, is_read: bool = False) -> Outcome:
        """The answer; its body is there unless it is a stream that begins."""
        await self.close()
        request, reading = self._addresses.request(call), Reading(call)
        try:
            self._response = await self._http.send(request, stream=True, follow_redirects=False)
            self._pieces = self._response.aiter_bytes()
            if not is_read and self._response.status_code == 200:
                return Reply(200, self._response.headers, b"")
            async for chunk in self._pieces:
                if not reading.goes_on_after(chunk):
                    break
        except httpx.RequestError as error:
            return error
        return reading.reply(self._response)

    async def read(self) -> bytes | httpx.RequestError | None:
        try:
            return await anext(self._pieces, None)
        except httpx.RequestError as error:
            return error

    async def close(self) -> None:
        if self._response is not None:
            await self._response.aclose()
            self._response = None


async def _none() -> AsyncIterator[bytes]:
    return
    yield b""  # makes it an iterator


class Keeper:
    """A task that does what is due; it starts when first woken, and ends with its client or its event loop.

    `work` says in how many seconds something is due again; None: nothing is until the task is woken.
    """

    def __init__(self, work: Callable[[], Awaitable[float | None]]) -> None:
        self._work = WeakMethod(work)
        self.start_afresh()

    def start_afresh(self) -> None:
        """In a forked process the task is not run."""
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        if self._task is None or self._task.done():
            self._woken = asyncio.Event()
            self._task = asyncio.create_task(_keep(self._work, self._woken), name="handrail-client")
        self._woken.set()

    async def stop(self) -> None:
        """Break off what it does now: what is not sent waits on."""
        task, self._task = self._task, None
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])


async def _keep(work: "WeakMethod[Callable[[], Awaitable[float | None]]]", woken: asyncio.Event) -> None:
    while (do := work()) is not None:
        due: float | None = _LOOK_AGAIN
        try:
            due = await do()
        except Exception:  # it goes on to keep
            log.exception("what was due could not be done")
        del do
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_AGAIN if due is None else min(due, _LOOK_AGAIN)):
                await woken.wait()
        woken.clear()
