"""The client for threads."""

import time
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


class Handrail:
    """A desk, as one agent sees it. Threads may share it.

    `redact` gets a copy of each document before it is sent, and returns what to send. `http` is an
    `httpx.Client` of your own (proxies, certificates), which stays open when this is closed.

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
        http: httpx.Client | None = None,
    ) -> None:
        self._planner = Planner(retry or Retry(), breaker or Breaker())
        self._addresses = Addresses(url, key)
        self._redact = redact
        self._is_own = http is None
        self._http = http or httpx.Client(limits=LIMITS)

    def hand_off(self, *, idempotency_key: str | None = None, **handoff: Unpack[HandoffFields]) -> Case:
        """Hand a case to the desk. However often it is sent, there is one case.

        An `idempotency_key` of your own keeps that promise over restarts of your program, too.
        """
        return self._run(
            self._planner.call(calls.hand_off(handoff, key=idempotency_key, redact=self._redact))
        )

    def get(self, handoff: HandoffRef, *, format: str | None = None) -> Case:
        """The case as it stands; `format` names the framework that is to be resumed with `resume_with`."""
        return self._run(self._planner.call(calls.get(handoff, format=format)))

    def wait(self, handoff: HandoffRef, *, timeout: float | None = None, format: str | None = None) -> Case:
        """Wait until the case is decided, has expired or is withdrawn, through outages of the desk.

        `format` names the framework whose paused run is to be resumed with the `resume_with` of the case.

        Raises:
            StillOpen: `timeout` seconds are over.
        """
        return self._run(self._planner.wait(handoff, timeout, format))

    def add_messages(
        self, handoff: HandoffRef, messages: Sequence[Json], *, idempotency_key: str | None = None
    ) -> Case:
        """Tell what the user or the agent said since."""
        return self._run(
            self._planner.call(
                calls.add_messages(handoff, messages, key=idempotency_key, redact=self._redact)
            )
        )

    def ack(self, handoff: HandoffRef, outcome: Outcome = "applied", *, detail: str = "") -> Case:
        """Tell what became of the decision."""
        return self._run(self._planner.call(calls.ack(handoff, outcome, detail, redact=self._redact)))

    def cancel(self, handoff: HandoffRef, *, reason: str = "") -> Case:
        """Withdraw the case."""
        return self._run(self._planner.call(calls.cancel(handoff, reason, redact=self._redact)))

    def close(self) -> None:
        if self._is_own:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, plan: Plan) -> Case:
        step = next(plan)
        try:
            while True:
                if isinstance(step, Pause):
                    time.sleep(step.seconds)
                    step = plan.send(None)
                    continue
                step = plan.send(self._send(step))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # a generator's result has no type in typeshed
        finally:
            plan.close()

    def _send(self, call: Call) -> Sent:
        request, reading = self._addresses.request(call), Reading(call)
        try:
            response = self._http.send(request, stream=True, follow_redirects=False)
            try:
                for chunk in response.iter_bytes():
                    if not reading.goes_on_after(chunk):
                        break
            finally:
                response.close()
        except httpx.RequestError as error:
            return error
        return reading.reply(response)
