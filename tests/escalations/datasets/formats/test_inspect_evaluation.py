from escalations.datasets.formats import inspect_evaluation

from .examples import SYSTEM, USER, calls, decided, example

OSLO = calls('{"to": "Oslo"}')
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "none"}


def test_a_sample_has_the_turn_that_would_be_right_as_its_target():
    given = example(
        "edit",
        proposal=OSLO,
        actions=[decided(1, "edit", {"to": "Rome"})],
        must=["Ask for the passenger."],
        split="test",
    )
    row = inspect_evaluation.row(given)

    assert row.keys() == {"id", "input", "target", "metadata"}
    assert row["id"] == str(given.resolution.id)
    assert row["target"] == '{"function": "cancel_flight", "arguments": {"to": "Rome"}}'
    assert row["metadata"] == {
        "failure_mode": "edge_case",
        "must": ["Ask for the passenger."],
        "must_not": [],
        "split": "test",
    }


def test_calls_and_results_are_in_the_form_of_inspect():
    prompt = [SYSTEM | {"role": "developer"}, USER, calls('{"user": 7}', name="find_user"), RESULT]

    messages = inspect_evaluation.row(example("respond", prompt=prompt, message="No."))["input"]

    assert messages[0]["role"] == "system"
    assert messages[2]["tool_calls"] == [
        {"id": "call_1", "type": "function", "function": "find_user", "arguments": {"user": 7}}
    ]
    assert messages[3] == RESULT | {"function": "find_user"}


def test_what_is_no_object_is_told_as_an_error_of_parsing():
    prompt = [USER, calls("[1]")]

    [_, turn] = inspect_evaluation.row(example("respond", prompt=prompt, message="No."))["input"]

    [call] = turn["tool_calls"]
    assert call["arguments"] == {"text": "[1]"}
    assert call["parse_error"]


def test_pictures_stay_and_other_parts_are_named():
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    prompt = [
        {"role": "user", "content": [{"type": "text", "text": "Look."}, picture, {"type": "input_audio"}]}
    ]

    [message] = inspect_evaluation.row(example("respond", prompt=prompt, message="No."))["input"]

    assert message["content"] == [
        {"type": "text", "text": "Look."},
        {"type": "image", "image": "data:image/png;base64,AA=="},
        {"type": "text", "text": "[input_audio]"},
    ]


def test_what_must_not_happen_is_a_sample_without_a_target():
    refused = {"decision": "reject", "proposal": OSLO, "disposition": "replace"}

    assert inspect_evaluation.row(example(**refused)) is None
    assert inspect_evaluation.row(example(**refused, must_not=["Cancel it."]))["target"] == ""
    assert inspect_evaluation.row(example(**refused, must_not=["Cancel it."], training_allowed=False)) is None
