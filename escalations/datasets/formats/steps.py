"""The steps of a run as training sees them: what each one said and did, and what it knew before that."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from escalations.datasets.formats import chat
from escalations.handoffs import messages

Message = dict[str, Any]


@dataclass(frozen=True)
class Trace:
    """The conversation in stretches: `prompt` came before the first step, then one stretch for each step.

    A stretch is what was said since the step before, and last the turn of the step itself.
    """

    prompt: list[Message] = field(default_factory=list)
    steps: list[list[Message]] = field(default_factory=list)


def trace_of(payload: dict[str, Any], conversation: Sequence[Message]) -> Trace:
    """The steps that an agent sent, along `conversation`: its messages as OpenAI chat messages.

    Where the first step names no turn, the prompt ends before the agent first spoke.
    """
    sent = payload.get("steps") or []
    if not sent:
        return Trace()
    places = _places(sent, payload)
    reached = _first_turn(conversation) if places[0] is None else places[0]
    prompt, stretches = list(conversation[:reached]), []
    for step, place in zip(sent, places, strict=True):
        if place is None:
            stretches.append([_told(step)])
        else:
            stretches.append(list(conversation[min(reached, place) : place + 1]))
            reached = max(reached, place + 1)
    return Trace(_reduced(prompt), [_reduced(stretch) for stretch in stretches])


def _places(sent: list[dict[str, Any]], payload: dict[str, Any]) -> list[int | None]:
    """For each step the index of its turn in the conversation, or None where it names none."""
    indices = [step.get("message_index") for step in sent]
    if all(index is None for index in indices):
        return indices
    starts = messages.positions(payload["messages"])
    return [None if index is None else starts[index] for index in indices]


def _first_turn(conversation: Sequence[Message]) -> int:
    spoken = (at for at, turn in enumerate(conversation) if turn.get("role") == "assistant")
    return next(spoken, len(conversation))


def _told(step: dict[str, Any]) -> Message:
    """A step without a turn of its own, told by its name, what went in and what came out."""
    said = [chat.as_text(step[key]) for key in ("input", "output") if step.get(key) is not None]
    return {"role": "assistant", "content": "\n".join([step["name"], *said])}


def _reduced(stretch: Sequence[Message]) -> list[Message]:
    return [chat.message(turn) for turn in stretch]
