import pytest

from escalations.datasets import trl_preference

from .examples import AGENT, ANSWER, SYSTEM, TOOL, USER, calls, decided, example

OSLO = calls('{"to": "Oslo", "fee": 0}')
EDIT = {"decision": "edit", "proposal": OSLO, "actions": [decided(1, "edit", {"to": "Oslo", "fee": 30})]}


def arguments(turn):
    return turn["tool_calls"][0]["function"]["arguments"]


def test_the_corrected_turn_is_chosen_over_the_proposed_one():
    row = trl_preference.row(example(**EDIT))

    assert row.keys() == {"prompt", "chosen", "rejected", "tools"}
    assert row["prompt"] == [SYSTEM, USER, AGENT, ANSWER]
    assert arguments(row["chosen"][0]) == {"to": "Oslo", "fee": 30}
    assert arguments(row["rejected"][0]) == {"to": "Oslo", "fee": 0}
    assert row["tools"] == [TOOL]


def test_an_answer_in_words_can_replace_a_call():
    row = trl_preference.row(example("respond", proposal=OSLO, message="First, which passenger?"))

    assert row["chosen"] == [{"role": "assistant", "content": "First, which passenger?"}]
    assert arguments(row["rejected"][0]) == {"to": "Oslo", "fee": 0}


def test_arguments_in_the_prompt_are_objects_too():
    earlier = calls('{"user": 7}', name="find_user")

    row = trl_preference.row(example(prompt=[USER, earlier], **EDIT))

    assert arguments(row["prompt"][1]) == {"user": 7}


@pytest.mark.parametrize("text", ['{"to": "Os', "NaN", "[1]", '{"n": 1e999}', "[" * 100_000], ids=len)
def test_arguments_that_are_no_json_object_stay_as_the_agent_wrote_them(text):
    row = trl_preference.row(example("respond", proposal=calls(text), message="No."))

    assert arguments(row["rejected"][0]) == text


@pytest.mark.parametrize(
    "never",
    [
        {"agent_correct": "unsure"},
        {"disposition": "unresolvable"},
        {"training_allowed": False},
        {"decided_by": "timeout"},
        {"decision": "approve", "disposition": "approve"},
        {"decision": "reject"},
        {"disposition": "not_needed"},
        {"proposal": None},
        {"actions": [decided(1, "edit", {"fee": 0, "to": "Oslo"})]},
        {"prompt": []},
    ],
    ids=str,
)
def test_there_is_no_pair_with(never):
    assert trl_preference.row(example(**EDIT)) is not None
    assert trl_preference.row(example(**(EDIT | never))) is None
