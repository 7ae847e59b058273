"""TRL unpaired preference (what KTO learns from), conversational.

Source: TRL documentation, "Dataset formats and types", unpaired preference and tool calling.
"""

from typing import Any

from escalations.datasets import chat
from escalations.datasets.example import Example
from escalations.datasets.jsonl import chat_layout

LAYOUT = chat_layout("prompt", "completion")


def row(example: Example) -> dict[str, Any] | None:
    """`{prompt, completion, label, tools}`: the proposed turn, and whether it was right as proposed.

    None where nothing was proposed, or the person neither approved nor corrected it.
    """
    if not example.may_train or example.proposal is None:
        return None
    if example.is_approval or example.is_refuted:
        return {
            "prompt": [chat.with_objects(turn) for turn in example.prompt],
            "completion": [chat.with_objects(example.proposal)],
            "label": example.is_approval,
            "tools": example.tools,
        }
    return None
