"""OpenAI-style preference pairs.

Source: OpenAI, direct preference optimization, "Data format" (`FineTunePreferenceRequestInput`).
"""

from typing import Any

from escalations.datasets.formats.example import Example
from escalations.datasets.formats.jsonl import Layout, Row, spelled_out_tools

_CHATS = ("preferred_output", "non_preferred_output")


def row(example: Example) -> dict[str, Any] | None:
    """`{input, preferred_output, non_preferred_output}`, or None where nobody corrected a turn.

    `arguments` are JSON text.
    """
    taught, judged = example.taught, example.judged
    if taught is None or judged is None or not (example.may_train and example.is_correction):
        return None
    turns = [*judged.prompt, taught, judged.turn]
    return {
        "input": {
            "messages": judged.prompt,
            "tools": example.tools,
            "parallel_tool_calls": any(len(turn.get("tool_calls", ())) > 1 for turn in turns),
        },
        "preferred_output": [taught],
        "non_preferred_output": [judged.turn],
    }


def _agent_spoke(row: Row) -> object:
    return any(turn["role"] == "assistant" for turn in row["input"]["messages"])


def _has_tools(row: Row) -> object:
    return row["input"]["tools"]


def _spelled_out(row: Row) -> Row:
    """Agent turns of this file may have a `refusal` that is null; no other key may be."""
    given = row["input"]
    chats = {column: _with_refusals(row[column]) for column in _CHATS}
    messages, tools = _with_refusals(given["messages"]), spelled_out_tools(given["tools"])
    return row | {"input": given | {"messages": messages, "tools": tools}} | chats


def _with_refusals(turns: list[Row]) -> list[Row]:
    return [{"refusal": None} | turn if turn["role"] == "assistant" else turn for turn in turns]


LAYOUT = Layout(leading=(_agent_spoke, _has_tools, _has_tools), spelled_out=_spelled_out)
