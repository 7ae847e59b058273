"""TRL unpaired preference (what KTO learns from), conversational.

Source: TRL documentation, "Dataset formats and types", unpaired preference and tool calling.
"""

from typing import Any

from escalations.datasets.formats import chat
from escalations.datasets.formats.example import Example, Place
from escalations.datasets.formats.jsonl import chat_layout

LAYOUT = chat_layout("prompt", "completion")


def row(example: Example) -> dict[str, Any] | None:
    """`{prompt, completion, label, tools}`: a turn of the agent, and whether it was right.

    True is a proposed turn that was approved as it was; false one that was corrected, or an earlier one that
    the person named instead. None where they neither approved nor corrected.
    """
    place = _place(example)
    if place is None or not example.may_train:
        return None
    return {
        "prompt": [chat.with_objects(turn) for turn in place.prompt],
        "completion": [chat.with_objects(place.turn)],
        "label": example.is_approval,
        "tools": example.tools,
    }


def _place(example: Example) -> Place | None:
    if example.is_approval and example.proposal is not None:
        return Place(example.prompt, example.proposal)
    return example.judged if example.is_refuted else None
