"""OpenAI-style supervised fine-tuning: the conversation and, last, the turn to learn.

Source: OpenAI, fine-tuning with chat messages and tools (`FineTuneChatRequestInput`).
"""

from typing import Any

from escalations.datasets.formats.example import Example
from escalations.datasets.formats.jsonl import Layout, Row, has_tools, spelled_out_tools


def row(example: Example) -> dict[str, Any] | None:
    """`{messages, tools, parallel_tool_calls}`, or None where there is nothing to learn.

    `arguments` are JSON text. Only the last turn has `weight` 1: what the agent said before was not judged.
    """
    taught = example.taught
    if not example.may_train or taught is None:
        return None
    earlier = [turn | {"weight": 0} if turn["role"] == "assistant" else turn for turn in example.prompt]
    messages = [*earlier, taught | {"weight": 1}]
    return {
        "messages": messages,
        "tools": example.tools,
        "parallel_tool_calls": any(len(turn.get("tool_calls", ())) > 1 for turn in messages),
    }


def _spelled_out(row: Row) -> Row:
    """Messages stay as they are: agent turns alone have a `weight`, so they differ by themselves."""
    return row | {"tools": spelled_out_tools(row["tools"])}


LAYOUT = Layout(leading=(has_tools, has_tools), spelled_out=_spelled_out)
