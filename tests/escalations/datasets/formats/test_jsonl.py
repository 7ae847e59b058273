"""Every export loads with the `datasets` library, whatever shapes the arguments of its rows have."""

import json
from typing import Any

import pytest

from escalations.datasets import FORMATS
from escalations.datasets.formats import openai_sft, trl_preference
from escalations.datasets.formats.jsonl import encode

from .examples import USER, calls, decided, example, load

# More than the library reads before it settles the types.
PADDING = {"role": "user", "content": "x" * 40_000}
ENOUGH_ROWS = 280


def edited(old: dict[str, Any], new: dict[str, Any], *, tools: list[Any] | None = None, padded: bool = False):
    return example(
        "edit",
        proposal=calls(json.dumps(old)),
        actions=[decided(1, "edit", new)],
        prompt=[PADDING if padded else USER],
        tools=tools,
    )


def tool(name: str, **properties: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties}
    return {"type": "function", "function": {"name": name, "description": "", "parameters": parameters}}


MIXED = [
    edited({"id": 1}, {"id": "A1"}),
    edited({"to": ["Oslo"]}, {"to": "Oslo"}),
    edited({"where": {"city": "Oslo"}}, {"where": 7.5}),
    edited({}, {"x": None}),
    edited({"id": True}, {"deep": [{"a": 1}, {"b": [2]}]}),
]


@pytest.mark.parametrize("order", [MIXED, MIXED[::-1]])
def test_arguments_of_other_keys_and_types_come_back_as_they_were(order, tmp_path):
    rows = [trl_preference.row(each) for each in order]

    loaded = load("preference", rows, tmp_path)

    assert loaded.column_names == ["prompt", "chosen", "rejected", "tools"]
    assert [arguments(row["chosen"]) for row in loaded] == [arguments(row["chosen"]) for row in rows]
    assert [arguments(row["rejected"]) for row in loaded] == [arguments(row["rejected"]) for row in rows]


@pytest.mark.parametrize("name", ["sft", "preference", "kto", "openai_preference", "inspect"])
def test_types_hold_when_what_is_different_comes_after_all_that_the_loader_looked_at(name, tmp_path):
    alike = [edited({"id": 1}, {"id": 2}, tools=[], padded=True)] * ENOUGH_ROWS
    late = [
        edited({"id": "A1"}, {"ids": ["A1"]}, tools=[tool("f", ids={"type": "array"})]),
        edited({"id": None}, {"id": 3}, tools=[tool("g"), tool("f", ids={"enum": [1, "a"]})]),
        example("respond", proposal=calls("{}"), message="In words.", tools=[], must=["Ask."]),
        example(
            "respond",
            proposal=calls('{"a": [1]}'),
            message="No.",
            must_not=["Pay."],
            prompt=[USER | {"name": "ann"}, calls('{"b": 1}'), {"role": "tool", "content": [], "name": "f"}],
        ),
    ]
    rows = [FORMATS[name].row(each) for each in [*alike, *late]]

    loaded = load(name, rows, tmp_path)

    assert len(loaded) == len(rows)
    assert loaded[-1].keys() == rows[-1].keys()


def test_arguments_may_change_after_all_that_the_loader_looked_at(tmp_path):
    alike = [edited({"id": 1}, {"id": 2}, tools=[], padded=True)] * ENOUGH_ROWS
    late = [edited({"id": "A1"}, {"ids": ["A1"]}, tools=[])]

    loaded = load("preference", [trl_preference.row(each) for each in alike + late], tmp_path)

    assert arguments(loaded[-1]["chosen"]) == {"ids": ["A1"]}
    assert arguments(loaded[-1]["rejected"]) == {"id": "A1"}


def test_tools_and_types_hold_when_only_the_last_tool_differs(tmp_path):
    alike = [edited({"id": 1}, {"id": 2}, tools=[tool("f", id={"type": "integer"})], padded=True)]
    late = [edited({"id": 1}, {"id": 2}, tools=[tool("g", id={"type": ["string", "null"]}, to={})])]

    loaded = load("sft", [openai_sft.row(each) for each in alike * ENOUGH_ROWS + late], tmp_path)

    assert loaded[-1]["tools"] == late[0].tools


def test_one_row_and_rows_without_tools_load(tmp_path):
    alone = openai_sft.row(example("respond", message="Yes.", tools=[]))

    assert load("sft", [alone], tmp_path)[0] == alone


def test_openai_messages_have_no_keys_that_their_roles_do_not_take(tmp_path):
    row = openai_sft.row(example("respond", message="Yes."))

    loaded = load("sft", [row] * 3, tmp_path)

    assert [list(message) for message in loaded[0]["messages"]] == [list(each) for each in row["messages"]]


def test_numbers_and_characters_that_no_column_can_hold_are_made_to_fit(tmp_path):
    row = {"tools": [tool("f", id={"maximum": 10**30})], "text": "broken \ud83d end"}

    line = encode(row)

    assert json.loads(line)["tools"][0]["function"]["parameters"]["properties"]["id"]["maximum"] == 1e30
    assert json.loads(line)["text"] == "broken ? end"


def arguments(turns):
    return turns[0]["tool_calls"][0]["function"]["arguments"]
