"""TRL stepwise supervision (what process reward models learn from). TRL has it as plain text only.

Source: TRL documentation, "Dataset formats and types", stepwise supervision.
"""

from typing import Any

from escalations.datasets.formats import chat
from escalations.datasets.formats.example import Example
from escalations.datasets.formats.jsonl import Layout

LAYOUT = Layout()


def row(example: Example) -> dict[str, Any] | None:
    """`{prompt, completions, labels}`, one completion a step, cut after the first that was wrong.

    Each completion holds what was said since the step before, so that its text can be judged.
    None where nobody marked a first error, or there is nothing before the steps.
    """
    wrong = example.first_wrong_step
    if not example.may_train or wrong is None or not example.trace.prompt:
        return None
    return {
        "prompt": _text(example.trace.prompt),
        "completions": [_text(stretch) for stretch in example.trace.steps[: wrong + 1]],
        "labels": [index < wrong for index in range(wrong + 1)],
    }


def _text(turns: list[dict[str, Any]]) -> str:
    return "\n\n".join(chat.words(turn) for turn in turns)
