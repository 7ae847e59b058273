"""What may be decided, and what a valid decision is."""

import pytest

from escalations.models import Decision
from escalations.transitions import decisions

ACTION = {"tool_call_id": "c1", "name": "refund", "arguments": {}}


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [
        ("approval", {"pending_actions": [ACTION]}, ["approve", "edit", "reject", "takeover"]),
        ("approval", {}, ["approve", "reject", "takeover"]),
        ("approval", {"suggestions": [{"content": "Hi"}]}, ["approve", "edit", "reject", "takeover"]),
        ("question", {}, ["respond", "takeover"]),
        ("takeover", {}, ["respond", "takeover"]),
        ("review", {}, ["approve", "reject", "respond"]),
        (
            "approval",
            {"pending_actions": [ACTION | {"allowed_decisions": ["approve", "reject"]}]},
            ["approve", "reject", "takeover"],
        ),
        (
            "approval",
            {"pending_actions": [ACTION | {"allowed_decisions": ["approve", "respond"]}]},
            ["approve", "takeover", "respond"],
        ),
    ],
)
def test_the_choices_follow_from_kind_and_payload(kind, payload, expected):
    assert decisions.allowed(kind, payload) == [Decision(choice) for choice in expected]


def test_the_digest_is_the_same_for_equal_arguments_however_they_are_written():
    as_text = decisions.digest('{"b": 1, "a": "x"}')
    assert as_text == decisions.digest({"a": "x", "b": 1}) == decisions.digest({"b": 1.0, "a": "x"})
    assert as_text != decisions.digest({"a": "x", "b": 2})
    assert decisions.digest("not { json").startswith("sha-256=")


def test_flaws_point_into_the_value():
    schema = {"type": "object", "properties": {"items": {"type": "array", "items": {"type": "integer"}}}}
    [flaw] = decisions.schema_flaws({"items": [1, "two"]}, schema, "/actions/0/arguments")
    assert flaw.pointer == "/actions/0/arguments/items/1"
    assert "two" in flaw.detail
    assert decisions.schema_flaws({"anything": 1}, None, "") == []


def test_a_pointer_escapes_what_would_break_it():
    schema = {"additionalProperties": {"type": "integer"}}
    [flaw] = decisions.schema_flaws({"a/b~c": "x"}, schema, "/response")
    assert flaw.pointer == "/response/a~1b~0c"


def test_a_schema_that_would_look_at_a_value_for_ages_is_not_used():
    parts = {f"a{level}": {"allOf": [{"$ref": f"#/$defs/a{level + 1}"}] * 2} for level in range(40)}
    schema = {"$defs": parts | {"a40": {"type": "string"}}, "$ref": "#/$defs/a0"}
    [flaw] = decisions.schema_flaws(7, schema, "/response")
    assert (flaw.pointer, "cannot be used" in flaw.detail) == ("/response", True)


def test_a_reference_to_somewhere_else_is_never_fetched():
    schema = {"$ref": "http://127.0.0.1:9/schema.json"}
    [flaw] = decisions.schema_flaws({}, schema, "/response")
    assert flaw.pointer == "/response"
    assert "schema" in flaw.detail
