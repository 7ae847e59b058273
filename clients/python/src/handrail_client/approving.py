"""A call of a tool that needs approval: proposed, decided, and run once as decided, or not at all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import BoundArguments
from typing import Any, Literal
from uuid import uuid4

from .answers import ActionWord, Case, DecidedAction, Decision
from .calls import HandoffRef
from .canonical import digest
from .errors import DecisionExpired, NotPossibleNow, StillOpen
from .flows import Ask, Do, Flow
from .hints import Misfit
from .outcomes import NotRun, Rejected, StillPending, WhyNot, words_of
from .recorder import Recorder, shortened
from .recording import described
from .tools import Tool

Risk = Literal["low", "medium", "high", "critical"]


@dataclass(frozen=True)
class Rules:
    """How a tool is approved; `guards.needs_approval` says what each means."""

    risk: Risk | None = None
    when: Callable[..., Any] | None = None
    allowed: Sequence[ActionWord] = ("approve", "edit", "reject")
    question: str = ""
    wait: float | None = None
    handoff: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GuardedCall:
    """One call of a tool, as the agent made it."""

    tool: Tool
    rules: Rules
    recorder: Recorder
    bound: BoundArguments

    def carry_out(self) -> Flow[Any]:
        """Run it; where it needs approval, propose it, wait, and do what was decided."""
        rules, arguments = self.rules, self.tool.arguments(self.bound)
        if rules.when is not None and not (yield self.tool.asking(rules.when, self.bound)):
            return (yield from self._run(self.bound))
        question, action = rules.question or self._question(arguments), self._action(arguments)
        more = {"question": question, "pending_actions": [action]} | dict(rules.handoff)
        case = yield from self.recorder.handing_off("approval", "policy", more)
        return (yield from self.go_on(case))

    def go_on(self, handoff: HandoffRef) -> Flow[Any]:
        """Wait for the decision, and do that."""
        case = yield from self._wait(handoff)
        decision = case.decision
        if decision is None or decision.decision == "cancel":
            why: WhyNot = "expired" if case.state == "expired" else "withdrawn"
            raise self._not(why, f"the case is {case.state}.", case)
        action = decision.actions[0] if decision.actions else None
        if case.is_fallback:
            return (yield from self._fall_back(case, decision))
        yield from self._take(case)
        if action is not None and action.decision in ("approve", "edit"):
            call = yield from self._approved(case, action)
            return (yield from self._run(call, case, action))
        return (yield from self._refused(case, decision, action))

    def _wait(self, handoff: HandoffRef) -> Flow[Case]:
        if isinstance(handoff, Case) and handoff.is_fallback:
            return handoff
        waiting = {"handoff": handoff, "timeout": self.rules.wait}
        try:
            case: Case = yield Ask(self.recorder.identity.desk, "wait", waiting)
        except StillOpen as still:
            known = still.case or (handoff if isinstance(handoff, Case) else None)
            if known is None:
                raise
            raise StillPending(known, self.tool.name) from None
        return case

    def _take(self, case: Case) -> Flow[None]:
        """Take the decision up before anything is done by it; of all who try, the desk lets one."""
        took = {"handoff": case, "outcome": "acknowledged", "detail": "The agent goes on with it."}
        try:
            told = yield Ask(self.recorder.identity.desk, "ack", took | {"idempotency_key": str(uuid4())})
        except DecisionExpired:
            words = "the decision is not valid any more."
            raise (yield from self._late(case, "too_late", words)) from None
        except NotPossibleNow:
            words = "the decision was used before. See whether it was carried out."
            raise self._not("used", words, case) from None
        if told.is_spooled:
            words = "the desk is away, so nobody can tell whether the decision was used before."
            raise self._not("used", words, case)

    def _approved(self, case: Case, action: DecidedAction) -> Flow[BoundArguments]:
        """The call as it was approved or edited. Raises NotRun if it is not the one that was looked at."""
        if digest(self.tool.arguments(self.bound)) != action.digest_seen:
            words = "the arguments are not those that the person saw."
            raise (yield from self._late(case, "arguments_changed", words))
        if action.decision == "approve":
            return self.bound
        try:
            return self.tool.edited(self.bound, action.arguments or {})
        except Misfit as misfit:
            raise (yield from self._late(case, "arguments_unfit", f"{misfit}.")) from None

    def _late(self, case: Case, why: WhyNot, words: str) -> Flow[NotRun]:
        """The decision cannot be carried out any more; the desk is told."""
        refusal = self._not(why, words, case)
        yield from self.recorder.telling(case, "late", str(refusal))
        return refusal

    def _refused(self, case: Case, decision: Decision, action: DecidedAction | None) -> Flow[Any]:
        word = action.decision if action else decision.decision
        message = action.message if action and action.message else words_of(decision)
        yield from self.recorder.telling(case, "applied", f"{self.tool.name} was not run, as decided.")
        if word == "respond":
            return message
        if word == "reject":
            raise Rejected(case, self.tool.name, message, by_person=decision.decided_by.type == "human")
        raise self._not("taken_over", "a person took over.", case)

    def _fall_back(self, case: Case, decision: Decision) -> Flow[Any]:
        """Do what the engineer chose for when nobody is there; people need not decide it any more."""
        yield from self.recorder.withdrawing(case, "The agent went on with its fallback.")
        message = decision.actions[0].message if decision.actions else words_of(decision)
        if decision.decision == "approve":
            return (yield from self._run(self.bound))
        if decision.decision == "respond":
            return message
        raise Rejected(case, self.tool.name, message, by_person=False)

    def _run(
        self, call: BoundArguments, case: Case | None = None, action: DecidedAction | None = None
    ) -> Flow[Any]:
        """Run it for real, and tell what happened."""
        tool, recorder = self.tool, self.recorder
        arguments = tool.arguments(call)
        try:
            with recorder.tool(tool.name, arguments) as running:
                running.result = yield Do(tool.function, call.args, call.kwargs)
        except GeneratorExit:  # nobody is there to say anything
            raise
        except BaseException as error:
            yield from self._tell(case, action, arguments, f" and failed: {described(error)}")
            raise
        gave = f" and gave {running.fault.detail}" if running.fault else ""
        yield from self._tell(case, action, arguments, gave)
        return running.result

    def _tell(
        self, case: Case | None, action: DecidedAction | None, arguments: dict[str, Any], how: str
    ) -> Flow[None]:
        if case is not None and action is not None:
            made = [{"tool_call_id": action.tool_call_id, "digest": digest(arguments)}]
            words = f"{self.tool.name} was run{how}."
            yield from self.recorder.telling(case, "applied", words, carried_out=made)

    def _question(self, arguments: dict[str, Any]) -> str:
        named = ", ".join(f"{name} {value}" for name, value in arguments.items() if value is not None)
        return f"May I run {self.tool.name}{' with ' if named else ''}{shortened(named)}?"

    def _action(self, arguments: dict[str, Any]) -> dict[str, Any]:
        rules, tool = self.rules, self.tool
        action = {
            "tool_call_id": f"call_{uuid4().hex[:16]}",
            "name": tool.name,
            "arguments": arguments,
            "input_schema": dict(tool.schema),
            "allowed_decisions": list(rules.allowed),
            "digest": digest(arguments),
        }
        more = {"description": tool.description, "risk": rules.risk}
        return action | {name: value for name, value in more.items() if value}

    def _not(self, why: WhyNot, words: str, case: Case) -> NotRun:
        return NotRun(why, f"{self.tool.name} was not run: {words}", case=case)
