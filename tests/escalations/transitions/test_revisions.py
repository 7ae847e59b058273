"""The revisions of labels: appended, one in force, copied onto the decision."""

from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from escalations import redaction, transitions
from escalations.models import Event, LabelRevision, Operator, Quality, Resolution, RevisionKind, Taxonomy
from escalations.transitions import InvalidDecision, Labels, RevisionOutdated
from tests.factories import claim, decide, make_case, make_operator
from tests.threads import at_once

STEPS = [{"name": "search", "status": "ok"}, {"name": "refund", "status": "error"}]


def labels(**changes: Any) -> Labels:
    plain = {"disposition": "replace", "agent_correct": "no", "failure_primary": "integration"}
    return Labels(**(plain | changes))


@pytest.fixture
def decided(db) -> Resolution:
    case = make_case(steps=STEPS)
    return decide(claim(case, make_operator()), failure_modes=["edge_case"], step_labels={"1": "bad"})


def test_a_decision_has_its_first_revision_with_all_that_was_said(decided):
    [first] = decided.revisions.all()
    assert (first.number, first.kind, first.operator) == (1, "first", decided.operator)
    assert (first.failure_modes, first.step_labels) == (["edge_case"], {"1": "bad"})
    assert (first.tool_fault, first.opened_at, first.taxonomy) == (None, decided.opened_at, None)
    assert first.pii_policy_version == redaction.VERSION


def test_what_a_detector_said_is_kept_apart_with_whether_it_was_taken(db):
    case = make_case()
    suggested = [
        transitions.Suggested("failure_primary", "none", "a detector"),
        transitions.Suggested("tool_fault", {"tool": "search", "kind": "empty"}, "another"),
    ]
    resolution = decide(claim(case, make_operator()), suggested=suggested)
    assert list(resolution.suggestions.order_by("id").values_list("detector", "accepted")) == [
        ("a detector", True),
        ("another", False),
    ]


def test_a_correction_is_in_force_and_the_old_words_stay(decided):
    meaning = Taxonomy.objects.create(number=1)
    first = decided.revisions.get()
    reviewer = make_operator()
    second = transitions.revise(
        revision=first,
        operator=reviewer,
        kind=RevisionKind.CORRECTION,
        labels=labels(first_error_index=1),
        quality=Quality.ADJUDICATED,
    )
    decided.refresh_from_db()
    assert (decided.agent_correct, decided.first_error_index, decided.quality) == ("no", 1, "adjudicated")
    assert LabelRevision.objects.in_force().get(resolution=decided) == second
    assert (second.number, second.supersedes, second.taxonomy) == (2, first, meaning)
    first.refresh_from_db()
    assert (first.agent_correct, first.superseded_at is None) == ("yes", False)
    assert Event.objects.filter(case=decided.case, kind="labelled").count() == 1
    with pytest.raises(RevisionOutdated):
        transitions.revise(revision=first, operator=reviewer, kind=RevisionKind.CORRECTION, labels=labels())


def test_a_blind_revision_changes_nothing_that_is_in_force(decided):
    first = decided.revisions.get()
    blind = transitions.judge_blind(resolution=decided, operator=make_operator(), labels=labels())
    decided.refresh_from_db()
    assert decided.agent_correct == "yes"
    assert LabelRevision.objects.in_force().get(resolution=decided) == first
    assert (blind.number, blind.is_blind, blind.pii_policy_version) == (2, True, redaction.VERSION)


def test_labels_of_steps_that_are_not_there_are_refused(decided):
    wrong = labels(first_error_index=2, root_cause_index=7, step_labels={"9": "bad"})
    with pytest.raises(InvalidDecision) as refused:
        transitions.judge_blind(resolution=decided, operator=make_operator(), labels=wrong)
    assert [flaw.pointer for flaw in refused.value.flaws] == [
        "/labels/first_error_index",
        "/labels/root_cause_index",
        "/labels/step_labels/9",
    ]
    assert decided.revisions.count() == 1


def test_the_database_refuses_two_in_force(decided):
    first = decided.revisions.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        LabelRevision.objects.create(
            resolution=decided, number=2, kind=RevisionKind.IMPORTED, operator=first.operator
        )


@pytest.mark.django_db(transaction=True)
def test_of_many_who_correct_the_same_labels_one_wins():
    decided = decide(claim(make_case(), make_operator()))
    first = decided.revisions.get()
    people = [make_operator() for _ in range(6)]

    def correct(person: Operator) -> LabelRevision:
        kind = RevisionKind.CORRECTION
        return transitions.revise(revision=first, operator=person, kind=kind, labels=labels())

    answers = at_once([partial(correct, person) for person in people])
    assert sum(isinstance(answer, LabelRevision) for answer in answers) == 1
    assert sum(isinstance(answer, RevisionOutdated) for answer in answers) == 5
    assert list(decided.revisions.order_by("number").values_list("number", flat=True)) == [1, 2]
