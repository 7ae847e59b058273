"""A run of an agent: what it did is recorded, handed off with everything, or reported when it is over."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, Unpack

from .aio import AsyncHandrail
from .answers import Case
from .fallbacks import Fallback
from .flows import arun, run
from .handoffs import Json, Kind, MoreFields, Reason
from .recorder import Recorder
from .sync import Handrail
from .verdicts import CheckpointResult, Verdict


class Run(Recorder):
    """A run in a thread: `with agent.run() as run`."""

    def hand_off(
        self,
        kind: Kind,
        reason: Reason,
        *,
        idempotency_key: str | None = None,
        fallback: Fallback | None = None,
        **more: Unpack[MoreFields],
    ) -> Case:
        """Hand the run to a person, with all that was recorded; fields given here go before that."""
        flow = self.handing_off(kind, reason, more, idempotency_key=idempotency_key, fallback=fallback)
        return run(flow)

    def checkpoint(
        self, step: str, output: object, *, tool_result: Json | None = None, hand_off: bool = False
    ) -> CheckpointResult:
        """Whether the output of a step is what its registered schema says; recorded with the step.

        `tool_result` says what else is known of a tool's answer: `status`, `http_status`, `content_type`.
        With `hand_off`, a failure that the policy asks a person about is handed off: the `handoff` of what
        comes back.
        """
        return run(self.checking_output(step, output, tool_result, hand_off=hand_off))

    def should_escalate(
        self, *, pending_actions: Sequence[Mapping[str, Any]] = (), asked_for_person: bool = False
    ) -> Verdict:
        """Whether the agent's policy wants a person, by what was recorded so far."""
        more = {"pending_actions": list(pending_actions), "asked_for_person": asked_for_person}
        return run(self.checking(more))

    def __enter__(self) -> Self:
        if not isinstance(self.identity.desk, Handrail):
            raise TypeError("this agent has an AsyncHandrail: use `async with`")
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shut()
        run(self.leaving(error))


class AsyncRun(Recorder):
    """A run in a task: `async with agent.run() as run`."""

    async def hand_off(
        self,
        kind: Kind,
        reason: Reason,
        *,
        idempotency_key: str | None = None,
        fallback: Fallback | None = None,
        **more: Unpack[MoreFields],
    ) -> Case:
        """Hand the run to a person, with all that was recorded; fields given here go before that."""
        flow = self.handing_off(kind, reason, more, idempotency_key=idempotency_key, fallback=fallback)
        return await arun(flow)

    async def checkpoint(
        self, step: str, output: object, *, tool_result: Json | None = None, hand_off: bool = False
    ) -> CheckpointResult:
        """Whether the output of a step is what its registered schema says; recorded with the step.

        `tool_result` says what else is known of a tool's answer: `status`, `http_status`, `content_type`.
        With `hand_off`, a failure that the policy asks a person about is handed off: the `handoff` of what
        comes back.
        """
        return await arun(self.checking_output(step, output, tool_result, hand_off=hand_off))

    async def should_escalate(
        self, *, pending_actions: Sequence[Mapping[str, Any]] = (), asked_for_person: bool = False
    ) -> Verdict:
        """Whether the agent's policy wants a person, by what was recorded so far."""
        more = {"pending_actions": list(pending_actions), "asked_for_person": asked_for_person}
        return await arun(self.checking(more))

    async def __aenter__(self) -> Self:
        if not isinstance(self.identity.desk, AsyncHandrail):
            raise TypeError("this agent has a Handrail: use `with`")
        self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shut()
        await arun(self.leaving(error))
