"""What became of a case, once for each tool call that the agent held back: what all formats are made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from escalations.models import DecidedBy, Decision, Handoff, Resolution

# Why a call is not made where nobody said it in words of their own.
_WHY_NOT: Mapping[str, str] = {
    Decision.REJECT: "A person refused this call.",
    Decision.TAKEOVER: "A person took over and does what is needed. Do not make this call.",
}
_UNDECIDED = "Nobody decided in time. The call was not made."
# More names of interrupts and calls than a run has would only make the answer long.
_NAMES_MAX = 1_000
_NOT_SHOWN = "Nobody was asked about this call. It was not made."


@dataclass(frozen=True)
class Verdict:
    """What to do with one tool call.

    `arguments` are those to call with. `words` are the person's: the reason of a refusal, or the answer that
    takes the place of the call's result. `refusal` is what the model reads in its place where it is not made.
    """

    tool_call_id: str
    name: str
    decision: str
    arguments: dict[str, Any]
    words: str
    refusal: str

    @property
    def is_made(self) -> bool:
        return self.decision in (Decision.APPROVE, Decision.EDIT)


@dataclass(frozen=True)
class Outcome:
    """A decision about a whole case.

    `decided_by` is the name of a person, or what decided instead. `answer` is what was asked for: the
    `response` where there is one, else the message. `interrupts` are the agent's: which pause of its run
    asked about which calls (a list, one, or None where it asked about none). `case_id`, `conversation_id` and
    `decided_at` say of what, and when.
    """

    decision: str
    decided_by: str
    in_time: bool
    message: str
    answer: Any
    verdicts: list[Verdict]
    interrupts: dict[str, list[str] | str | None]
    case_id: str
    conversation_id: str
    decided_at: datetime

    @property
    def answer_text(self) -> str:
        return self.answer if isinstance(self.answer, str) else json.dumps(self.answer, ensure_ascii=False)

    def verdict_on(self, tool_call_id: str) -> Verdict:
        """About one call; about a call that was not handed off: not to be made."""
        for verdict in self.verdicts:
            if verdict.tool_call_id == tool_call_id:
                return verdict
        return Verdict(tool_call_id, "", Decision.REJECT, {}, "", _NOT_SHOWN)


def outcome_of(resolution: Resolution, handoff: Handoff) -> Outcome:
    """What `resolution`, with its operator loaded, says of the handoff."""
    payload = handoff.payload
    outcome = Outcome(
        decision=resolution.decision,
        decided_by=str(resolution.operator) if resolution.operator else resolution.decided_by,
        in_time=resolution.decided_by != DecidedBy.TIMEOUT,
        message=resolution.message,
        answer=resolution.message if resolution.response is None else resolution.response,
        verdicts=[],
        interrupts=_interrupts(payload.get("metadata") or {}),
        case_id=str(resolution.case_id),
        conversation_id=payload.get("conversation_id") or "",
        decided_at=resolution.created_at,
    )
    decided = {action["tool_call_id"]: action for action in resolution.actions}
    for proposed in payload.get("pending_actions") or []:
        outcome.verdicts.append(_verdict(proposed, decided.get(proposed["tool_call_id"], {}), outcome))
    return outcome


def _verdict(proposed: Mapping[str, Any], decided: Mapping[str, Any], outcome: Outcome) -> Verdict:
    """A call that the decision does not name shares the decision of the case, as where time ran out."""
    decision = decided.get("decision") or outcome.decision
    of_the_case = outcome.answer_text if decision == Decision.RESPOND else outcome.message
    words = decided.get("message") or of_the_case
    why_not = _WHY_NOT.get(decision) if outcome.in_time else _UNDECIDED
    edited = decided.get("arguments") if decision == Decision.EDIT else None
    return Verdict(
        tool_call_id=proposed["tool_call_id"],
        name=proposed["name"],
        decision=decision,
        arguments=proposed.get("arguments") or {} if edited is None else edited,
        words=words,
        refusal=words if decision == Decision.RESPOND else " ".join(filter(None, [why_not, words])),
    )


def _interrupts(metadata: Mapping[str, Any]) -> dict[str, list[str] | str | None]:
    """`metadata.interrupts` if it is as documented; metadata are the agent's and may be anything."""
    found = metadata.get("interrupts")
    if not isinstance(found, dict) or not all(map(_names_calls, found.values())):
        return {}
    names = sum(len(calls) if isinstance(calls, list) else 1 for calls in found.values())
    return found if names <= _NAMES_MAX else {}


def _names_calls(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return value is None or isinstance(value, str)
