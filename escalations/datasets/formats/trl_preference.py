"""TRL preference pairs, conversational, with an explicit prompt.

Source: TRL documentation, "Dataset formats and types", preference and tool calling.
"""

from typing import Any

from escalations.datasets.formats import chat
from escalations.datasets.formats.example import Example
from escalations.datasets.formats.jsonl import chat_layout

LAYOUT = chat_layout("prompt", "chosen", "rejected")


def row(example: Example) -> dict[str, Any] | None:
    """`{prompt, chosen, rejected, tools}`, or None where nobody corrected a turn.

    `chosen` is the corrected turn, `rejected` the one that it is held against: the proposed one, or an
    earlier one that the person named; the prompt ends before that. `arguments` are objects.
    """
    taught, judged = example.taught, example.judged
    if taught is None or judged is None or not (example.may_train and example.is_correction):
        return None
    return {
        "prompt": [chat.with_objects(turn) for turn in judged.prompt],
        "chosen": [chat.with_objects(taught)],
        "rejected": [chat.with_objects(judged.turn)],
        "tools": example.tools,
    }
