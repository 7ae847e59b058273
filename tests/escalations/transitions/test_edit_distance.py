"""How much an edit changed: against the textbook's algorithm, and as a decision keeps it."""

from random import Random

import pytest

from escalations import transitions
from escalations.models import Resolution
from escalations.transitions import decisions
from escalations.transitions.edit_distance import COMPARED, changed, levenshtein
from tests.factories import claim, make_case, make_operator


def by_the_table(before: str, after: str) -> int:
    """Wagner and Fischer, 1974."""
    above = list(range(len(after) + 1))
    for row, one in enumerate(before, 1):
        line = [row]
        for column, other in enumerate(after, 1):
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + (one != other)))
        above = line
    return above[-1]


def test_it_is_the_distance_of_the_textbook():
    random = Random(6)
    words = ["".join(random.choices("abc", k=random.randrange(14))) for _ in range(600)]
    for before, after in zip(words[::2], words[1::2], strict=True):
        assert levenshtein(before, after) == by_the_table(before, after), (before, after)


def test_known_distances_and_shares():
    assert levenshtein("kitten", "sitting") == 3
    assert changed([("kitten", "sitting"), ("same", "same")]) == 3 / 11
    assert changed([("", "")]) == 0
    assert changed([("denied", "")]) == 1


def test_what_is_too_long_to_compare_counts_as_written_anew_between_the_differences():
    beginning = "b" * COMPARED
    assert levenshtein(beginning + "x" * (COMPARED + 1), beginning + "y" * 10) == COMPARED + 1
    assert levenshtein(beginning * 3 + "x", beginning * 3 + "yz") == 2


def resolved(case, actions, message=""):
    decision = transitions.DecisionInput(decision="edit", actions=actions, message=message)
    labels = transitions.Labels(disposition="edit", agent_correct="partial", failure_primary="other")
    transitions.resolve(lease=claim(case, make_operator()), decision=decision, labels=labels)
    return Resolution.objects.get(case=case).edit_distance


@pytest.mark.django_db
def test_a_decision_keeps_how_much_its_edit_changed():
    proposals = [{"b": 1, "a": "kitten"}, {"keep": True}, {"no": 1}]
    pending = [
        {"tool_call_id": f"c{number}", "name": "refund", "arguments": arguments}
        for number, arguments in enumerate(proposals)
    ]
    seen = [decisions.digest(arguments) for arguments in proposals]
    edited = transitions.ActionDecision("c0", "edit", {"a": "sitting", "b": 1}, digest_seen=seen[0])
    approved = transitions.ActionDecision("c1", "approve", digest_seen=seen[1])
    denied = transitions.ActionDecision("c2", "reject", digest_seen=seen[2], message="no")

    found = resolved(make_case(pending_actions=pending), [edited, approved, denied])

    # {"a":"sitting","b":1} has 21 characters, {"keep":true} 13 and {"no":1} 8.
    assert found == (3 + 0 + 8) / (21 + 13 + 8)


@pytest.mark.django_db
def test_of_an_answer_the_words_are_compared():
    case = make_case(kind="approval", pending_actions=[], suggestions=[{"content": "kitten"}])
    assert resolved(case, [], message="sitting") == 3 / 7
