"""TRL preference pairs, conversational, with an explicit prompt.

Source: TRL documentation, "Dataset formats and types", preference and tool calling.
"""

from typing import Any

from escalations.datasets import chat
from escalations.datasets.example import Example
from escalations.datasets.jsonl import chat_layout

LAYOUT = chat_layout("prompt", "chosen", "rejected")


def row(example: Example) -> dict[str, Any] | None:
    """`{prompt, chosen, rejected, tools}`, or None where nobody corrected a proposal.

    `chosen` is the corrected turn, `rejected` the proposed one; `arguments` are objects.
    """
    taught, proposal = example.taught, example.proposal
    if taught is None or proposal is None or not (example.may_train and example.is_correction):
        return None
    return {
        "prompt": [chat.with_objects(turn) for turn in example.prompt],
        "chosen": [chat.with_objects(taught)],
        "rejected": [chat.with_objects(proposal)],
        "tools": example.tools,
    }
