"""What the agent restarts from goes through the rows of a form without a change."""

import pytest
from django.http import QueryDict
from hypothesis import example, given
from hypothesis import strategies as st

from operators.case.forms.resume import ResumePacket

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
STATES = st.fixed_dictionaries(
    {
        "facts": st.dictionaries(NAMES, VALUES, max_size=4),
        "decisions": st.lists(VALUES, max_size=4),
        "preferences": st.dictionaries(NAMES, VALUES, max_size=2),
        "summary": st.text("abc é\n", max_size=20).filter(lambda text: not text.startswith("\n")),
    }
)


def as_a_browser_sends(packet):
    """The rows as they come back from a form that nobody touched."""
    form = QueryDict(mutable=True)
    form["resume"] = "1"
    for kind, pairs in (("fact", packet.facts), ("preference", packet.preferences)):
        for name, value in pairs:
            form.appendlist(f"{kind}-name", name)
            form.appendlist(f"{kind}-value", line_breaks(value))
    form.setlist("decided", [line_breaks(text) for text in packet.decisions])
    form["resume-summary"] = line_breaks(packet.summary)
    return form


def line_breaks(text):
    assert not text.startswith("\n"), "a browser would drop it"
    return text.replace("\n", "\r\n")


@given(STATES)
@example({"facts": {}, "decisions": [" ", ""], "preferences": {}, "summary": ""})
def test_untouched_rows_bring_back_the_very_state(state):
    before = ResumePacket(sent=state, start=state, typed=None)
    after = ResumePacket(sent=state, start=state, typed=as_a_browser_sends(before))
    assert after.read() == ({}, [])
    assert not after.is_edited


@pytest.mark.parametrize(
    "facts",
    [
        {f"fact {number}": 1 for number in range(101)},
        {"long": "x" * 20_001},
        {"two\nlines": 1},
        {" padded": 1},
    ],
)
def test_what_rows_cannot_hold_is_left_as_it_is(facts):
    state = {"facts": facts, "decisions": [], "preferences": {}, "summary": ""}
    packet = ResumePacket(sent=state, start=state, typed=QueryDict("resume=1"))
    assert not packet.is_editable
    assert packet.read() == ({}, [])


def test_one_and_true_are_not_the_same():
    state = {"facts": {"paid": 1}, "decisions": [], "preferences": {}, "summary": ""}
    typed = QueryDict("resume=1&fact-name=paid&fact-value=true&resume-summary=")
    assert ResumePacket(sent=state, start=state, typed=typed).read() == ({"facts": {"paid": True}}, [])
