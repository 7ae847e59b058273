"""One decided case as training sees it: the conversation, the proposal, and what a person made of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from escalations.datasets import chat
from escalations.models import AgentCorrect, DecidedBy, Decision, Disposition, Resolution

Message = dict[str, Any]

_TAUGHT = (Decision.APPROVE, Decision.EDIT, Decision.RESPOND)
_UNCHANGED = (Disposition.APPROVE, Disposition.NOT_NEEDED)
_CORRECTED = (Disposition.EDIT, Disposition.REPLACE)


@dataclass(frozen=True)
class Example:
    """Messages are OpenAI chat messages.

    `prompt` ends where the proposed turn would begin, `proposal` is that turn verbatim (None where the
    agent proposed nothing), `tools` are OpenAI tool definitions.
    """

    prompt: list[Message]
    proposal: Message | None
    tools: list[dict[str, Any]]
    resolution: Resolution

    @property
    def may_train(self) -> bool:
        """The rules that hold for every format: labels.md, "Rules".

        A conversation that says nothing before the turn to learn teaches nothing either.
        """
        return (
            self.resolution.decided_by == DecidedBy.HUMAN
            and self.resolution.training_allowed
            and self.resolution.disposition != Disposition.UNRESOLVABLE
            and self.resolution.agent_correct != AgentCorrect.UNSURE
            and any(message["role"] != "assistant" for message in self.prompt)
        )

    @cached_property
    def taught(self) -> Message | None:
        """The assistant turn that the agent should have taken, or None where the decision holds none.

        A person who approved and yet labelled the turn as wrong contradicts themselves: not taught.
        """
        decision, disposition = self.resolution.decision, self.resolution.disposition
        if decision not in _TAUGHT or (decision == Decision.APPROVE and disposition not in _UNCHANGED):
            return None
        if decision == Decision.RESPOND:
            return self._answer()
        if self.proposal and self.resolution.actions:
            return self._decided(self.proposal) or self._answer()
        return self.proposal if decision == Decision.APPROVE else self._answer()

    @property
    def is_correction(self) -> bool:
        """Whether `taught` is better than `proposal`: there are both, and the person replaced the one."""
        return (
            self.resolution.disposition in _CORRECTED
            and self.resolution.decision in (Decision.EDIT, Decision.RESPOND)
            and self.proposal is not None
            and self.taught is not None
            and chat.canonical(self.taught) != chat.canonical(self.proposal)
        )

    def _answer(self) -> Message | None:
        text = self.resolution.message
        if not text and self.resolution.response is not None:
            text = chat.as_text(self.resolution.response)
        return {"role": "assistant", "content": text} if text else None

    def _decided(self, proposal: Message) -> Message | None:
        """The proposed turn with edited arguments put in and refused calls left out."""
        decided = {action["tool_call_id"]: action for action in self.resolution.actions}
        calls = [
            chat.with_arguments(call, decided.get(call.get("id"), {}).get("arguments"))
            for call in proposal.get("tool_calls", [])
            if decided.get(call.get("id"), {}).get("decision") != Decision.REJECT
        ]
        return proposal | {"tool_calls": calls} if calls else None


def example_of(resolution: Resolution) -> Example:
    """The example that a resolution makes; reads its case, handoff and later turns if they were not yet."""
    handoff = resolution.case.handoff
    payload = handoff.payload
    later = [turn.message for turn in resolution.case.turns_since.all()]
    prompt, proposal = _split(handoff.messages, payload)
    return Example(
        prompt=[chat.message(turn) for turn in [*prompt, *later]],
        proposal=proposal and chat.message(proposal),
        tools=_tools(payload),
        resolution=resolution,
    )


def _split(messages: list[Message], payload: dict[str, Any]) -> tuple[list[Message], Message | None]:
    """What came before the proposed turn, and the turn: the agent may have sent it as its last message."""
    actions = payload.get("pending_actions") or []
    suggestions = payload.get("suggestions") or []
    if actions:
        return _split_at_calls(messages, actions, suggestions)
    if not suggestions:
        return messages, None
    proposal = {"role": "assistant"} | suggestions[0]
    last = messages[-1] if messages else {}
    sent_too = last.get("role") == "assistant" and chat.canonical(last) == chat.canonical(proposal)
    return (messages[:-1] if sent_too else messages), proposal


def _split_at_calls(
    messages: list[Message], actions: list[dict[str, Any]], suggestions: list[dict[str, Any]]
) -> tuple[list[Message], Message]:
    pending = {action["tool_call_id"] for action in actions}
    for index in range(len(messages) - 1, -1, -1):
        ids = {call.get("id") for call in messages[index].get("tool_calls") or []}
        if ids & pending:
            after = (turn for turn in messages[index + 1 :] if turn.get("tool_call_id") not in ids)
            return [*messages[:index], *after], messages[index]
    content = suggestions[0].get("content") if suggestions else None
    return messages, {
        "role": "assistant",
        "content": content,
        "tool_calls": [
            {
                "id": action["tool_call_id"],
                "type": "function",
                "function": {"name": action["name"], "arguments": action.get("arguments", {})},
            }
            for action in actions
        ],
    }


def _tools(payload: dict[str, Any]) -> list[dict[str, Any]]:
    """What the agent could call: `metadata.tools` where it sent them, and the actions that it held back."""
    declared = payload.get("metadata", {}).get("tools")
    known = {tool["function"]["name"]: tool for tool in chat.tools(declared)}
    held_back: Iterable[dict[str, Any]] = payload.get("pending_actions") or []
    for action in held_back:
        tool = chat.tool(action["name"], action.get("description"), action.get("input_schema"))
        known.setdefault(action["name"], tool)
    return list(known.values())
