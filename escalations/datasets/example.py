"""One decided case as training sees it: the conversation, the proposal, and what a person made of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from escalations.datasets import chat
from escalations.datasets.steps import Trace, trace_of
from escalations.models import (
    AgentCorrect,
    DecidedBy,
    Decision,
    Disposition,
    LabelRevision,
    Resolution,
    StepLabel,
)

Message = dict[str, Any]

_TAUGHT = (Decision.APPROVE, Decision.EDIT, Decision.RESPOND)
_UNCHANGED = (Disposition.APPROVE, Disposition.NOT_NEEDED)
_CORRECTED = (Disposition.EDIT, Disposition.REPLACE)


@dataclass(frozen=True)
class Example:
    """Messages are OpenAI chat messages.

    `prompt` ends where the proposed turn would begin, `proposal` is that turn verbatim (None where the
    agent proposed nothing), `tools` are OpenAI tool definitions. `labels` is the revision that counts here,
    `trace` holds the steps, `split` is the part of a dataset that it belongs to ("" outside of one).
    """

    prompt: list[Message]
    proposal: Message | None
    tools: list[dict[str, Any]]
    resolution: Resolution
    labels: LabelRevision
    trace: Trace = field(default_factory=Trace)
    split: str = ""

    @property
    def may_leave(self) -> bool:
        """The rules that hold for every format: labels.md, "Rules"."""
        return (
            self.resolution.decided_by == DecidedBy.HUMAN
            and self.labels.training_allowed
            and self.labels.disposition != Disposition.UNRESOLVABLE
            and self.labels.agent_correct != AgentCorrect.UNSURE
        )

    @property
    def may_train(self) -> bool:
        """Whether it may leave, and says something before the turn to learn: else it teaches nothing."""
        return self.may_leave and any(message["role"] != "assistant" for message in self.prompt)

    @cached_property
    def taught(self) -> Message | None:
        """The assistant turn that the agent should have taken, or None where the decision holds none.

        A person who approved and yet labelled the turn as wrong contradicts themselves: not taught.
        """
        decision, disposition = self.resolution.decision, self.labels.disposition
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
            self.labels.disposition in _CORRECTED
            and self.resolution.decision in (Decision.EDIT, Decision.RESPOND)
            and self.taught is not None
            and self._differs(self.taught)
        )

    @property
    def is_approval(self) -> bool:
        """Whether the person took `proposal` as it was."""
        return (
            self.resolution.decision == Decision.APPROVE
            and self.proposal is not None
            and self.taught is not None
            and not self._differs(self.taught)
        )

    @property
    def is_refuted(self) -> bool:
        """Whether the person found `proposal` wrong, whatever came in its place.

        An edit that changes nothing contradicts itself, and so does an approval of what is labelled wrong.
        """
        if self.labels.disposition not in _CORRECTED or self.resolution.decision == Decision.APPROVE:
            return False
        return self.proposal is not None and (self.taught is None or self._differs(self.taught))

    @property
    def first_wrong_step(self) -> int | None:
        """The index of the first step that a person found wrong, where they marked a first error."""
        marked = self.labels.first_error_index
        if marked is None or marked >= len(self.trace.steps):
            return None
        bad = (int(step) for step, label in self.labels.step_labels.items() if label == StepLabel.BAD)
        return min([marked, *bad])

    def _differs(self, turn: Message) -> bool:
        return self.proposal is not None and chat.canonical(turn) != chat.canonical(self.proposal)

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


def example_of(resolution: Resolution, *, labels: LabelRevision | None = None, split: str = "") -> Example:
    """The example that a resolution makes, with its labels in force unless others are given.

    Reads its case, handoff, later turns and revisions if they were not yet (`selection.with_parts`).
    """
    handoff = resolution.case.handoff
    payload = handoff.payload
    later = [turn.message for turn in resolution.case.turns_since.all()]
    prompt, proposal = _split(handoff.messages, payload)
    return Example(
        prompt=[chat.message(turn) for turn in [*prompt, *later]],
        proposal=proposal and chat.message(proposal),
        tools=_tools(payload),
        resolution=resolution,
        labels=labels or _in_force(resolution),
        trace=trace_of(payload, handoff.messages),
        split=split,
    )


def _in_force(resolution: Resolution) -> LabelRevision:
    """What no person decided has no labels."""
    revisions = resolution.revisions.all()
    in_force = (each for each in revisions if each.superseded_at is None and not each.is_blind)
    return next(in_force, None) or LabelRevision(resolution=resolution)


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
