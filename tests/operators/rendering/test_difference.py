"""JSON for people, and what changed in it."""

import json

import pytest

from operators.rendering.difference import chunks, diff_lines, pretty_json


def test_arguments_that_came_as_a_string_are_read_first():
    assert pretty_json('{"a":1}') == '{\n  "a": 1\n}'


@pytest.mark.parametrize("text", ["plain words", "<html>502</html>", "[" * 100_000])
def test_a_string_that_holds_no_json_stays_as_it_is(text):
    assert pretty_json(text) == text


@pytest.mark.parametrize("invisible", ["\u202e", "\u200b", "\u2066", "\ufeff", "\u00ad"])
def test_an_argument_cannot_look_like_another(invisible):
    shown = pretty_json({"iban": f"DE1{invisible}2"})
    assert invisible not in shown
    assert json.loads(shown) == {"iban": f"DE1{invisible}2"}


def test_a_changed_value_is_one_line_out_and_one_in():
    before = {"order": "W1", "amount": "9.00", "to": {"kind": "card", "id": 7}}
    after = {"to": {"id": 8, "kind": "card"}, "order": "W1", "amount": "9.00"}
    changed = [line for line in diff_lines(before, after) if line[0] != " "]
    assert changed == [("-", '    "id": 7'), ("+", '    "id": 8')]


def test_added_and_removed_keys_show():
    signs = {(sign, text.strip(" ,")) for sign, text in diff_lines({"a": 1, "b": 2}, {"a": 1, "c": 3})}
    assert {("-", '"b": 2'), ("+", '"c": 3'), (" ", '"a": 1')} <= signs


def test_without_a_before_nothing_has_changed():
    assert {sign for sign, _ in diff_lines(None, {"a": 1})} == {" "}


def test_values_too_large_to_compare_are_shown_one_after_the_other():
    before, after = list(range(3000)), list(range(3000, 6000))
    signs = [sign for sign, _ in diff_lines(before, after)]
    assert signs == ["-"] * 3002 + ["+"] * 3002


def test_long_stretches_without_a_change_are_folded_and_long_lines_clipped():
    before = {f"key{number}": number for number in range(50)} | {"text": "a" * 1000}
    found = chunks(diff_lines(before, before | {"key25": 0}))
    assert [(chunk.folded, len(chunk.lines)) for chunk in found] == [
        (False, 4),
        (True, 18),
        (False, 4),
        (False, 2),
        (False, 4),
        (True, 18),
        (False, 4),
    ]
    [long] = [line for chunk in found for line in chunk.lines if line.rest]
    assert len(long.shown) == 400
    assert "".join(line.shown + line.rest for chunk in found for line in chunk.lines).count("a") == 1000
