import json

from operators.case.conversation import TEXT_LIMIT, broken_calls, content_text, turns


def said(role, content, **more):
    return {"role": role, "content": content, **more}


def calling(*calls):
    return said(
        "assistant",
        None,
        tool_calls=[
            {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}
            for id_, name, arguments in calls
        ],
    )


def shown(*messages, **options):
    return turns(messages, agent="support", **options)


def test_each_turn_says_who_spoke():
    spoken = shown(said("system", "Be kind."), said("user", "Hello"), said("assistant", "Hi"))
    assert [turn.who for turn in spoken] == ["instructions", "customer", "support"]
    assert [turn.folded for turn in spoken] == [True, False, False]


def test_an_answer_stands_under_its_call():
    [turn] = shown(
        calling(("a", "get_order", '{"id": "W1"}'), ("b", "get_user", '{"id": 7}')),
        said("tool", '{"name": "Mia"}', tool_call_id="b"),
        said("tool", '{"status": "delivered", "items": [1], "total": "9.00"}', tool_call_id="a"),
    )
    assert [call.summary for call in turn.calls] == [
        "get_order(W1) → status delivered, total 9.00",
        "get_user(7) → name Mia",
    ]
    assert [call.at for call in turn.calls] == [2, 1]


def test_an_id_that_is_used_again_belongs_to_the_later_call():
    first, second = shown(
        calling(("a", "look", "{}")),
        said("tool", "one", tool_call_id="a"),
        calling(("a", "look", "{}")),
        said("tool", "two", tool_call_id="a"),
    )
    assert [first.calls[0].result, second.calls[0].result] == ["one", "two"]


def test_an_answer_without_a_call_and_a_call_without_an_answer_are_shown():
    answer, call = shown(said("tool", "[1, 2]", name="search"), calling(("a", "refund", "{}")))
    assert answer.calls[0].summary == "search() → 2 items"
    assert call.calls[0].summary == "refund() → no answer yet"


def test_a_fault_is_named_in_the_line_of_its_call():
    [turn] = shown(
        calling(("a", "get_payment", "not json")),
        said("tool", "<html><title>502 Bad Gateway</title>", tool_call_id="a"),
    )
    assert turn.calls[0].summary == "get_payment(not json) → HTML instead of JSON (502)"
    assert [(tool, fault.kind) for tool, fault in broken_calls([turn])] == [("get_payment", "html_not_json")]


def test_the_first_error_marks_the_turn_it_happened_in():
    spoken = shown(
        said("user", "Hello"),
        calling(("a", "look", "{}")),
        said("tool", "", tool_call_id="a"),
        said("assistant", "Done."),
        first_error=2,
    )
    assert [turn.first_error for turn in spoken] == [False, True, False]


def test_parts_are_named_and_never_loaded():
    content = [
        {"type": "text", "text": "See this"},
        {"type": "image_url", "image_url": {"url": "https://evil.example/x.png"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA"}},
        "odd",
    ]
    text = content_text(said("user", content))
    assert text == "See this\n\n[image url: https://evil.example/x.png]\n\n[input audio]\n\nodd"


def test_a_refusal_and_reasoning_are_kept():
    [turn] = shown(said("assistant", None, refusal="I cannot do that.", reasoning_content="Rule 3."))
    assert (turn.content, turn.reasoning) == ("I cannot do that.", "Rule 3.")


def test_long_texts_are_clipped_and_say_so():
    [turn] = shown(said("user", "x" * (TEXT_LIMIT + 5)))
    assert (len(turn.text.shown), turn.text.hidden) == (TEXT_LIMIT, 5)


def test_the_line_of_a_call_stays_one_line():
    arguments = json.dumps({"query": "word " * 100})
    [turn] = shown(calling(("a", "search", arguments)), said("tool", "line\n" * 500, tool_call_id="a"))
    assert len(turn.calls[0].summary) < 140
    assert "\n" not in turn.calls[0].summary
