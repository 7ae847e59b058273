"""Functions as tools: their arguments as people see them, and digests that the desk finds as well."""

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Literal

import jsonschema_rs
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from handrail_client.canonical import canonical, digest
from handrail_client.hints import Misfit
from handrail_client.tools import tool_of

_LARGEST = 2**53 - 1
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-_LARGEST, _LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values)
def test_canonical_json_is_that_of_the_desk(value):
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [float("nan"), 2**53, "\ud800", {"\ud800": 1}])
def test_what_has_no_canonical_form_has_no_digest(value):
    with pytest.raises(ValueError, match=r"canonical|JSON|surrogates"):
        digest({"value": value})


class Card(Enum):
    VISA = "visa"
    AMEX = "amex"


def pay(
    order: str,
    amount: Decimal,
    card: Card,
    when: date,
    parts: list[int],
    speed: Literal["slow", "fast"] = "slow",
    note: str | None = None,
    *,
    bank: Any = None,
) -> None:
    """Pay."""


GIVEN: dict[str, Any] = {
    "order": "W1",
    "amount": Decimal("12.50"),
    "card": Card.VISA,
    "when": date(2026, 1, 2),
    "parts": [1],
}


def test_edited_arguments_become_what_the_hints_promise():
    tool = tool_of(pay)
    bound = tool.bind((), GIVEN | {"bank": (bank := {"iban": "DE1"})})
    seen = tool.arguments(bound)
    edits = {"amount": "9.90", "card": "amex", "when": "2026-02-03", "parts": [2, 3.0], "note": "half"}
    jsonschema_rs.validate(dict(tool.schema), seen)
    jsonschema_rs.validate(dict(tool.schema), seen | edits)
    edited = tool.edited(bound, seen | edits).arguments
    assert edited == GIVEN | {
        "amount": Decimal("9.90"),
        "card": Card.AMEX,
        "when": date(2026, 2, 3),
        "parts": [2, 3],
        "speed": "slow",
        "note": "half",
        "bank": bank,
    }
    assert edited["bank"] is bank


@pytest.mark.parametrize(
    ("edit", "where"),
    [
        ({"amount": "much"}, "/amount"),
        ({"card": "cash"}, "/card"),
        ({"when": "tomorrow"}, "/when"),
        ({"parts": [1, "2"]}, "/parts/1"),
        ({"speed": "warp"}, "/speed"),
        ({"note": 3}, "/note"),
        ({"order": True}, "/order"),
        ({"tip": 1}, "tip"),
    ],
)
def test_edited_arguments_that_do_not_fit_are_pointed_at(edit, where):
    tool = tool_of(pay)
    bound = tool.bind((), GIVEN)
    with pytest.raises(Misfit, match=where):
        tool.edited(bound, tool.arguments(bound) | edit)


def test_a_schema_is_made_of_simple_hints():
    properties = tool_of(pay).schema["properties"]
    assert properties["card"] == {"type": "string", "enum": ["visa", "amex"]}
    assert properties["parts"] == {"type": "array", "items": {"type": "integer"}}
    assert properties["note"] == {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert properties["bank"] == {}
    assert tool_of(pay).schema["required"] == ["order", "amount", "card", "when", "parts"]
