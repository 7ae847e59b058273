"""Examples without a database: what the formats are given, and files as the `datasets` library reads them."""

import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import datasets as hugging_face
import jsonschema_rs

from escalations.datasets import FORMATS
from escalations.datasets.formats.example import Example, Place
from escalations.datasets.formats.steps import Trace
from escalations.models import LabelRevision, Resolution

SYSTEM = {"role": "system", "content": "Help travellers."}
USER = {"role": "user", "content": "Cancel my flight."}
AGENT = {"role": "assistant", "content": "Which one?"}
ANSWER = {"role": "user", "content": "The one to Oslo."}
TOOL = {
    "type": "function",
    "function": {"name": "cancel_flight", "description": "", "parameters": {"type": "object"}},
}


_SCHEMA = Path(__file__).parents[4] / "docs/exports.schema.json"
_DECIDED = ("id", "decided_by", "actions", "message", "response")


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
    earlier: Place | None = None,
    trace: Trace | None = None,
    split: str = "",
    **fields: Any,
) -> Example:
    """A decided case; `fields` of the resolution or its labels. The disposition goes with the decision."""
    disposition = {"approve": "approve", "edit": "edit", "respond": "replace"}.get(decision, "take_over")
    agent_correct = "yes" if decision == "approve" else "no"
    labels = {"disposition": disposition, "agent_correct": agent_correct, "failure_primary": "edge_case"}
    decided = {name: fields.pop(name) for name in _DECIDED if name in fields}
    return Example(
        prompt=[SYSTEM, USER, AGENT, ANSWER] if prompt is None else prompt,
        proposal=proposal,
        tools=[TOOL] if tools is None else tools,
        resolution=Resolution(decision=decision, **decided),
        labels=LabelRevision(**(labels | fields)),
        earlier=earlier,
        trace=trace or Trace(),
        split=split,
    )


def load(format_name: str, rows: Iterable[dict[str, Any] | None], folder: Path) -> hugging_face.Dataset:
    """The rows, written as an export writes them and read back as anyone would read them."""
    return load_file(write(format_name, rows, folder))


def write(format_name: str, rows: Iterable[dict[str, Any] | None], folder: Path) -> Path:
    """The file that an export makes of the rows."""
    numbered = [(uuid4(), row) for row in rows if row is not None]
    path = folder / f"{format_name}.{FORMATS[format_name].suffix}"
    with path.open("wb") as file:
        file.writelines(FORMATS[format_name].chunks(lambda: numbered))
    return path


def load_file(path: Path) -> hugging_face.Dataset:
    """`load_dataset("json", data_files=…)` or `"parquet"`, nothing else said."""
    hugging_face.disable_progress_bars()
    logging.getLogger("datasets").setLevel(logging.ERROR)
    kind = "parquet" if path.suffix == ".parquet" else "json"
    return hugging_face.load_dataset(kind, data_files=str(path), cache_dir=str(path.parent / "cache"))[
        "train"
    ]


def schema_of(format_name: str) -> jsonschema_rs.Draft202012Validator:
    """What each row of the format must keep to, as it is published."""
    schema = {"$ref": f"#/$defs/{format_name}"} | json.loads(_SCHEMA.read_text())
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
