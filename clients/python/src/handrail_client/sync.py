"""The client for threads."""

from collections.abc import Iterator, Sequence
from functools import partial
from types import TracebackType
from typing import Self, TypeVar, Unpack

import httpx

from . import calls
from .answers import Case, CaseSummary, Event, Outcome, Turn
from .batches import Batching, Review, Runs
from .bodies import Redact
from .breaker import Breaker
from .calls import HandoffRef
from .fallbacks import Fallback
from .forks import clean_after_fork
from .handoffs import (
    CheckFields,
    CheckpointFields,
    HandoffFields,
    HandoffFilters,
    Json,
    ReviewFields,
    RunFields,
)
from .outbox import Outbox, Replayed, Replaying, sooner
from .plans import Plan, Planner, Retry
from .spool import Spool
from .threads import Keeper, Runner
from .transport import Addresses
from .verdicts import CheckpointResult, RegisteredSchema, RunsTaken, Verdict

T = TypeVar("T")


class Handrail:
    """A desk, as one agent sees it. Threads may share it.

    `redact` gets a copy of each document before it is sent, and returns what to send. What cannot be sent is
    kept in the `spool`. `fallback` is your own answer where nobody can be reached or decides in time. `http`
    is an `httpx.Client` of your own (proxies, certificates); it stays open when this is closed.

    Every method raises: `Refused` in one of its kinds; `Unreachable`, `InvalidResponse` or `CircuitOpen` once
    it was tried often enough; with a spool, `NotKept` where there was no room in it.
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
        spool: Spool | None = None,
        fallback: Fallback | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self._breaker = breaker or Breaker()
        self._planner = Planner(retry or Retry(), self._breaker)
        self._redact = redact
        self._fallback = fallback
        self._runner = Runner(Addresses(url, key), http)
        self._outbox = Outbox(self._planner, spool.queue(url, key) if spool else None)
        self._runs = Runs(self._outbox, batching or Batching(), redact)
        self._replaying = Replaying(self._outbox, spool.replay_seconds if spool else None)
        self._keeper = Keeper(self._keep)
        clean_after_fork(self)

    def hand_off(
        self,
        *,
        idempotency_key: str | None = None,
        fallback: Fallback | None = None,
        **handoff: Unpack[HandoffFields],
    ) -> Case:
        """Hand a case to the desk. However often it is sent, there is one case.

        An `idempotency_key` of your own keeps that promise over restarts of your program, too. If the desk
        cannot be reached, the case has no id until `get` or `wait` has given it to the desk after all;
        `is_spooled` says that it is on the disk, `is_fallback` that its decision is your own.
        """
        call = calls.hand_off(handoff, key=idempotency_key, redact=self._redact)
        return self._run(self._outbox.hand_off(call, handoff, fallback or self._fallback))

    def get(self, handoff: HandoffRef, *, format: str | None = None) -> Case:
        """The case as it stands; `format` names the framework that is to be resumed with `resume_with`."""
        handoff = self._run(self._outbox.sent(handoff))
        return self._run(self._planner.call(calls.get(handoff, format=format)))

    def wait(
        self,
        handoff: HandoffRef,
        *,
        timeout: float | None = None,
        format: str | None = None,
        fallback: Fallback | None = None,
    ) -> Case:
        """Wait until the case is decided, has expired or is withdrawn, through outages of the desk.

        `format` names the framework whose paused run is to be resumed with the `resume_with` of the case.

        With a `fallback` that is the decision once `timeout` seconds are over, or the case has expired
        without one: `is_fallback` says so.

        Raises:
            StillOpen: `timeout` seconds are over, and there is no fallback.
        """
        plan = self._outbox.wait(handoff, timeout, format, fallback or self._fallback)
        return self._run(plan)

    def events(
        self, handoff: HandoffRef, *, last_event_id: str = "", timeout: float | None = None
    ) -> Iterator[Event]:
        """What happens to the case, as it comes, until it is over; through cuts and outages of the desk.

        `last_event_id` is the `id` of the last event that you had; else it begins with the handoff.

        Raises:
            StillOpen: `timeout` seconds are over.
        """
        return self._runner.follow(self._planner.follow(handoff, last_event_id, timeout))

    def add_messages(
        self, handoff: HandoffRef, messages: Sequence[Json], *, idempotency_key: str | None = None
    ) -> Case:
        """Tell what the user or the agent said since."""
        make = partial(calls.add_messages, messages=messages, key=idempotency_key, redact=self._redact)
        return self._run(self._outbox.say(handoff, make))

    def turns(self, handoff: HandoffRef, *, after: str = "0") -> Iterator[Turn]:
        """The conversation since the handoff, behind the turn with the id `after`."""
        has_more = True
        while has_more:
            page = self._run(self._planner.call(calls.turns(handoff, after=after)))
            yield from page.items
            after, has_more = page.cursor, page.has_more

    def typing(self, handoff: HandoffRef) -> None:
        """Show the operator for 6 s that the user is typing."""
        self._run(self._planner.call(calls.typing(handoff)))

    def handoffs(self, **filters: Unpack[HandoffFilters]) -> Iterator[CaseSummary]:
        """The agent's own handoffs, newest first."""
        cursor: str | None = None
        while True:
            call = calls.list_handoffs({**filters, "cursor": cursor})
            page = self._run(self._planner.call(call))
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def ack(
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
        `acknowledged` takes it up, `applied` says that it was carried out. `acknowledged` never waits in the
        spool. Of a decision that is your own fallback the desk is told nothing.

        Raises:
            AlreadyApplied, AlreadyTaken, DecisionExpired: do not go on with the decision.
        """
        make = partial(
            calls.ack,
            outcome=outcome,
            detail=detail,
            carried_out=carried_out,
            key=idempotency_key,
            redact=self._redact,
        )
        return self._run(self._outbox.ack(handoff, make, outcome))

    def cancel(self, handoff: HandoffRef, *, reason: str = "") -> Case:
        """Withdraw the case."""
        make = partial(calls.cancel, reason=reason, redact=self._redact)
        return self._run(self._outbox.say(handoff, make))

    def should_escalate(self, **signals: Unpack[CheckFields]) -> Verdict:
        """Whether the policy of the agent's version asks for a person, with every reason. Nothing is kept."""
        return self._run(self._planner.call(calls.check(signals, redact=self._redact)))

    def checkpoint(
        self, *, idempotency_key: str | None = None, **output: Unpack[CheckpointFields]
    ) -> CheckpointResult:
        """Whether the output of a step, or what a tool answered, is what it must be, and where it is not.

        With `handoff`, a failure that the policy asks a person about opens that case: once for each
        `idempotency_key`.
        """
        call = calls.checkpoint(output, key=idempotency_key, redact=self._redact)
        return self._run(self._planner.call(call))

    def register_schema(self, step: str, schema: Json) -> RegisteredSchema:
        """Say by a JSON Schema what the output of a step must look like; the same again changes nothing."""
        return self._run(self._planner.call(calls.register_schema(step, schema)))

    def report_run(self, *, review: Review | None = None, **run: Unpack[RunFields]) -> None:
        """Tell of a run that finished without a handoff. It is sent in a batch in a moment: see `Batching`.

        `review` is the full state of the run, or a function that gives it: fields of a handoff, `messages`
        at least. It is sent if the desk draws the run for an audit.
        """
        self._runs.add(run, review)
        self._keeper.wake()

    def report_runs(self, runs: Sequence[RunFields]) -> RunsTaken:
        """Send finished runs now. Each is taken or refused by itself; the answer says which and why."""
        return self._run(self._runs.report(runs))

    def flush(self) -> RunsTaken:
        """Send what `report_run` has collected, now. What cannot be sent is kept."""
        return self._run(self._runs.flush())

    def send_in_full(self, **handoff: Unpack[ReviewFields]) -> Case:
        """Hand in the full state of a run that the desk has drawn for an audit (`RunsTaken.send_in_full`)."""
        call = calls.send_in_full(handoff, redact=self._redact)
        return self._run(self._planner.call(call))

    def replay(self) -> Replayed:
        """Send what waits in the spool, the oldest first. It ends when all is sent or the desk is away."""
        return self._run(self._outbox.replay())

    def close(self) -> None:
        """Send the runs that are left, or keep them in the spool, and close the connections."""
        self._runs.close()
        self._keeper.stop()
        try:
            self._runner.run(self._runs.flush_quietly(attempts=2))
        finally:
            self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _keep(self) -> float | None:
        if self._runs.due_in() == 0:
            self._runner.run(self._runs.flush_quietly(attempts=1))
        if self._replaying.due_in() == 0:
            self._runner.run(self._replaying.replay())
        return sooner(self._runs.due_in(), self._replaying.due_in())

    def _run(self, plan: Plan[T]) -> T:
        if self._replaying.due_in() is not None:
            self._keeper.wake()
        return self._runner.run(plan)

    def _after_fork(self) -> None:
        self._breaker.start_afresh()
        self._runner.start_afresh()
        self._runs.forget()
        self._keeper.start_afresh()
