import json

import pytest

from escalations.datasets.formats import openai_sft

from .examples import AGENT, ANSWER, SYSTEM, TOOL, USER, calls, decided, example

OSLO = calls('{"to": "Oslo"}')


def test_an_approved_turn_is_the_target_and_earlier_agent_turns_are_not():
    row = openai_sft.row(example(proposal=OSLO, actions=[decided(1, "approve")]))

    assert row == {
        "messages": [SYSTEM, USER, AGENT | {"weight": 0}, ANSWER, OSLO | {"weight": 1}],
        "tools": [TOOL],
        "parallel_tool_calls": False,
    }


def test_an_edited_call_is_the_target_with_its_arguments_as_text():
    row = openai_sft.row(
        example("edit", proposal=OSLO, actions=[decided(1, "edit", {"to": "Oslo", "all": True})])
    )

    target = row["messages"][-1]["tool_calls"][0]["function"]["arguments"]
    assert isinstance(target, str)
    assert json.loads(target) == {"to": "Oslo", "all": True}


def test_refused_calls_are_left_out_of_the_target():
    row = openai_sft.row(
        example(
            "edit",
            proposal=calls('{"to": "Oslo"}', '{"to": "Rome"}'),
            actions=[decided(1, "approve"), decided(2, "reject")],
        )
    )

    assert [call["id"] for call in row["messages"][-1]["tool_calls"]] == ["call_1"]


def test_an_answer_without_a_proposal_is_the_target():
    row = openai_sft.row(example("respond", message="It is cancelled.", tools=[]))

    assert row["messages"][-1] == {"role": "assistant", "content": "It is cancelled.", "weight": 1}
    assert row["tools"] == []


def test_an_answer_by_form_is_the_target_as_json():
    row = openai_sft.row(example("respond", response={"refund": 12}))

    assert row["messages"][-1]["content"] == '{"refund": 12}'


def test_a_rewritten_draft_is_the_target():
    draft = {"role": "assistant", "content": "No idea."}

    row = openai_sft.row(example("edit", proposal=draft, message="It leaves at nine."))

    assert row["messages"][-1]["content"] == "It leaves at nine."


def test_several_calls_in_one_turn_are_said_to_be_parallel():
    two = calls("{}", "{}")

    row = openai_sft.row(example(proposal=two, actions=[decided(1, "approve"), decided(2, "approve")]))

    assert row["parallel_tool_calls"] is True


@pytest.mark.parametrize(
    "never",
    [
        {"agent_correct": "unsure"},
        {"disposition": "unresolvable"},
        {"training_allowed": False},
        {"decided_by": "timeout"},
        {"decision": "reject"},
        {"decision": "takeover"},
        {"disposition": "replace"},
        {"proposal": None, "actions": []},
        {"prompt": []},
        {"prompt": [AGENT]},
    ],
    ids=str,
)
def test_nothing_is_taught_by(never):
    proposal = {"proposal": OSLO, "actions": [decided(1, "approve")]}

    assert openai_sft.row(example(**proposal)) is not None
    assert openai_sft.row(example(**(proposal | never))) is None
