"""The client for asyncio; it differs from the other in its `await`s alone."""

from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Self, Unpack

import httpx

from . import calls
from .answers import Case, CaseSummary, Event, Outcome, Turn
from .batches import Batching, Review, Runs
from .bodies import Redact
from .breaker import Breaker
from .calls import HandoffRef
from .forks import clean_after_fork
from .handoffs import CheckFields, HandoffFields, HandoffFilters, Json, ReviewFields, RunFields
from .plans import Planner, Retry
from .tasks import Keeper, Runner
from .transport import Addresses
from .verdicts import RunsTaken, Verdict


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
        batching: Batching | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._breaker = breaker or Breaker()
        self._planner = Planner(retry or Retry(), self._breaker)
        self._redact = redact
        self._runner = Runner(Addresses(url, key), http)
        self._runs = Runs(self._planner, batching or Batching(), redact)
        self._keeper = Keeper(self._keep)
        clean_after_fork(self)

    async def hand_off(self, *, idempotency_key: str | None = None, **handoff: Unpack[HandoffFields]) -> Case:
        """Hand a case to the desk. However often it is sent, there is one case.

        An `idempotency_key` of your own keeps that promise over restarts of your program, too.
        """
        call = calls.hand_off(handoff, key=idempotency_key, redact=self._redact)
        return await self._runner.run(self._planner.call(call))

    async def get(self, handoff: HandoffRef, *, format: str | None = None) -> Case:
        """The case as it stands; `format` names the framework that is to be resumed with `resume_with`."""
        return await self._runner.run(self._planner.call(calls.get(handoff, format=format)))

    async def wait(
        self, handoff: HandoffRef, *, timeout: float | None = None, format: str | None = None
    ) -> Case:
        """Wait until the case is decided, has expired or is withdrawn, through outages of the desk.

        `format` names the framework whose paused run is to be resumed with the `resume_with` of the case.

        Raises:
            StillOpen: `timeout` seconds are over.
        """
        return await self._runner.run(self._planner.wait(handoff, timeout, format))

    def events(
        self, handoff: HandoffRef, *, last_event_id: str = "", timeout: float | None = None
    ) -> AsyncIterator[Event]:
        """What happens to the case, as it comes, until it is over; through cuts and outages of the desk.

        `last_event_id` is the `id` of the last event that you had; else it begins with the handoff.

        Raises:
            StillOpen: `timeout` seconds are over.
        """
        return self._runner.follow(self._planner.follow(handoff, last_event_id, timeout))

    async def add_messages(
        self, handoff: HandoffRef, messages: Sequence[Json], *, idempotency_key: str | None = None
    ) -> Case:
        """Tell what the user or the agent said since."""
        call = calls.add_messages(handoff, messages, key=idempotency_key, redact=self._redact)
        return await self._runner.run(self._planner.call(call))

    async def turns(self, handoff: HandoffRef, *, after: str = "0") -> AsyncIterator[Turn]:
        """The conversation since the handoff, behind the turn with the id `after`."""
        has_more = True
        while has_more:
            page = await self._runner.run(self._planner.call(calls.turns(handoff, after=after)))
            for item in page.items:
                yield item
            after, has_more = page.cursor, page.has_more

    async def typing(self, handoff: HandoffRef) -> None:
        """Show the operator for 6 s that the user is typing."""
        await self._runner.run(self._planner.call(calls.typing(handoff)))

    async def handoffs(self, **filters: Unpack[HandoffFilters]) -> AsyncIterator[CaseSummary]:
        """The agent's own handoffs, newest first."""
        cursor: str | None = None
        while True:
            call = calls.list_handoffs({**filters, "cursor": cursor})
            page = await self._runner.run(self._planner.call(call))
            for item in page.items:
                yield item
            cursor = page.next_cursor
            if cursor is None:
                return

    async def ack(
        self,
        handoff: HandoffRef,
        outcome: Outcome = "applied",
        *,
        detail: str = "",
        carried_out: Sequence[Json] = (),
        idempotency_key: str | None = None,
    ) -> Case:
        """Tell what became of the decision.

        `carried_out` are the calls that were made, each with `tool_call_id` and `digest`; the desk compares
        them with those that were decided. Under an `idempotency_key` of your own the decision is yours alone:
        `acknowledged` takes it up, `applied` says that it was carried out.

        Raises:
            NotPossibleNow: somebody else took it up or applied it before, or it is not valid any more.
        """
        call = calls.ack(handoff, outcome, detail, carried_out, key=idempotency_key, redact=self._redact)
        return await self._runner.run(self._planner.call(call))

    async def cancel(self, handoff: HandoffRef, *, reason: str = "") -> Case:
        """Withdraw the case."""
        return await self._runner.run(self._planner.call(calls.cancel(handoff, reason, redact=self._redact)))

    async def should_escalate(self, **signals: Unpack[CheckFields]) -> Verdict:
        """Whether the policy of the agent's version asks for a person, with every reason. Nothing is kept."""
        return await self._runner.run(self._planner.call(calls.check(signals, redact=self._redact)))

    async def report_run(self, *, review: Review | None = None, **run: Unpack[RunFields]) -> None:
        """Tell of a run that finished without a handoff. It is sent in a batch in a moment: see `Batching`.

        `review` is the full state of the run, or a function that gives it: fields of a handoff, `messages`
        at least. It is sent if the desk draws the run for an audit.
        """
        self._runs.add(run, review)
        self._keeper.wake()

    async def report_runs(self, runs: Sequence[RunFields]) -> RunsTaken:
        """Send finished runs now. Each is taken or refused by itself; the answer says which and why."""
        return await self._runner.run(self._runs.report(runs))

    async def flush(self) -> RunsTaken:
        """Send what `report_run` has collected, now. What cannot be sent is kept."""
        return await self._runner.run(self._runs.flush())

    async def send_in_full(self, **handoff: Unpack[ReviewFields]) -> Case:
        """Hand in the full state of a run that the desk has drawn for an audit (`RunsTaken.send_in_full`)."""
        call = calls.send_in_full(handoff, redact=self._redact)
        return await self._runner.run(self._planner.call(call))

    async def close(self) -> None:
        """Send what is left, and close the connections."""
        await self._keeper.stop()
        try:
            await self._runner.run(self._runs.flush_quietly(attempts=2))
        finally:
            await self._runner.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _keep(self) -> float | None:
        due = self._runs.due_in()
        if due == 0:
            await self._runner.run(self._runs.flush_quietly(attempts=1))
            due = self._runs.due_in()
        return due

    def _after_fork(self) -> None:
        self._breaker.start_afresh()
        self._runner.start_afresh()
        self._runs.forget()
        self._keeper.start_afresh()
