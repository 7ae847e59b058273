"""How a handoff stands, as a tool tells it: a document for programs, and words for the model."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from agents_api import answers, auth
from agents_api.auth import Caller, Credentials
from agents_api.endpoints import turns
from agents_api.endpoints.handoffs import delivered, own_case
from agents_api.schemas.answers import Answer, ConversationTurn, Decision, DeliveryWord, WaitingWord
from escalations.models import Delivery, Escalation, State

Status = Literal["pending", "asked", "decided", "expired", "cancelled"]
_OVER: dict[str, Status] = {
    State.RESOLVED: "decided",
    State.EXPIRED: "expired",
    State.CANCELLED: "cancelled",
}


class Elicitation(BaseModel):
    """The decision as the result of an elicitation; `content` is there when it was accepted."""

    action: Literal["accept", "decline", "cancel"]
    content: dict[str, Any] | None = None


class Handoff(Answer):
    """A handoff as it stands."""

    handoff_id: UUID
    status: Status = Field(
        description="pending: nobody has decided. asked: a person asks you or your user something. decided: "
        "act on decision. expired: nobody decided in time; if there is a decision, it is the default."
    )
    state: State
    version: int
    repeated: bool = Field(description="The same request came before, and this is its case.")
    waiting_for: WaitingWord | None
    expected_wait_seconds: int | None
    turns: list[ConversationTurn] = Field(description="What people said since after_turn.")
    after_turn: Annotated[str, Field(description="Send it with the next check_handoff.")]
    decision: Decision | None
    delivery: DeliveryWord | None = Field(
        description="What became of the decision; applied and late are final."
    )
    elicitation: Elicitation | None


@dataclass(frozen=True)
class Standing:
    """One look at a case. A call has nothing more to wait for when it `settles`."""

    case: Escalation
    said: list[dict[str, Any]]
    after_turn: str

    @property
    def settles(self) -> bool:
        return not self.case.is_open or bool(self.said)

    def document(self, *, repeated: bool = False) -> dict[str, Any]:
        """The case as `Handoff` says."""
        case = json.loads(answers.case_json(self.case, format_name="mcp"))
        over = _OVER.get(case["state"])
        shown = ("state", "version", "waiting_for", "expected_wait_seconds", "decision", "delivery")
        return {
            "handoff_id": case["id"],
            "status": over or ("asked" if case["waiting_for"] else "pending"),
            "repeated": repeated,
            "turns": self.said,
            "after_turn": self.after_turn,
            "elicitation": case["resume_with"] or ({"action": "cancel"} if over else None),
        } | {name: case[name] for name in shown}


def look(credentials: Credentials, case_id: UUID, after_turn: str) -> Standing:
    """The case now, for who may see it now.

    Raises:
        Problem: the key is not valid any more.
        Escalation.DoesNotExist: there is no such case, or it is another agent's.
    """
    return standing_of(auth.identify(credentials), case_id, after_turn)


def standing_of(caller: Caller, case_id: UUID, after_turn: str) -> Standing:
    """The same for a caller who was just identified."""
    case = delivered(own_case(caller, case_id), how="MCP")
    page = turns.page_of(case, after=after_turn, limit=turns.PAGE_MAX)
    said = [turn for turn in page["items"] if turn["from"] == "operator"]
    return Standing(case, said, page["cursor"])


def in_words(told: dict[str, Any]) -> str:
    """The document for a model: what happened, what was said, and what to do now."""
    lines = [f"Handoff {told['handoff_id']}."]
    if told["repeated"]:
        lines.append("You asked the same before: this is that handoff, and no second one was made.")
    lines += [f"{turn['name'] or 'A person'} said: {_text(turn['content'])}" for turn in told["turns"]]
    decision = told["decision"]
    if decision:
        lines += _decision_in_words(decision)
    lines.append(_next(told).format(id=told["handoff_id"], turn=told["after_turn"]))
    return "\n".join(lines)


def _next(told: dict[str, Any]) -> str:
    if told["delivery"] in _ACTED_ON:
        return _ACTED_ON[told["delivery"]]
    return _NEXT["decided" if told["decision"] else told["status"]]


_CHECK = "check_handoff with handoff_id {id} and after_turn {turn}"
_NEXT: dict[Status, str] = {
    "pending": f"Nobody has decided yet. Call {_CHECK} to go on waiting. Do not act before that.",
    "asked": f"Answer with {_CHECK}, and your answer (or what your user says) as reply.",
    "decided": "The human part is over: go on from here, and keep to the decision. Then call check_handoff "
    "with handoff_id {id} and outcome applied.",
    "expired": "Nobody decided in time. Do not take it for a yes.",
    "cancelled": "The handoff was withdrawn, so there is no decision. Do not take it for a yes.",
}

# A decision is good for once, also for a model that asks again.
_ACTED_ON = {
    Delivery.APPLIED: "This decision was applied before. Do not carry it out again.",
    Delivery.LATE: "This decision came too late, as was reported. Do not carry it out.",
}


def _decision_in_words(decision: dict[str, Any]) -> list[str]:
    by = decision["decided_by"]
    who = by["name"] if by["type"] == "human" else f"{by['name']} ({by['type']})"
    lines = [f"{who} decided: {decision['decision']}."]
    for action in decision["actions"]:
        line = f"Call {action['tool_call_id']}: {action['decision']}"
        if action["arguments"] is not None:
            line += f", with the arguments {json.dumps(action['arguments'], ensure_ascii=False)}"
        lines.append(line + (f". {action['message']}" if action["message"] else "."))
    if decision["response"] is not None:
        lines.append(f"Answer: {json.dumps(decision['response'], ensure_ascii=False)}")
    before_the_end = decision["messages"][:-1]
    if before_the_end and _is_of_a_person(before_the_end[-1]):
        lines.append(f"They wrote: {_text(before_the_end[-1]['content'])}")
    return lines


def _is_of_a_person(message: dict[str, Any]) -> bool:
    """Whether a message of the assistant is what a person wrote: tools name the agent in its own."""
    return message["role"] == "assistant" and "name" not in message


def _text(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
