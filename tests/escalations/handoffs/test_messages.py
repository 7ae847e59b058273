"""Both message formats become one, and what is wrong is said where."""

import json

import pytest

from escalations.handoffs.messages import InvalidMessage, normalise, positions

CHAT = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": [{"type": "text", "text": "Refund, please."}]},
    {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"id":1}'}}
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "name": "find", "content": "found"},
]


def telemetry(*parts: dict[str, object], role: str = "assistant", **extra: object) -> list[dict[str, object]]:
    return [{"role": role, "parts": list(parts), **extra}]


def test_openai_messages_are_the_same_list():
    before = json.dumps(CHAT)
    assert normalise(CHAT) is CHAT
    assert json.dumps(CHAT) == before


def test_no_messages_are_the_same_list():
    empty: list[dict[str, object]] = []
    assert normalise(empty) is empty


def test_one_text_part_becomes_plain_content():
    assert normalise(telemetry({"type": "text", "content": "Hello"}, role="user")) == [
        {"role": "user", "content": "Hello"}
    ]


def test_several_texts_stay_apart():
    [turn] = normalise(telemetry({"type": "text", "content": "a"}, {"type": "text", "content": "b"}))
    assert turn["content"] == [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]


def test_a_tool_call_becomes_a_function_call_with_encoded_arguments():
    [turn] = normalise(
        telemetry({"type": "tool_call", "id": "c1", "name": "find", "arguments": {"name": "Zoë"}})
    )
    assert turn == {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"name": "Zoë"}'}}
        ],
    }


def test_string_arguments_are_not_encoded_twice():
    [turn] = normalise(telemetry({"type": "tool_call", "name": "find", "arguments": '{"id":1}'}))
    assert turn["tool_calls"][0]["function"]["arguments"] == '{"id":1}'


def test_an_id_that_was_not_given_is_not_made_up():
    call, result = normalise(
        telemetry({"type": "tool_call", "name": "find"})
        + telemetry({"type": "tool_call_response", "response": "ok"}, role="tool")
    )
    assert "id" not in call["tool_calls"][0]
    assert "tool_call_id" not in result


def test_each_tool_result_becomes_a_message_of_its_own():
    turns = normalise(
        telemetry(
            {"type": "tool_call_response", "id": "c1", "response": "21°"},
            {"type": "tool_call_response", "id": "c2", "response": {"degrees": 21}},
            role="tool",
        )
    )
    assert turns == [
        {"role": "tool", "tool_call_id": "c1", "content": "21°"},
        {"role": "tool", "tool_call_id": "c2", "content": '{"degrees": 21}'},
    ]


def test_a_user_text_beside_a_result_follows_it():
    turns = normalise(
        telemetry(
            {"type": "text", "content": "and now?"},
            {"type": "tool_call_response", "id": "c1", "result": "done"},
            role="user",
        )
    )
    assert [turn["role"] for turn in turns] == ["tool", "user"]


def test_a_built_in_result_follows_its_own_call():
    turns = normalise(
        telemetry(
            {"type": "tool_call", "id": "c1", "name": "search"},
            {"type": "tool_call_response", "id": "c1", "response": "hits"},
        )
    )
    assert [turn["role"] for turn in turns] == ["assistant", "tool"]


def test_reasoning_is_kept_apart_from_the_answer():
    [turn] = normalise(
        telemetry({"type": "reasoning", "content": "Hm."}, {"type": "text", "content": "Yes."})
    )
    assert turn == {"role": "assistant", "content": "Yes.", "reasoning_content": "Hm."}


def test_unknown_parts_and_keys_of_providers_are_kept():
    blob = {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "aGk="}
    [turn] = normalise(telemetry(blob, role="user", finish_reason="stop", name="ann"))
    assert turn == {"role": "user", "finish_reason": "stop", "name": "ann", "content": [blob]}


def test_a_mixed_conversation_is_handled_message_by_message():
    mixed = [*CHAT, *telemetry({"type": "text", "content": "Done."})]
    turns = normalise(mixed)
    assert turns[:-1] == CHAT
    assert turns[-1] == {"role": "assistant", "content": "Done."}


def test_normalising_twice_changes_nothing_more():
    once = normalise([*CHAT, *telemetry({"type": "text", "content": "Done."})])
    assert normalise(once) is once


def test_what_came_in_is_not_changed():
    sent = telemetry({"type": "tool_call", "name": "find", "arguments": {"a": [1]}}, finish_reason="stop")
    before = json.dumps(sent)
    normalise(sent)
    assert json.dumps(sent) == before


def test_positions_follow_messages_that_became_several():
    results = telemetry(
        {"type": "tool_call_response", "id": "c1", "response": "a"},
        {"type": "tool_call_response", "id": "c2", "response": "b"},
        role="tool",
    )
    sent = [CHAT[0], *results, CHAT[1]]
    assert positions(sent) == [0, 1, 3]
    assert normalise(sent)[3] is CHAT[1]


@pytest.mark.parametrize(
    ("message", "pointer"),
    [
        ("hello", "/1"),
        ({"content": "who am I?"}, "/1/role"),
        ({"role": "model", "parts": []}, "/1/role"),
        ({"role": ["user"], "content": "hi"}, "/1/role"),
        ({"role": "user", "content": "a", "parts": []}, "/1/content"),
        ({"role": "user", "parts": "hi"}, "/1/parts"),
        ({"role": "user", "parts": ["hi"]}, "/1/parts/0"),
        ({"role": "user", "parts": [{"text": "hi"}]}, "/1/parts/0"),
        ({"role": "user", "parts": [{"type": "text"}]}, "/1/parts/0/content"),
        ({"role": "user", "parts": [{"type": "blob"}, {"type": "tool_call"}]}, "/1/parts/1/name"),
        ({"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1"}]}, "/1/parts/0/response"),
    ],
)
def test_a_message_in_neither_form_is_refused_with_its_place(message, pointer):
    with pytest.raises(InvalidMessage) as refused:
        normalise([CHAT[0], message])
    assert refused.value.pointer == pointer
    assert refused.value.detail
