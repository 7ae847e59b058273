import pytest

from escalations.datasets.formats import trl_stepwise
from escalations.datasets.formats.example import example_of
from escalations.datasets.formats.steps import Trace, trace_of
from tests import factories

from .examples import AGENT, ANSWER, SYSTEM, USER, calls, example

SEARCH = calls('{"user": 7}', name="find_user")
FOUND = {"role": "tool", "tool_call_id": "call_1", "content": "[]"}
TALK = [SYSTEM, USER, SEARCH, FOUND, AGENT, ANSWER]
STEPS = [
    {"name": "find", "message_index": 2},
    {"name": "ask", "message_index": 4},
    {"name": "book", "output": {"ok": 1}},
]
TRACE = trace_of({"steps": STEPS, "messages": TALK}, TALK)


def row(**labels):
    return trl_stepwise.row(example("reject", disposition="replace", **{"trace": TRACE} | labels))


def test_the_steps_are_cut_after_the_first_that_was_wrong():
    assert row(first_error_index=1) == {
        "prompt": "system: Help travellers.\n\nuser: Cancel my flight.",
        "completions": [
            'assistant: find_user({"user": 7})',
            "tool: []\n\nassistant: Which one?",
        ],
        "labels": [True, False],
    }


def test_a_step_without_a_turn_is_told_by_its_name_and_output():
    assert row(first_error_index=2)["completions"][2] == 'assistant: book\n{"ok": 1}'


def test_a_step_that_was_labelled_bad_before_the_first_error_is_the_first_false():
    labels = {"0": "neutral", "1": "bad", "2": "bad"}

    assert row(first_error_index=2, step_labels=labels)["labels"] == [True, False]


def test_the_prompt_ends_where_the_agent_first_spoke_when_steps_name_no_turns():
    trace = trace_of({"steps": [{"name": "find"}], "messages": TALK}, TALK)

    assert trace.prompt == [SYSTEM, USER]


@pytest.mark.parametrize(
    "never",
    [
        {"first_error_index": None},
        {"first_error_index": 3},
        {"training_allowed": False},
        {"agent_correct": "unsure"},
        {"trace": Trace([], TRACE.steps)},
    ],
    ids=str,
)
def test_there_is_no_row_with(never):
    assert row(first_error_index=1) is not None
    assert row(**{"first_error_index": 1} | never) is None


@pytest.mark.django_db
def test_steps_of_telemetry_messages_stand_at_their_turns():
    parts = [{"type": "tool_call", "id": "a", "name": "find", "arguments": {}}]
    results = [
        {"type": "tool_call_response", "id": "a", "response": "none"},
        {"type": "text", "content": "Go on."},
    ]
    case = factories.make_case(
        messages=[
            {"role": "user", "parts": [{"type": "text", "content": "Hello."}]},
            {"role": "assistant", "parts": parts},
            {"role": "user", "parts": results},
            {"role": "assistant", "parts": [{"type": "text", "content": "Nothing."}]},
        ],
        steps=[{"name": "find", "message_index": 1}, {"name": "tell", "message_index": 3}],
    )
    decided = factories.decide(
        factories.claim(case, factories.make_operator()), "reject", disposition="replace", first_error_index=1
    )

    assert trl_stepwise.row(example_of(decided)) == {
        "prompt": "user: Hello.",
        "completions": ["assistant: find({})", "tool: none\n\nuser: Go on.\n\nassistant: Nothing."],
        "labels": [True, False],
    }
