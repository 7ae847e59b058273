"""What a run and its desk say to each other, as flows: handoffs, checks, and its report when it is over."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar, Token
from dataclasses import dataclass, replace
from typing import Any

from . import plain
from .answers import Case, Outcome
from .errors import HandrailError
from .fallbacks import Fallback
from .flows import Ask, Desk, Flow, Result
from .handoffs import Agent as AgentFields
from .handoffs import Json, Kind, Reason
from .outcomes import NoRun
from .recording import Recording, member
from .verdicts import CheckpointResult, Verdict

log = logging.getLogger("handrail_client")

# What the desk takes at most; the rest is room for what goes beside it.
_MESSAGES_MAX = 2_000
_BYTES_MAX = 3_500_000
_LONGEST = (200_000, 20_000, 2_000, 200)
_LAST_WORDS = 4_000
_HEADLINE = 160
_current: ContextVar["Recorder | None"] = ContextVar("handrail_run", default=None)


def current_run() -> "Recorder | None":
    """The run that is under way in this task or thread; None outside all."""
    return _current.get()


@dataclass(frozen=True)
class Identity:
    """Which agent it is, and at which desk."""

    desk: Desk
    fields: AgentFields


class Recorder(Recording):
    """A run that knows its agent. `case` is the latest handoff, None if there was none."""

    def __init__(self, identity: Identity, **about: str) -> None:
        super().__init__(**about)
        self.identity = identity
        self.case: Case | None = None
        self._token: Token[Recorder | None] | None = None

    def open(self) -> None:
        """Make it the current run of this task or thread."""
        self._token = _current.set(self)

    def shut(self) -> None:
        """The current run is what it was before."""
        if self._token is not None:
            with suppress(ValueError):  # it was opened in a task of its own
                _current.reset(self._token)
            self._token = None

    def handing_off(
        self, kind: Kind, reason: Reason, more: Mapping[str, Any], **how: str | Fallback | None
    ) -> Flow[Case]:
        """Hand off with all that was recorded; `more` goes before it."""
        document = self.full_state() | {"kind": kind, "reason": reason} | dict(more)
        case: Case = yield Ask(self.identity.desk, "hand_off", {**how, **document})
        self.case = case
        return case

    def checking(self, more: Mapping[str, Any]) -> Flow[Verdict]:
        """Ask whether the policy wants a person, by what was recorded; `more` goes before it."""
        signals = {
            **self._known("agent", "confidence", "confidence_source", "category"),
            "usage": self.usage(),
            "tool_failures": self.tool_failures,
            "failed_checkpoints": self.failed_checks()[:200],
            "last_user_message": self.last_user_message(),
        }
        verdict: Verdict = yield Ask(self.identity.desk, "should_escalate", signals | dict(more))
        return verdict

    def checking_output(
        self, name: str, output: object, tool_result: Json | None, *, hand_off: bool
    ) -> Flow[CheckpointResult]:
        """Have the desk look at the output of a step, and record what it found with the step."""
        asked = self._known("agent", "run_id", "conversation_id") | {
            "step": name,
            "output": plain.shown(output),
        }
        asked |= {"tool_result": tool_result} if tool_result is not None else {}
        with self.this_step(name) as step:
            step.output = step.output if step.output is not None else plain.shown(output)
            found: CheckpointResult = yield Ask(self.identity.desk, "checkpoint", asked)
            step.checked(found.passed, _flaws(found), schema=f"{name} {found.schema_version or ''}".strip())
        if hand_off and found.hand_off_as is not None:
            kind, reason = found.hand_off_as.kind, found.hand_off_as.reason
            more = {"question": f"What should {name} have given? {shortened(found.detail)}".strip()}
            case = yield from self.handing_off(kind, reason, more)  # type: ignore[arg-type]  # new words pass through
            found = replace(found, handoff=case)
        return found

    def telling(
        self, case: Case, outcome: Outcome, detail: str, *, carried_out: Sequence[Mapping[str, str]] = ()
    ) -> Flow[None]:
        """Tell the desk what became of a decision. What was done stays done: a failure is logged."""
        if case.is_fallback:
            return  # it was no decision of the desk
        told = {"handoff": case, "outcome": outcome, "detail": plain.text(detail)[:2_000]}
        try:
            yield Ask(self.identity.desk, "ack", told | {"carried_out": carried_out})
        except HandrailError as failure:
            log.warning("the desk was not told about %s: %s", case.id, failure)

    def withdrawing(self, case: Case, reason: str) -> Flow[None]:
        """Nobody need decide the case any more. What cannot be said is logged."""
        if case.unsent is not None:
            return  # the desk has not given it a name yet
        try:
            yield Ask(self.identity.desk, "cancel", {"handoff": case, "reason": reason})
        except HandrailError as failure:
            log.warning("the case %s could not be withdrawn: %s", case.id, failure)

    def leaving(self, error: BaseException | None) -> Flow[None]:
        """Record the error that ended it, if any, and report the run unless it was handed off.

        A run is never spoilt by its report: what goes wrong with that is logged.
        """
        self.finish()
        if error is not None:
            self.record_error(error)
        if self.case is not None or (error is not None and not isinstance(error, Exception)):
            return  # who interrupts a run wants it to end, not to be reported
        try:
            yield Ask(self.identity.desk, "report_run", {"review": self.full_state, **self._report()})
        except HandrailError as failure:
            log.warning("the run %s could not be reported: %s", self.run_id, failure)
        except Exception:  # of the engineer's own `redact`
            log.exception("the run %s could not be reported", self.run_id)

    def full_state(self) -> dict[str, Any]:
        """All that was recorded, as `POST /handoffs` takes it; long texts are cut if need be."""
        for longest in _LONGEST:
            document = self._everything(longest)
            if len(json.dumps(document)) <= _BYTES_MAX:
                break
        return document

    def _everything(self, longest: int) -> dict[str, Any]:
        messages = [plain.shown(message, longest=longest) for message in list(self.messages)]
        left_out = max(0, len(messages) - _MESSAGES_MAX)
        steps = [plain.shown(step.document(left_out), longest=longest) for step in list(self.steps)]
        names = ("agent", "conversation_id", "run_id", "category", "confidence", "confidence_source")
        return self._known(*names, "parent_handoff_id", "metadata") | {
            "messages": messages[left_out:],
            "steps": steps[-_MESSAGES_MAX:],
            "usage": self.usage(),
            "context": plain.shown(self.context, longest=longest),
        }

    def _report(self) -> dict[str, Any]:
        names = ("agent", "run_id", "conversation_id", "category", "confidence", "confidence_source")
        return self._known(*names) | {"usage": self.usage(), "tool_errors": self.tool_failures}

    def _known(self, *names: str) -> dict[str, Any]:
        """What is known under these names; what is not known is not said."""
        known = {
            "agent": self.identity.fields,
            "run_id": self.run_id,
            "conversation_id": self.conversation_id,
            "category": self.category,
            "confidence": self.confidence,
            "confidence_source": self.confidence_source,
            "parent_handoff_id": str(self.case.id) if self.case and self.case.unsent is None else None,
            "metadata": plain.shown(self.metadata),
        }
        return {name: known[name] for name in names if known[name] not in (None, "", {})}

    def last_user_message(self) -> str:
        """What the user said last, as far as a check reads it; empty if they said nothing in words."""
        said = (member(m, "content") for m in reversed(list(self.messages)) if member(m, "role") == "user")
        words = next(said, None)
        return words[:_LAST_WORDS] if isinstance(words, str) else ""


def _flaws(found: CheckpointResult) -> list[dict[str, str]]:
    flaws = [{"pointer": error.pointer, "detail": error.detail} for error in found.errors]
    return flaws or ([{"pointer": "", "detail": found.detail}] if found.detail else [])


def shortened(words: str) -> str:
    """What fits into a headline."""
    words = " ".join(words.split())
    return words if len(words) <= _HEADLINE else f"{words[:_HEADLINE]}…"


def within_run(
    identity: Identity | None, decorator: str, name: str, work: Callable[[Recorder], Flow[Result]]
) -> Flow[Result]:
    """Do the work in the current run, or in one of its own where there is none of this agent.

    Raises:
        NoRun: nobody said which agent it is.
    """
    recorder = current_run()
    if recorder is not None and identity in (None, recorder.identity):
        return (yield from work(recorder))
    if identity is None:
        raise NoRun(decorator, name)
    own = Recorder(identity)
    own.open()
    failure: BaseException | None = None
    try:
        return (yield from work(own))
    except BaseException as error:
        failure = error
        raise
    finally:
        own.shut()
        yield from own.leaving(failure)
