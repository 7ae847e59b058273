import pytest

from escalations.datasets.formats import trl_kto

from .examples import AGENT, ANSWER, SYSTEM, TOOL, USER, calls, decided, example

OSLO = calls('{"to": "Oslo"}')
APPROVED = {"proposal": OSLO, "actions": [decided(1, "approve")]}
EDITED = {"decision": "edit", "proposal": OSLO, "actions": [decided(1, "edit", {"to": "Rome"})]}


def test_an_approved_turn_is_true():
    row = trl_kto.row(example(**APPROVED))

    assert row.keys() == {"prompt", "completion", "label", "tools"}
    assert (row["prompt"], row["tools"], row["label"]) == ([SYSTEM, USER, AGENT, ANSWER], [TOOL], True)
    assert row["completion"][0]["tool_calls"][0]["function"]["arguments"] == {"to": "Oslo"}


@pytest.mark.parametrize(
    "wrong",
    [
        EDITED,
        {"decision": "respond", "proposal": OSLO, "message": "Which passenger?"},
        {"decision": "reject", "proposal": OSLO, "disposition": "replace"},
    ],
    ids=["edited", "answered", "refused and replaced"],
)
def test_the_turn_that_was_proposed_is_false_where_it_was_corrected(wrong):
    row = trl_kto.row(example(**wrong))

    assert row["label"] is False
    assert row["completion"][0]["tool_calls"][0]["function"]["arguments"] == {"to": "Oslo"}


@pytest.mark.parametrize(
    "never",
    [
        {"agent_correct": "unsure"},
        {"disposition": "unresolvable"},
        {"training_allowed": False},
        {"decided_by": "policy"},
        {"proposal": None},
        {"disposition": "edit"},  # approved, and yet labelled as edited
        {"agent_correct": "no"},  # approved, and labelled as wrong by somebody later
        {"disposition": "take_over", "decision": "takeover"},
        {"actions": [decided(1, "reject")]},
        {"prompt": []},
    ],
    ids=str,
)
def test_there_is_no_row_with(never):
    assert trl_kto.row(example(**APPROVED)) is not None
    assert trl_kto.row(example(**(APPROVED | never))) is None


def test_an_edit_that_changes_nothing_says_nothing():
    assert trl_kto.row(example(**EDITED | {"actions": [decided(1, "edit", {"to": "Oslo"})]})) is None
