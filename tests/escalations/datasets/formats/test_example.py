"""What a handoff says, told apart into the conversation, the proposed turn and the tools."""

import pytest

from escalations import transitions
from escalations.datasets.formats.example import example_of
from tests import factories

pytestmark = pytest.mark.django_db

ASK = factories.USER_ASKS
REFUND = factories.REFUND


def resolved(decision="approve", **handoff):
    case = factories.make_resolved(decision=decision, **handoff)
    return example_of(case.resolutions.get())


def call_of(action, name=None, arguments='{"order_id": "W2378156"}'):
    function = {"name": name or action["name"], "arguments": arguments}
    return {"id": action["tool_call_id"], "type": "function", "function": function}


def test_held_back_actions_become_the_proposed_turn():
    example = resolved()

    assert example.prompt == [ASK]
    assert [call["function"]["name"] for call in example.proposal["tool_calls"]] == ["issue_refund"]


def test_a_proposed_turn_that_is_in_the_conversation_is_cut_out_of_the_prompt():
    turn = {"role": "assistant", "content": "Refunding.", "tool_calls": [call_of(REFUND)]}
    result = {"role": "tool", "tool_call_id": "call_1", "content": "waits for approval"}
    hurry = {"role": "user", "content": "Please hurry."}

    example = resolved(messages=[ASK, turn, result, hurry])

    assert example.prompt == [ASK, hurry]
    assert example.proposal == turn


def test_a_suggested_answer_that_was_sent_already_is_cut_out_of_the_prompt():
    draft = {"role": "assistant", "content": "It was shipped."}

    example = resolved(kind="review", suggestions=[{"content": "It was shipped."}], messages=[ASK, draft])

    assert example.prompt == [ASK]
    assert example.proposal == draft


def test_turns_that_came_while_the_case_was_open_belong_to_the_conversation():
    case = factories.make_case(kind="question")
    later = {"role": "user", "content": "The blue one."}
    transitions.add_message(case_id=case.id, messages=[later], actor="agent:support")
    resolution = factories.decide(factories.claim(case, factories.make_operator()), "respond")

    assert example_of(resolution).prompt == [ASK, later]


def test_reasoning_and_empty_keys_stay_out():
    turn = {"role": "assistant", "content": "Hm.", "reasoning_content": "secret", "refusal": None}

    example = resolved(messages=[ASK, turn])

    assert example.prompt == [ASK, {"role": "assistant", "content": "Hm."}]


def test_telemetry_messages_are_exported_as_chat():
    parts = {"role": "user", "parts": [{"type": "text", "content": "Hello."}]}

    assert resolved(messages=[parts]).prompt == [{"role": "user", "content": "Hello."}]


def test_tools_are_those_the_agent_declared_and_those_it_held_back():
    declared = [
        {"type": "function", "function": {"name": "find_order", "parameters": {"type": "object"}}},
        {
            "name": "find_user",
            "description": "By mail.",
            "input_schema": {"type": "object", "properties": {}},
        },
        "nonsense",
        {"function": {"name": 7}},
    ]

    tools = resolved(metadata={"tools": declared}).tools

    assert [tool["function"]["name"] for tool in tools] == ["find_order", "find_user", "issue_refund"]
    assert tools[2]["function"]["parameters"] == REFUND["input_schema"]
    assert all(tool["function"].keys() == {"name", "description", "parameters"} for tool in tools)


@pytest.mark.parametrize("metadata", [{}, {"tools": {"a": 1}}, {"tools": None}, {"tools": [None]}])
def test_without_usable_tools_there_are_none(metadata):
    assert resolved("respond", kind="question", metadata=metadata).tools == []


def test_the_turn_that_an_answer_is_better_than_is_found_by_its_place():
    draft = {"role": "assistant", "content": "Never."}
    case = factories.make_case(kind="question", messages=[ASK, draft, {"role": "user", "content": "Why?"}])
    lease = factories.claim(case, factories.make_operator())
    decided = factories.decide(lease, "respond", disposition="replace", pair_at_index=1)

    example = example_of(decided)

    assert (example.judged.prompt, example.judged.turn) == ([ASK], draft)
    assert example.is_correction
