"""Whatever stands under the keys of a person is in no row of any format, wherever else it was said."""

import json
import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from escalations.datasets import FORMATS
from escalations.datasets.batches import with_parts
from escalations.datasets.frozen import freeze, thaw
from escalations.models import Resolution, Turn
from escalations.redaction.told import is_common, is_nobody
from tests import factories

_LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyzäöüéñ")
_WORDS = st.text(_LETTERS, min_size=4, max_size=12).filter(
    lambda word: not is_common(word) and not is_nobody(word)
)
_DIGITS = st.text(st.sampled_from("0123456789"), min_size=5, max_size=9)
_PLACES = ("facts", "arguments", "answer", "later", "metadata", "edited")
PEOPLE = st.fixed_dictionaries(
    {
        "first_name": _WORDS.map(str.capitalize),
        "lastName": _WORDS,
        "shipping_address": st.fixed_dictionaries({"street": st.builds("{} {}".format, _DIGITS, _WORDS)}),
        "passport_number": _DIGITS.map("P{}".format),
        "phone": _DIGITS,
    }
)
NOBODY = dict.fromkeys(("first_name", "lastName", "passport_number", "phone"), "") | {
    "shipping_address": {"street": ""}
}


def handoff(person, place, said):
    """A handoff that tells of the person in that place alone, and says of them what is said."""
    told = {"result": [{"person": person}]}
    arguments = json.dumps(told if place == "arguments" else {})
    answer = json.dumps(told if place == "answer" else {}, ensure_ascii=False)
    call = {"id": "call_0", "type": "function", "function": {"name": "find", "arguments": arguments}}
    return {
        "messages": [
            {"role": "user", "content": said},
            {"role": "assistant", "content": said.upper(), "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_0", "content": answer},
        ],
        "context": {"facts": told if place == "facts" else {}},
        "metadata": told if place == "metadata" else {},
        "pending_actions": [factories.REFUND | {"input_schema": {"type": "object"}}],
        "steps": [{"name": "find", "input": {"text": said}, "output": said}],
    }


@pytest.fixture
def edited(db):
    """An edited refund with a first error, read with all that a row is made of."""
    case = factories.make_case(steps=[{"name": "find"}])
    lease = factories.claim(case, factories.make_operator())
    factories.decide(lease, "edit", disposition="edit", agent_correct="no", first_error_index=0)
    return with_parts(Resolution.objects.all()).get()


def tell(edited, person, place, said):
    """Put into what was read: the person in that place alone, and what is said of them in all others."""
    payload = handoff(person, place, said)
    vars(edited.case.handoff).update(payload=payload, messages=payload["messages"])
    later = {"role": "user", "content": json.dumps(person) if place == "later" else said}
    edited.case._prefetched_objects_cache["turns_since"] = [Turn(message=later)]
    edited.actions[0]["arguments"] = {"order_id": "W1"} | ({"person": person} if place == "edited" else {})
    [labels] = edited.revisions.all()
    labels.must, labels.note = [said], said.title()


def rows_of(edited):
    """The text of its rows in all formats."""
    example = thaw(freeze(edited, b"secret").line(0, "train"))
    rows = [row for each in FORMATS.values() if (row := each.row(example)) is not None]
    assert len(rows) == len(FORMATS)
    return json.dumps(rows, ensure_ascii=False, default=str).casefold()


def found(values, written):
    """Those that are in it; not as a part of a longer number, such as a time."""
    return [value for value in values if re.search(rf"(?<!\w){re.escape(value.casefold())}(?!\w)", written)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PEOPLE, st.sampled_from(_PLACES))
def test_no_value_under_the_keys_of_a_person_is_in_any_row(edited, person, place):
    values = [*(v for v in person.values() if isinstance(v, str)), person["shipping_address"]["street"]]
    tell(edited, NOBODY, place, "")
    assume(not found(values, rows_of(edited)))  # what a row says of itself may be somebody's name

    tell(edited, person, place, " and ".join(f"({value})" for value in values))

    assert found(values, rows_of(edited)) == []


def test_what_a_row_is_made_of_keeps_its_form_whoever_it_is_about(edited):
    names = ["actions", "decision", "arguments", "note", "content", "role", "function", "parameters", "type"]
    facts = {"passengers": [{"name": name} for name in names]}
    edited.case.handoff.payload["context"] = {"facts": facts}

    example = thaw(freeze(edited, b"secret").line(0, "train"))

    assert example.tools[0]["function"]["parameters"]["type"] == "object"
    assert [turn["role"] for turn in example.prompt] == ["user"]
    assert example.resolution.decision == "edit"
