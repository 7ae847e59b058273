import pytest
from django import forms
from django.utils.datastructures import MultiValueDict

from operators.case.forms.response import ResponseFields

SCHEMA = {
    "type": "object",
    "properties": {
        "source": {"type": "string", "enum": ["crm", "ledger"], "title": "Which counts"},
        "total": {"type": "number"},
        "copies": {"type": "integer", "default": 2},
        "notify": {"type": "boolean", "default": False},
        "reasons": {"type": "array", "items": {"type": "string"}},
        "channels": {"type": "array", "items": {"type": "string", "enum": ["mail", "phone"]}},
        "address": {
            "type": "object",
            "properties": {"city": {"type": "string", "description": "As on the letter"}},
            "required": ["city"],
        },
    },
    "required": ["source", "total"],
    "additionalProperties": False,
}


def read(schema, **typed):
    response = ResponseFields(schema)
    form = type("Form", (forms.Form,), response.form_fields())(
        MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in typed.items()})
    )
    assert form.is_valid(), form.errors
    return response.read(form.cleaned_data)


def test_each_simple_type_has_a_field():
    fields = ResponseFields(SCHEMA).form_fields()
    assert {name: type(field).__name__ for name, field in fields.items()} == {
        "response-source": "ChoiceField",
        "response-total": "FloatField",
        "response-copies": "IntegerField",
        "response-notify": "ChoiceField",
        "response-reasons": "CharField",
        "response-channels": "MultipleChoiceField",
        "response-address-city": "CharField",
    }
    assert fields["response-source"].label == "Which counts"
    assert fields["response-notify"].label == "Notify (optional)"
    assert fields["response-address-city"].help_text == "As on the letter"
    assert (fields["response-copies"].initial, fields["response-notify"].initial) == (2, "false")


def test_what_was_typed_becomes_json_of_the_right_types():
    answer, wrong = read(
        SCHEMA,
        **{
            "response-source": "crm",
            "response-total": "912.4",
            "response-copies": "3",
            "response-notify": "true",
            "response-reasons": "late\n\nlost\n",
            "response-channels": ["mail", "phone"],
            "response-address-city": "Malmö",
        },
    )
    assert not wrong
    assert answer == {
        "source": "crm",
        "total": 912.4,
        "copies": 3,
        "notify": True,
        "reasons": ["late", "lost"],
        "channels": ["mail", "phone"],
        "address": {"city": "Malmö"},
    }


def test_what_is_left_empty_is_left_out_and_what_is_needed_is_asked_for():
    answer, wrong = read(SCHEMA, **{"response-source": "ledger"})
    assert answer == {"source": "ledger"}
    assert wrong == {"response-total": "Fill this in."}


def test_a_number_in_an_enum_keeps_its_type():
    schema = {"type": "object", "properties": {"rank": {"type": "integer", "enum": [1, 2]}}}
    assert read(schema, **{"response-rank": "2"}) == ({"rank": 2}, {})


def test_a_schema_of_one_value_is_one_field():
    answer, wrong = read({"type": "string", "enum": ["yes", "no"]}, response="yes")
    assert (answer, wrong) == ("yes", {})


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"type": ["string", "null"]},
        {"type": "object"},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}},
        {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "object"}}}},
        {"type": "object", "properties": {"a": True}},
        {"type": "object", "properties": {"a": {"type": "string"}}, "if": {}},
        {"type": "object", "properties": {f"a{n}": {"type": "string"} for n in range(31)}},
        {
            "type": "object",
            "properties": {
                "a-b": {"type": "string"},
                "a": {"type": "object", "properties": {"b": {"type": "string"}}},
            },
        },
    ],
)
def test_a_schema_that_says_more_becomes_one_field_for_json(schema):
    assert list(ResponseFields(schema).form_fields()) == ["response"]
    assert read(schema, response='{"a": 1}') == ({"a": 1}, {})
    assert read(schema, response="{")[1]["response"].startswith("Not JSON")


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("/response/total", "response-total"),
        ("/response/address/city", "response-address-city"),
        ("/response/reasons/0", "response-reasons"),
        ("/response", "response-source"),
    ],
)
def test_a_flaw_is_shown_at_its_field(pointer, name):
    assert ResponseFields(SCHEMA).name_for(pointer) == name


def test_names_with_slashes_are_found_by_their_pointers():
    schema = {"type": "object", "properties": {"x": {"type": "string"}, "a/b~c": {"type": "string"}}}
    assert ResponseFields(schema).name_for("/response/a~1b~0c") == "response-a/b~c"
