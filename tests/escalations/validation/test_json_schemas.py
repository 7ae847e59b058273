"""Schemas that others wrote: said exactly where they and values are wrong, and nothing stands still."""

import time

import pytest

from escalations.validation import json_schemas
from escalations.validation.json_schemas import ERRORS_MAX, Unusable, check, misfits

TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "left": {"$ref": "#/$defs/node"}},
            "additionalProperties": {"$ref": "#/$defs/node"},
        }
    },
    "$ref": "#/$defs/node",
}


def doubling(levels):
    """Looks at one value 2 ** levels times, and is as short as its levels."""
    parts = {"a0": {"type": "integer"}}
    for level in range(1, levels + 1):
        parts[f"a{level}"] = {"allOf": [{"$ref": f"#/$defs/a{level - 1}"}] * 2}
    return {"$defs": parts, "$ref": f"#/$defs/a{levels}"}


def nested(depth):
    value = {"name": 7}
    for _ in range(depth):
        value = {"name": "n", "left": value}
    return value


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": "nothing"}, "/type"),
        ({"properties": {"a/b": {"type": 3}}}, "/properties/a~1b/type"),
        ({"properties": {"a": {"pattern": "("}}}, "/properties/a/pattern"),
        ({"properties": {"a": {"pattern": "(?=a)"}}}, "/properties/a/pattern"),
        ({"allOf": [{"$ref": "https://evil.example/schema"}]}, "/allOf/0/$ref"),
        ({"allOf": [{"$ref": "other.json#/$defs/a"}]}, "/allOf/0/$ref"),
        ({"$ref": "https://json-schema.org/draft/2020-12/schema"}, "/$ref"),
        ({"items": {"$ref": "#/$defs/nowhere"}}, "/items/$ref"),
        ({"items": {"$ref": "#nowhere"}}, "/items/$ref"),
        ({"$defs": {"a": {"$id": "https://evil.example/a"}}}, "/$defs/a/$id"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "/$schema"),
        ({"$schema": 7}, "/$schema"),
        ({"$ref": "#"}, ""),
        ({"anyOf": [{"$ref": "#"}, {"type": "null"}]}, ""),
        (doubling(30), ""),
        ({"description": "x" * json_schemas.SCHEMA_MAX}, ""),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_with_its_place(schema, pointer):
    with pytest.raises(Unusable) as refused:
        check(schema)
    assert refused.value.pointer == pointer
    assert refused.value.detail


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"$schema": json_schemas.DRAFT, "$id": "https://acme.example/order"},
        {"properties": {"$ref": {"type": "string"}, "$id": {"type": "integer"}}},
        {"$defs": {"a": {"$anchor": "here", "type": "integer"}}, "$ref": "#here"},
        {"definitions": {"a b": {"type": "integer"}}, "items": {"$ref": "#/definitions/a%20b"}},
        {"items": {"$dynamicRef": "#node"}, "$dynamicAnchor": "node"},
        {"anyOf": [{"type": "null"}, {"items": {"$ref": "#"}}]},
        TREE,
    ],
)
def test_a_schema_that_stays_within_itself_is_used(schema):
    check(schema)
    misfits(schema, {"a": [1, [2, "x"]]})


def test_each_place_is_named_with_the_rule_that_it_breaks():
    schema = {
        "$defs": {"line": {"properties": {"price": {"type": "number", "minimum": 0}}, "required": ["sku"]}},
        "properties": {"lines/all": {"items": {"anyOf": [{"$ref": "#/$defs/line"}, {"type": "null"}]}}},
    }
    check(schema)
    found = misfits(schema, {"lines/all": [{"sku": "A", "price": 3}, {"sku": "B", "price": "secret"}, None]})
    [one] = found.shown
    assert (one.pointer, one.schema_pointer) == ("/lines~1all/1/price", "/$defs/line/properties/price/type")
    assert one.detail == 'The value is not of type "number"'
    assert found.more == 0
    [missing] = misfits({"required": ["total"]}, {}).shown
    assert (missing.pointer, missing.detail) == ("", '"total" is a required property')
    assert not misfits(schema, {"lines/all": []})


def test_of_many_errors_the_first_are_told_and_the_others_counted():
    found = misfits({"items": {"type": "integer"}}, ["x"] * 500)
    assert [one.pointer for one in found.shown] == [f"/{number}" for number in range(ERRORS_MAX)]
    assert found.more == 480
    huge = misfits({"items": {"type": "integer"}}, [0] * 50_000 + ["x"])
    assert ([one.pointer for one in huge.shown], huge.more) == (["/50000"], None)


def test_errors_are_short_and_hold_no_value():
    secret = {"card": "4111-1111", "x" * 2_000: "\0" * 5_000}
    for schema in ({"type": "array"}, {"additionalProperties": False}, {"enum": ["y" * 3_000]}):
        [one] = misfits(schema, secret).shown
        assert len(one.detail) <= 300
        assert "4111" not in one.detail
        assert "\0" not in one.detail + one.pointer


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        # Twice for each level of the value: 2 ** 40 looks.
        ({"properties": {"left": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}}, nested(40)),
        ({"anyOf": [{"properties": {"left": {"$ref": "#"}}} for _ in range(8)]}, nested(20)),
        ({"properties": {"left": {"$ref": "#"}}, "patternProperties": {".": {"$ref": "#"}}}, nested(40)),
        ({"items": {"enum": [f"{number}x" for number in range(4_000)]}}, ["y"] * 100_000),
        ({"pattern": "([a-z]+)+[A-Z]"}, "a" * 4_000_000),
        ({"items": {"type": "integer"}}, ["x"] * 1_000_000),
        (TREE, nested(200)),
    ],
)
def test_no_schema_makes_a_check_stand_still(schema, value):
    check(schema)
    started = time.thread_time()
    assert misfits(schema, value)
    assert time.thread_time() - started < 2  # CPU of this thread alone; they would take minutes to ages


def test_a_tree_that_refers_to_itself_is_checked_to_its_leaves():
    found = misfits(TREE, nested(50))
    assert found.shown[0].pointer == "/left" * 50 + "/name"
    assert not misfits(TREE, {"name": "n", "left": {"right": {}}})


@pytest.mark.parametrize("value", ["\ud800", {"\ud800": 1}, float("nan"), 10**400, -(10**400), [[]]])
def test_odd_values_are_misfits_and_no_fault(value):
    assert misfits({"type": "boolean"}, value)
