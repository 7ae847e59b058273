"""What a run did, as the desk wants to know it. Nothing is sent here; threads and tasks may share it."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import RLock
from typing import Any, Literal
from uuid import uuid4

from . import plain
from .faults import Fault, fault_of
from .handoffs import ConfidenceSource

Status = Literal["ok", "failed", "error", "skipped", "running"]

# The innermost step that is under way in this task or thread, with the recording that it belongs to.
_under_way: ContextVar["Step | None"] = ContextVar("handrail_step", default=None)


class Step:
    """One thing that a run did. Set `output` while it is under way; `status` is found unless it is set."""

    def __init__(self, recording: "Recording", number: str, name: str, input: object) -> None:
        self.recording = recording
        self.id = number
        self.name = plain.text(name)[:200] or "step"
        self.input = plain.shown(input)
        self.output: object = None
        self.status: Status = "running"
        self.error: BaseException | None = None
        self.fault: Fault | None = None
        self.message_index: int | None = len(recording.messages) - 1 if recording.messages else None
        self.children = 0
        self._checkpoint: dict[str, Any] | None = None
        self._started_at, self._started = datetime.now(UTC), time.monotonic()
        self._seconds: float | None = None

    def checked(
        self, passed: bool, errors: Sequence[object] = (), *, schema: str | Mapping[str, Any] = ""
    ) -> None:
        """What your own check of the output said; `schema` is what it was checked against, or its name."""
        self._checkpoint = {"passed": passed, "errors": plain.shown(list(errors))[:200]}
        if schema:
            self._checkpoint["schema"] = schema

    @property
    def has_failed_check(self) -> bool:
        return self._checkpoint is not None and not self._checkpoint["passed"]

    @property
    def _has_failed(self) -> bool:
        return self.fault is not None and self.fault.is_failure

    def end(self, error: BaseException | None = None) -> None:
        """It is over; by `error`, if any."""
        self._seconds = time.monotonic() - self._started
        if error is not None:
            self.error, self.status = error, "error"
            self.output = self.output if self.output is not None else described(error)
        elif self.status == "running":
            self.status = "failed" if self.has_failed_check or self._has_failed else "ok"

    def document(self, left_out: int = 0) -> dict[str, Any]:
        """As `POST /handoffs` takes it, where so many of the first messages are left out."""
        over = None if self._seconds is None else self._started_at + timedelta(seconds=self._seconds)
        at = -1 if self.message_index is None else self.message_index - left_out
        checkpoint = self._checkpoint
        if checkpoint is None and self.fault is not None:
            passed = not self.fault.is_failure
            checkpoint = {"schema": "tool result", "passed": passed, "errors": [self.fault.detail]}
        told = {
            "started_at": self._started_at.isoformat(),
            "ended_at": over and over.isoformat(),
            "message_index": at if at >= 0 else None,
            "checkpoint": checkpoint,
            "input": self.input,
            "output": plain.shown(self.output),
        }
        known = {name: value for name, value in told.items() if value is not None}
        return {"id": self.id, "name": self.name, "status": self.status} | known


class ToolCall:
    """A call of a tool that is under way. Set `result`; what is wrong with it is in `fault` afterwards."""

    def __init__(self, step: Step) -> None:
        self.result: object = None
        self._step = step

    @property
    def fault(self) -> Fault | None:
        return self._step.fault


class Recording:
    """The messages, steps, usage and tool results of one run.

    `messages` is a list of OpenAI chat messages, mappings or objects of that library; append to it, or use
    `say`. `context` has what a restart needs: facts, decisions, preferences.
    """

    def __init__(self, *, conversation_id: str = "", category: str = "", run_id: str = "") -> None:
        self.conversation_id = conversation_id
        self.category = category
        self.run_id = run_id or str(uuid4())
        self.confidence: float | None = None
        self.confidence_source: ConfidenceSource | None = None
        self.messages: list[Any] = []
        self.steps: list[Step] = []
        self.context: dict[str, Any] = {"facts": {}, "decisions": [], "preferences": {}}
        self.metadata: dict[str, Any] = {}
        self.tool_failures = 0
        self._outermost = 0
        self._lock = RLock()
        self._started = time.monotonic()
        self._seconds: float | None = None
        self._turns: int | None = None
        self._context_tokens: int | None = None
        self._cost_usd: Decimal | None = None
        self._retries: int | None = None

    def say(self, role: Literal["user", "assistant", "system", "tool"], content: str, **more: Any) -> None:
        """Add a message."""
        with self._lock:
            self.messages.append({"role": role, "content": content, **more})

    def used(
        self,
        *,
        turns: int = 0,
        context_tokens: int | None = None,
        cost_usd: float | Decimal | str = 0,
        retries: int = 0,
    ) -> None:
        """Count what was used since: `turns`, `cost_usd` in dollars and `retries` add up.

        `context_tokens` is how full the context is now. Where no turns are counted, they are the messages
        of the assistant.
        """
        with self._lock:
            if turns:
                self._turns = (self._turns or 0) + turns
            if retries:
                self._retries = (self._retries or 0) + retries
            if cost_usd:
                self._cost_usd = (self._cost_usd or Decimal()) + Decimal(str(cost_usd))
            if context_tokens is not None:
                self._context_tokens = context_tokens

    def sure(self, confidence: float, *, source: ConfidenceSource = "self_report") -> None:
        """How sure the agent is of its answer, from 0 to 1.

        Raises:
            ValueError: it is not from 0 to 1.
        """
        if not 0 <= confidence <= 1:
            raise ValueError(f"a confidence is from 0 to 1, not {confidence!r}; divide percentages by 100")
        self.confidence, self.confidence_source = float(confidence), source

    @contextmanager
    def step(self, name: str, *, input: object = None) -> Iterator[Step]:
        """Record a step; steps inside it belong to it. An exception makes it an error, and goes on."""
        step = self._begin(name, input)
        token = _under_way.set(step)
        try:
            yield step
        except BaseException as error:
            step.end(error)
            raise
        else:
            step.end()
        finally:
            _under_way.reset(token)

    @contextmanager
    def this_step(self, name: str) -> Iterator[Step]:
        """The step that is under way, if it has that name; else a new one."""
        step = _under_way.get()
        if step is not None and step.recording is self and step.name == name:
            yield step
        else:
            with self.step(name) as new:
                yield new

    @contextmanager
    def tool(
        self, name: str, arguments: Mapping[str, Any] | None = None, *, tool_call_id: str = ""
    ) -> Iterator[ToolCall]:
        """Record the call of a tool as a step, and look at what came back.

        The call and its result are added to the messages, unless you name its `tool_call_id`: then they are
        taken to be in your own messages.
        """
        with self.step(name, input=arguments or {}) as step:
            call = ToolCall(step)
            try:
                yield call
            except Exception as error:
                call.result = error
                raise
            finally:
                self._keep(step, call.result, arguments or {}, tool_call_id)

    def failed_checks(self) -> list[str]:
        """The names of the steps whose check failed."""
        return [step.name for step in list(self.steps) if step.has_failed_check]

    def usage(self) -> dict[str, Any]:
        """What was used so far, as the desk takes it; seconds are those of the clock on the wall."""
        said = sum(member(message, "role") == "assistant" for message in list(self.messages))
        with self._lock:
            told = {
                "turns": self._turns if self._turns is not None else said,
                "context_tokens": self._context_tokens,
                "cost_usd": self._cost_usd and str(self._cost_usd),
                "seconds": round(self._seconds or time.monotonic() - self._started, 3),
                "retries": self._retries,
            }
        return {name: value for name, value in told.items() if value is not None}

    def finish(self) -> None:
        """The run is over: its time stands still."""
        self._seconds = self._seconds or time.monotonic() - self._started

    def record_error(self, error: BaseException) -> None:
        """Make a step of an error that happened outside all steps."""
        if all(step.error is not error for step in list(self.steps)):
            self._begin("unexpected error", None).end(error)

    def _begin(self, name: str, input: object) -> Step:
        parent = _under_way.get()
        if parent is not None and parent.recording is not self:
            parent = None
        with self._lock:
            if parent is None:
                self._outermost += 1
                number = str(self._outermost)
            else:
                parent.children += 1
                number = f"{parent.id}.{parent.children}"
            step = Step(self, number, name, input)
            self.steps.append(step)
        return step

    def _keep(self, step: Step, result: object, arguments: Mapping[str, Any], tool_call_id: str) -> None:
        step.fault = fault_of(result)
        content = described(result) if isinstance(result, BaseException) else _content(result)
        step.output = step.output if step.output is not None else content
        with self._lock:
            self.tool_failures += step.fault is not None and step.fault.is_failure
            if not tool_call_id:
                step.message_index = len(self.messages)
                self.messages += _as_messages(f"{self.run_id[:100]}:{step.id}", step.name, arguments, content)


def member(message: object, name: str) -> Any:
    """What a message says under a name, whether it is a mapping or an object of some library."""
    return message.get(name) if isinstance(message, Mapping) else getattr(message, name, None)


def described(error: BaseException) -> str:
    """An error in a line."""
    return f"{type(error).__name__}: {plain.text(error)}".rstrip(": ")


def _content(result: object) -> Any:
    """What a tool sent back: the text of an answer by HTTP, else the value itself."""
    is_answer = isinstance(getattr(result, "status_code", None), int)
    return plain.shown(getattr(result, "text", "") if is_answer else result)


def _as_messages(call_id: str, name: str, arguments: Mapping[str, Any], content: Any) -> list[dict[str, Any]]:
    function = {"name": name, "arguments": _json(plain.shown(dict(arguments)))}
    called = {"id": call_id, "type": "function", "function": function}
    words = content if isinstance(content, str) else _json(content)
    return [
        {"role": "assistant", "content": None, "tool_calls": [called]},
        {"role": "tool", "tool_call_id": call_id, "content": words},
    ]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
