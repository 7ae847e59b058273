from escalations.datasets.formats import openai_preference, trl_preference

from .examples import AGENT, ANSWER, SYSTEM, TOOL, USER, calls, decided, example

OSLO = calls('{"to": "Oslo"}')
EDIT = {"decision": "edit", "proposal": OSLO, "actions": [decided(1, "edit", {"to": "Rome"})]}


def test_the_corrected_turn_is_preferred_and_arguments_are_text():
    row = openai_preference.row(example(**EDIT))

    assert row == {
        "input": {"messages": [SYSTEM, USER, AGENT, ANSWER], "tools": [TOOL], "parallel_tool_calls": False},
        "preferred_output": [calls('{"to": "Rome"}')],
        "non_preferred_output": [OSLO],
    }


def test_several_calls_in_a_turn_that_is_preferred_or_not_are_said_to_be_parallel():
    actions = [decided(1, "edit", {"to": "Rome"}), decided(2, "reject")]

    row = openai_preference.row(example("edit", proposal=calls("{}", "{}"), actions=actions))

    assert [len(turn["tool_calls"]) for turn in row["preferred_output"]] == [1]
    assert row["input"]["parallel_tool_calls"] is True


def test_there_is_a_pair_exactly_where_there_is_one_for_trl():
    for fields in [
        {"agent_correct": "unsure"},
        {"decision": "approve"},
        {"proposal": None},
        {"prompt": [AGENT]},
    ]:
        given = example(**(EDIT | fields))
        assert openai_preference.row(given) is trl_preference.row(given) is None
