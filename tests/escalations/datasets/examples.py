"""Examples without a database: what the formats are given, and files as the `datasets` library reads them."""

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import datasets as hugging_face

from escalations.datasets import lines
from escalations.datasets.example import Example
from escalations.models import Resolution

SYSTEM = {"role": "system", "content": "Help travellers."}
USER = {"role": "user", "content": "Cancel my flight."}
AGENT = {"role": "assistant", "content": "Which one?"}
ANSWER = {"role": "user", "content": "The one to Oslo."}
TOOL = {
    "type": "function",
    "function": {"name": "cancel_flight", "description": "", "parameters": {"type": "object"}},
}


def calls(*arguments: str, name: str = "cancel_flight") -> dict[str, Any]:
    """An assistant turn that makes a call for each arguments text: `call_1`, `call_2` and so on."""
    return {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": text}}
            for number, text in enumerate(arguments, start=1)
        ],
    }


def decided(call: int, decision: str, arguments: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a resolution keeps about one pending action."""
    return {"tool_call_id": f"call_{call}", "decision": decision, "arguments": arguments, "message": ""}


def example(
    decision: str = "approve",
    *,
    proposal: dict[str, Any] | None = None,
    prompt: list[dict[str, Any]] | None = None,
    tools: list[dict[str, Any]] | None = None,
    **resolution: Any,
) -> Example:
    """A decided case; the disposition goes with the decision unless it is given."""
    disposition = {"approve": "approve", "edit": "edit", "respond": "replace"}.get(decision, "take_over")
    labels = {"disposition": disposition, "agent_correct": "no", "failure_primary": "edge_case"}
    return Example(
        prompt=[SYSTEM, USER, AGENT, ANSWER] if prompt is None else prompt,
        proposal=proposal,
        tools=[TOOL] if tools is None else tools,
        resolution=Resolution(decision=decision, **(labels | resolution)),
    )


def load(rows: Iterable[dict[str, Any]], folder: Path) -> hugging_face.Dataset:
    """The rows, written as an export writes them and read back as anyone would read them."""
    numbered = [(uuid4(), row) for row in rows]
    path = folder / "export.jsonl"
    with path.open("wb") as file:
        file.writelines(lines(lambda: numbered))
    return load_file(path)


def load_file(path: Path) -> hugging_face.Dataset:
    """`load_dataset("json", data_files=…)`, nothing else said."""
    hugging_face.disable_progress_bars()
    logging.getLogger("datasets").setLevel(logging.ERROR)
    return hugging_face.load_dataset("json", data_files=str(path), cache_dir=str(path.parent / "cache"))[
        "train"
    ]
