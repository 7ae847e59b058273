import pytest

from escalations.datasets.formats import openai_preference, trl_kto, trl_preference
from escalations.datasets.formats.example import Place

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


def test_an_answer_can_be_better_than_an_earlier_turn_that_the_person_named():
    earlier = Place([SYSTEM, USER], AGENT)
    answered = {"decision": "respond", "message": "To Oslo, or to Rome?", "earlier": earlier}

    row = trl_preference.row(example(**answered))

    assert (row["prompt"], row["rejected"]) == ([SYSTEM, USER], [AGENT])
    assert row["chosen"] == [{"role": "assistant", "content": "To Oslo, or to Rome?"}]
    assert openai_preference.row(example(**answered))["non_preferred_output"] == [AGENT]
    wrong = trl_kto.row(example(**answered, proposal=OSLO))
    assert (wrong["prompt"], wrong["completion"], wrong["label"]) == ([SYSTEM, USER], [AGENT], False)
    nothing_before = Place([AGENT], AGENT)
    assert trl_preference.row(example(**(answered | {"earlier": nothing_before}))) is None


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
