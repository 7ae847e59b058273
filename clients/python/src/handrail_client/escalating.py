"""An answer that the agent is not sure enough of: it goes to a person, with all that is known."""

import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from . import plain
from .answers import Case
from .errors import HandrailError, StillOpen
from .flows import Ask, Do, Flow
from .handoffs import Kind, Reason
from .outcomes import Decided, NoConfidence, Pending, words_of
from .recorder import Recorder, shortened
from .recording import described
from .verdicts import Verdict

log = logging.getLogger("handrail_client")

OnError = Literal["raise", "hand_off"]
NO_FALLBACK = object()


@dataclass(frozen=True)
class Threshold:
    """When an answer goes to a person, and what comes back; `guards.escalates` says what each means."""

    below: float
    extract: Callable[[Any], Any] | None = None
    on_error: OnError = "raise"
    policy: bool = False
    wait: float | None = 0
    resume: Callable[[Decided], Any] | None = None
    fallback: Any = NO_FALLBACK
    question: str = ""
    handoff: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """The agent's own answer, None if it failed, and how sure it is of it."""

    answer: Any = None
    confidence: float | None = None
    error: Exception | None = None


@dataclass(frozen=True)
class AskedCall:
    """One call of a function that may escalate. `given` are its arguments by name."""

    name: str
    function: Callable[..., Any]
    threshold: Threshold
    recorder: Recorder
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    given: Mapping[str, Any]

    def carry_out(self) -> Flow[Any]:
        """Call the function; give its result back as it is, or what comes of handing it off."""
        self._hear()
        result, draft = yield from self._draft()
        if draft.confidence is not None:
            self.recorder.sure(draft.confidence)
        as_what = yield from self._why(draft)
        if as_what is None:
            return result
        try:
            case = yield from self._hand_off(draft, *as_what)
        except HandrailError as error:
            if self.threshold.fallback is NO_FALLBACK:
                raise
            log.warning("%s goes on without a person: %s", self.name, error)
            return (yield from self._without(Pending(None, draft.answer, draft.confidence, error)))
        return (yield from self._come_back(case, draft))

    def _hear(self) -> None:
        """Without messages of the run's own, the call itself is what the user wanted."""
        if self.recorder.messages:
            return
        given = list(self.given.values())
        messages = next((each for each in given if isinstance(each, list) and each and _is_chat(each)), None)
        words = next((each for each in given if isinstance(each, str)), None)
        if messages is not None:
            self.recorder.messages.extend(messages)
        else:
            self.recorder.say("user", words or f"{self.name}({plain.shown(self.given)})")

    def _draft(self) -> Flow[tuple[Any, Draft]]:
        """What the function returned, and the answer in it."""
        threshold = self.threshold
        failure: Exception | None = None
        with self.recorder.step(self.name, input=self.given) as step:
            try:
                result = yield Do(self.function, self.args, self.kwargs)
                step.output = plain.shown(result)
                return result, draft_of(self.name, result, threshold.extract)
            except Exception as error:
                if threshold.on_error == "raise":
                    raise
                failure = error
                step.output, step.status, step.error = described(error), "error", error
        return None, Draft(error=failure)

    def _why(self, draft: Draft) -> Flow[tuple[Kind, Reason] | None]:
        """How to hand off; None if the answer is good enough."""
        if draft.error is not None:
            return "question", "tool_error"
        if draft.confidence is not None and draft.confidence < self.threshold.below:
            return "approval", "low_confidence"
        if not self.threshold.policy:
            return None
        try:
            verdict: Verdict = yield from self.recorder.checking({})
        except HandrailError as error:
            log.warning("%s: the policy could not be asked, so `below` alone counts: %s", self.name, error)
            return None
        if not verdict.escalate:
            return None
        found = verdict.handoff
        return (found.kind, found.reason) if found else ("approval", "policy")  # type: ignore[return-value]  # new words of a desk pass through

    def _hand_off(self, draft: Draft, kind: Kind, reason: Reason) -> Flow[Case]:
        threshold = self.threshold
        more: dict[str, Any] = {"question": self._question(draft), "confidence_threshold": threshold.below}
        if draft.error is None:
            suggestion = {"content": _words(draft.answer), "confidence": draft.confidence}
            more["suggestions"] = [suggestion]
        return (yield from self.recorder.handing_off(kind, reason, more | dict(threshold.handoff)))

    def _question(self, draft: Draft) -> str:
        if self.threshold.question:
            return self.threshold.question
        if draft.error is not None:
            return f"What should the answer be? The agent failed: {described(draft.error)}"[:2_000]
        asked = self.recorder.last_user_message()
        return f"Is my answer right? “{shortened(asked)}”" if asked else "Is my answer right?"

    def _come_back(self, case: Case, draft: Draft) -> Flow[Any]:
        if case.unsent is not None and not case.is_fallback and self.threshold.fallback is not NO_FALLBACK:
            return (yield from self._without(Pending(case, draft.answer, draft.confidence)))
        if not case.is_fallback and (self.threshold.wait is None or self.threshold.wait > 0):
            try:
                waiting = {"handoff": case, "timeout": self.threshold.wait}
                case = yield Ask(self.recorder.identity.desk, "wait", waiting)
            except StillOpen as still:
                case = still.case or case
        decision = case.decision
        if decision is None or decision.decision == "cancel":
            return (yield from self._without(Pending(case, draft.answer, draft.confidence)))
        decided = decided_of(case, draft.answer)
        try:
            found = decided
            if self.threshold.resume is not None:
                found = yield Do(self.threshold.resume, (decided,))
        except Exception as error:
            yield from self.recorder.telling(case, "acknowledged", f"The agent failed: {described(error)}")
            raise
        yield from self.recorder.telling(case, "applied", "The agent went on with it.")
        return found

    def _without(self, pending: Pending) -> Flow[Any]:
        """What to go on with where nobody decided."""
        fallback = self.threshold.fallback
        if fallback is NO_FALLBACK:
            return pending
        return (yield Do(fallback, (pending,))) if callable(fallback) else fallback


def draft_of(name: str, result: Any, extract: Callable[[Any], Any] | None) -> Draft:
    """The answer and the confidence in a function's result.

    Raises:
        NoConfidence: there is no confidence, or it is not from 0 to 1; says what to do.
    """
    found = extract(result) if extract else result
    if extract and _is_number(found):
        answer, confidence = result, found
    elif isinstance(found, tuple) and len(found) == 2:
        answer, confidence = found
    elif isinstance(found, Mapping) and "confidence" in found:
        answer, confidence = found.get("answer", found), found["confidence"]
    elif hasattr(found, "confidence"):
        answer, confidence = getattr(found, "answer", found), found.confidence
    else:
        raise NoConfidence(
            f"{name} returned {type(found).__name__} without a confidence: return (answer, confidence), or "
            "something with .answer and .confidence, or tell escalates how to find it: extract=…"
        )
    if not _is_number(confidence):
        raise NoConfidence(
            f"{name}: the confidence is {confidence!r}, not a number; if it is unknown, return 0.0"
        )
    if not 0 <= confidence <= 1:
        raise NoConfidence(
            f"{name}: the confidence is {confidence}, not from 0 to 1; divide percentages by 100"
        )
    return Draft(answer, float(confidence))


def decided_of(case: Case, draft: Any = None) -> Decided:
    """The decision of a case, and what to say by it; `draft` is what the agent would have said.

    Raises:
        ValueError: there is no decision.
    """
    decision = case.decision
    if decision is None:
        raise ValueError(f"case {case.id} has no decision: it is {case.state}")
    if decision.decision == "reject":
        return Decided(case, decision, None, words_of(decision))
    if decision.decision == "takeover":
        return Decided(case, decision, None)
    if decision.decision == "respond" and decision.response is not None:
        return Decided(case, decision, decision.response)
    if decision.decision == "approve":
        return Decided(case, decision, draft)
    return Decided(case, decision, words_of(decision))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_chat(messages: list[Any]) -> bool:
    return all(isinstance(each, Mapping) and "role" in each for each in messages)


def _words(answer: Any) -> str:
    found = plain.shown(answer)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
