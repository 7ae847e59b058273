"""What the validator says is known form by form, so that each can be said in another language."""

import jsonschema_rs
import pytest

from escalations.validation import schema_words

UNION = [{"type": "string"}, {"type": "null"}]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"required": ["order_id"]}, {}),
        ({"type": "string"}, 1),
        ({"type": ["string", "null"]}, 1),
        ({"enum": ["a", "b"]}, "c"),
        ({"const": 1}, 2),
        ({"minimum": 5}, 1),
        ({"maximum": 5}, 9),
        ({"exclusiveMinimum": 5}, 5),
        ({"exclusiveMaximum": 5}, 5),
        ({"multipleOf": 5}, 3),
        ({"minLength": 1}, ""),
        ({"minLength": 3}, "a\n"),
        ({"maxLength": 1}, "abc"),
        ({"maxLength": 2}, "abc"),
        ({"pattern": "^a"}, "b"),
        ({"format": "email"}, "x"),
        ({"minItems": 2}, [1]),
        ({"maxItems": 1}, [1, 2]),
        ({"uniqueItems": True}, [1, 1]),
        ({"minProperties": 2}, {"a": 1}),
        ({"maxProperties": 1}, {"a": 1, "b": 1}),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"b": 1}),
        ({"properties": {"a": {}}, "additionalProperties": False}, {"b": 1, "c": 1}),
        ({"anyOf": UNION}, 1),
        ({"oneOf": UNION}, 1),
        ({"oneOf": [{"type": "integer"}, {"minimum": 0}]}, 1),
    ],
)
def test_every_usual_sentence_has_a_form_and_reads_in_english_as_it_was_said(schema, value):
    [error] = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(value)
    assert schema_words.form_of(error.message)
    assert schema_words.shown(error.message) == error.message


@pytest.mark.parametrize("message", ["It is all wrong", "x" * 5_000 + " is a required property"])
def test_any_other_sentence_stays_as_it_is(message):
    assert schema_words.form_of(message) is None
    assert schema_words.shown(message) == message
