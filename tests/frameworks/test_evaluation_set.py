"""Inspect reads an evaluation set as it was exported."""

import json
import subprocess
from pathlib import Path

import pytest

from escalations.datasets import FORMATS, Selection
from tests import factories

# Nothing but the path is said.
_READ = """
import json, sys
from inspect_ai.dataset import json_dataset
print(json.dumps([
    {
        "id": sample.id,
        "roles": [message.role for message in sample.input],
        "calls": [[call.function, call.arguments] for call in sample.input[1].tool_calls],
        "answered": sample.input[2].function,
        "target": sample.target,
        "metadata": sample.metadata,
    }
    for sample in json_dataset(sys.argv[1])
]))
"""


@pytest.mark.django_db
def test_inspect_loads_an_exported_evaluation_set(frameworks_python: Path, tmp_path: Path) -> None:
    function = {"name": "find_order", "arguments": '{"order": "W2378156"}'}
    talk = [
        factories.USER_ASKS,
        {"role": "assistant", "tool_calls": [{"id": "a", "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": "a", "content": "no such order"},
    ]
    operator = factories.make_operator()
    for must in ([], ["Ask for the number."]):
        case = factories.make_case(kind="question", messages=talk)
        factories.decide(
            factories.claim(case, operator), "respond", message="Which order?", must=must, must_not=["Pay."]
        )
    path = tmp_path / "set.jsonl"
    evaluation = FORMATS["inspect"]
    path.write_bytes(b"".join(evaluation.chunks(Selection(evaluation).rows)))

    read = subprocess.run([frameworks_python, "-c", _READ, path], capture_output=True, text=True, check=True)

    samples = json.loads(read.stdout)
    assert len({sample["id"] for sample in samples}) == 2
    for sample in samples:
        assert sample["roles"] == ["user", "assistant", "tool"]
        assert sample["calls"] == [["find_order", {"order": "W2378156"}]]
        assert (sample["answered"], sample["target"]) == ("find_order", "Which order?")
        assert (sample["metadata"]["must_not"], sample["metadata"]["split"]) == (["Pay."], "")
    assert sorted(sample["metadata"]["must"] for sample in samples) == [[], ["Ask for the number."]]
