"""The published schema of the rows says what TRL, OpenAI and Inspect take, and nothing else."""

import json

import pytest

from escalations.datasets import FORMATS
from escalations.datasets.formats.steps import Trace

from .examples import ANSWER, SYSTEM, USER, calls, decided, example, schema_of, write

LOOK = {"role": "user", "content": [{"type": "text", "text": "Look."}], "name": "ann"}
FOUND = {"role": "tool", "tool_call_id": "call_1", "content": "[]"}
PROMPT = [SYSTEM, LOOK, calls('{"user": 7}', name="find_user"), FOUND, ANSWER]
STEPS = {"first_error_index": 0, "trace": Trace([USER], [[ANSWER]])}
EXAMPLES = [
    example(proposal=calls("{}"), actions=[decided(1, "approve")], prompt=PROMPT),
    example("edit", proposal=calls('{"a": 1}'), actions=[decided(1, "edit", {"a": 2})], must=["Ask."]),
    example("respond", proposal=calls("[1]"), message="No.", **STEPS),
]
JSONL = [name for name, each in FORMATS.items() if each.suffix == "jsonl"]


@pytest.mark.parametrize("name", JSONL)
def test_each_line_keeps_to_the_schema(name, tmp_path):
    rows = [FORMATS[name].row(each) for each in EXAMPLES]

    lines = write(name, rows, tmp_path).read_bytes().splitlines()

    assert lines
    for line in lines:
        schema_of(name).validate(json.loads(line))


@pytest.mark.parametrize("name", JSONL)
def test_no_other_key_and_no_missing_one_passes(name):
    row = next(filter(None, (FORMATS[name].row(each) for each in EXAMPLES)))

    assert not schema_of(name).is_valid(row | {"more": 1})
    for key in row:
        assert not schema_of(name).is_valid({other: row[other] for other in row if other != key})


def test_arguments_of_the_other_kind_do_not_pass():
    pair = FORMATS["openai_preference"].row(EXAMPLES[1])
    pair["preferred_output"] = FORMATS["preference"].row(EXAMPLES[1])["chosen"]

    assert not schema_of("openai_preference").is_valid(pair)
