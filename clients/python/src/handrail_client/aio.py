"""The client for asyncio; it differs from the other in how it sends and pauses alone."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self, Unpack

import httpx

from . import calls
from .answers import Case, Outcome
from .breaker import Breaker
from .calls import Call, HandoffRef, Redact
from .handoffs import HandoffFields, Json
from .judging import Outcome as Sent
from .plans import Pause, Plan, Planner, Retry
from .transport import LIMITS, Addresses, Reading


class AsyncHandrail:
    """A desk, as one agent sees it. Tasks of one event loop may share it.

    `redact` gets a copy of each document before it is sent, and returns what to send. `http` is an
    `httpx.AsyncClient` of your own (proxies, certificates), which stays open when this is closed.

    Every method raises: `Refused` in one of its kinds; `Unreachable`, `InvalidResponse` or `CircuitOpen` once
    it was tried often enough.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        retry: Retry | None = None,
        breaker: Breaker | None = None,
        redact: Redact | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._planner = Planner(retry or Retry(), breaker or Breaker())
        self._addresses = Addresses(url, key)
        self._redact = redact
        self._is_own = http is None
        self._http = http or httpx.AsyncClient(limits=LIMITS)

    async def hand_off(self, *, idempotency_key: str | None = None, **handoff: Unpack[HandoffFields]) -> Case:
        """Hand a case to the desk. However often it is sent, there is one case.

        An `idempotency_key` of your own keeps that promise over restarts of your program, too.
        """
        return await self._run(
            self._planner.call(calls.hand_off(handoff, key=idempotency_key, redact=self._redact))
        )

    async def get(self, handoff: HandoffRef, *, format: str | None = None) -> Case:
        """The case as it stands; `format` names the framework that is to be resumed with `resume_with`."""
        return await self._run(self._planner.call(calls.get(handoff, format=format)))

    async def wait(
        self, handoff: HandoffRef, *, timeout: float | None = None, format: str | None = None
    ) -> Case:
        """Wait until the case is decided, has expired or is withdrawn, through outages of the desk.

        `format` names the framework whose paused run is to be resumed with the `resume_with` of the case.

        Raises:
            StillOpen: `timeout` seconds are over.
        """
        return await self._run(self._planner.wait(handoff, timeout, format))

    async def add_messages(
        self, handoff: HandoffRef, messages: Sequence[Json], *, idempotency_key: str | None = None
    ) -> Case:
        """Tell what the user or the agent said since."""
        return await self._run(
            self._planner.call(
                calls.add_messages(handoff, messages, key=idempotency_key, redact=self._redact)
            )
        )

    async def ack(self, handoff: HandoffRef, outcome: Outcome = "applied", *, detail: str = "") -> Case:
        """Tell what became of the decision."""
        return await self._run(self._planner.call(calls.ack(handoff, outcome, detail, redact=self._redact)))

    async def cancel(self, handoff: HandoffRef, *, reason: str = "") -> Case:
        """Withdraw the case."""
        return await self._run(self._planner.call(calls.cancel(handoff, reason, redact=self._redact)))

    async def close(self) -> None:
        if self._is_own:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, plan: Plan) -> Case:
        step = next(plan)
        try:
            while True:
                if isinstance(step, Pause):
                    await asyncio.sleep(step.seconds)
                    step = plan.send(None)
                    continue
                step = plan.send(await self._send(step))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # a generator's result has no type in typeshed
        finally:
            plan.close()

    async def _send(self, call: Call) -> Sent:
        request, reading = self._addresses.request(call), Reading(call)
        try:
            response = await self._http.send(request, stream=True, follow_redirects=False)
            try:
                async for chunk in response.aiter_bytes():
                    if not reading.goes_on_after(chunk):
                        break
            finally:
                await response.aclose()
        except httpx.RequestError as error:
            return error
        return reading.reply(response)
