"""One decided case as training sees it: the conversation, the proposal, and what a person made of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from escalations import redaction
from escalations.datasets.formats import chat
from escalations.datasets.formats.steps import Trace, trace_of
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
class Place:
    """A turn of the agent, and what was said before it."""

    prompt: list[Message]
    turn: Message

    @property
    def teaches(self) -> bool:
        """Where nobody but the agent spoke before, there is nothing to learn."""
        return any(message["role"] != "assistant" for message in self.prompt)


@dataclass(frozen=True)
class Example:
    """Messages are OpenAI chat messages.

    `prompt` ends where the proposed turn would begin, `proposal` is that turn verbatim (None where the
    agent proposed nothing), `tools` are OpenAI tool definitions. `labels` is the revision that counts here,
    `earlier` is a turn that the person said their answer is better than, where it is not the proposal.
    `trace` holds the steps, `split` is the part of a dataset that it belongs to ("" outside of one).
    """

    prompt: list[Message]
    proposal: Message | None
    tools: list[dict[str, Any]]
    resolution: Resolution
    labels: LabelRevision
    earlier: Place | None = None
    trace: Trace = field(default_factory=Trace)
    split: str = ""

    @property
    def may_leave(self) -> bool:
        """The rules that hold for every format: labels.md, "Rules"."""
        return (
            self.resolution.decided_by == DecidedBy.HUMAN
            and self.labels.training_allowed
            # Allowed in the belief that more is found than is by now: an older release is running.
            and (self.labels.pii_policy_version or 0) <= redaction.VERSION
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
        decision = self.resolution.decision
        if decision not in _TAUGHT or (decision == Decision.APPROVE and self._is_said_to_be_wrong):
            return None
        if decision == Decision.RESPOND:
            return self._answer()
        if self.proposal and self.resolution.actions:
            return self._decided(self.proposal) or self._answer()
        return self.proposal if decision == Decision.APPROVE else self._answer()

    @property
    def judged(self) -> Place | None:
        """The turn that the decision is held against: the one that the person named, or the proposal."""
        proposed = None if self.proposal is None else Place(self.prompt, self.proposal)
        found = self.earlier or proposed
        return found if found is not None and found.teaches else None

    @property
    def is_correction(self) -> bool:
        """Whether `taught` is better than what it is held against: the person put it in its place."""
        return (
            self.labels.disposition in _CORRECTED
            and self.resolution.decision in (Decision.EDIT, Decision.RESPOND)
            and self.judged is not None
            and self.taught is not None
            and _differ(self.taught, self.judged.turn)
        )

    @property
    def is_approval(self) -> bool:
        """Whether the person took `proposal` as it was."""
        return (
            self.resolution.decision == Decision.APPROVE
            and self.proposal is not None
            and self.taught is not None
            and not _differ(self.taught, self.proposal)
        )

    @property
    def is_refuted(self) -> bool:
        """Whether the person found `judged` wrong, whatever came in its place.

        An edit that changes nothing contradicts itself, and so does an approval of what is labelled wrong.
        """
        if self.labels.disposition not in _CORRECTED or self.resolution.decision == Decision.APPROVE:
            return False
        return self.judged is not None and (self.taught is None or _differ(self.taught, self.judged.turn))

    @property
    def first_wrong_step(self) -> int | None:
        """The index of the first step that a person found wrong, where they marked a first error."""
        marked = self.labels.first_error_index
        if marked is None or marked >= len(self.trace.steps):
            return None
        bad = (int(step) for step, label in self.labels.step_labels.items() if label == StepLabel.BAD)
        return min([marked, *bad])

    @property
    def _is_said_to_be_wrong(self) -> bool:
        """Whether the labels say of the proposal that it was not right as it was."""
        return self.labels.disposition not in _UNCHANGED or self.labels.agent_correct == AgentCorrect.NO

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

    Reads its case, handoff, later turns and revisions if they were not yet (`batches.with_parts`).
    """
    handoff = resolution.case.handoff
    payload = handoff.payload
    later = [turn.message for turn in resolution.case.turns_since.all()]
    prompt, proposal = _split(handoff.messages, payload)
    labels = labels or _in_force(resolution)
    return Example(
        prompt=[chat.message(turn) for turn in [*prompt, *later]],
        proposal=proposal and chat.message(proposal),
        tools=_tools(payload),
        resolution=resolution,
        labels=labels,
        earlier=_earlier(handoff.messages, labels.pair_at_index),
        trace=trace_of(payload, handoff.messages),
        split=split,
    )


def _earlier(messages: list[Message], index: int | None) -> Place | None:
    if index is None or index >= len(messages) or messages[index].get("role") != "assistant":
        return None
    return Place([chat.message(turn) for turn in messages[:index]], chat.message(messages[index]))


def _differ(one: Message, other: Message) -> bool:
    return chat.canonical(one) != chat.canonical(other)


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
