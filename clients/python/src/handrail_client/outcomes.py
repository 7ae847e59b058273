"""What comes of a handoff besides the answer hoped for, as types to look at or to catch."""

from dataclasses import dataclass
from typing import Any, Literal

from .answers import Case, Decision
from .errors import HandrailError

WhyNot = Literal[
    "rejected",
    "pending",
    "expired",
    "withdrawn",
    "taken_over",
    "arguments_changed",
    "arguments_unfit",
    "too_late",
    "used",
]


class NoRun(HandrailError):
    """A decorated function was called where nobody said which agent it belongs to."""

    def __init__(self, decorator: str, name: str) -> None:
        super().__init__(
            f"{decorator} does not know the agent of {name}: call it inside `with agent.run():`, "
            f"or decorate it with `@agent.{decorator}(…)`"
        )


class NoConfidence(HandrailError):
    """A function under `escalates` did not say how sure it is, or not so that it could be compared."""


@dataclass(frozen=True)
class Pending:
    """Nobody has decided: not yet, or not at all where `case` is over.

    `case` is None where the desk could not be reached; `error` says why. `answer` is the agent's own, which
    it was not sure enough of; None if it failed.
    """

    case: Case | None
    answer: Any = None
    confidence: float | None = None
    error: Exception | None = None


@dataclass(frozen=True)
class Decided:
    """A person decided, or the default that you chose for a case that runs out.

    `answer` is what to say: the agent's own where it was approved, else the person's; None where there is
    none: it was rejected, or somebody took over and talked to the user (`decision.messages`). `reason` is
    what the person said on rejecting.
    """

    case: Case
    decision: Decision
    answer: Any
    reason: str = ""


class NotRun(HandrailError):
    """A tool that needs approval was not run; the text says why, in words that a model can go on with.

    `why` is a word to act on. `message` is what the person said, if anything.
    """

    def __init__(self, why: WhyNot, text: str, *, case: Case, message: str = "") -> None:
        super().__init__(text)
        self.why: WhyNot = why
        self.case = case
        self.message = message


class Rejected(NotRun):
    """A person refused the call, or nobody decided in time and the default is to refuse it."""

    def __init__(self, case: Case, tool: str, message: str, *, by_person: bool) -> None:
        why = "a person refused it" if by_person else "nobody approved it in time"
        text = f"{tool} was not run: {why}. {message}".strip()
        super().__init__("rejected", text, case=case, message=message)


class StillPending(NotRun):
    """Nobody has decided yet. `resume` of the tool goes on with the case once somebody has."""

    def __init__(self, case: Case, tool: str) -> None:
        where = f"the case is {case.id}" if case.unsent is None else "the desk cannot be reached"
        text = f"{tool} was not run yet: a person has to approve it, and {where}."
        super().__init__("pending", text, case=case)


def words_of(decision: Decision) -> str:
    """What the person wrote with the decision: to the user, or to the agent where they rejected."""
    if decision.decision == "reject":
        # The last of the decisions to restart with is this one in words: "Reject: not without a receipt".
        return str(decision.resume.decisions[-1]).partition(": ")[2] if decision.resume.decisions else ""
    said = [message.get("content") for message in decision.messages if message.get("role") == "assistant"]
    return said[-1] if said and isinstance(said[-1], str) else ""
