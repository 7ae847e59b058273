"""Which decisions get a second look."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from escalations import sweeps, transitions
from escalations.models import (
    Escalation,
    LabelRevision,
    Review,
    ReviewRates,
    ReviewState,
    RevisionKind,
    Stratum,
)
from escalations.reviews import drawing
from escalations.reviews.rates import Rates, set_rates
from escalations.transitions.erase import erase_case
from tests.escalations.reviews.audits import WRONG, drawn, labels, make_audit
from tests.factories import make_admin, make_operator, make_resolved

pytestmark = pytest.mark.django_db


def test_each_audit_that_was_not_right_is_drawn_and_a_share_of_the_others():
    noor = make_operator()
    wrong = {make_audit(noor, **(WRONG | {"agent_correct": said})).id for said in ("no", "partial", "unsure")}
    right = {make_audit(noor).id for _ in range(60)}
    make_resolved(noor)
    assert sweeps.sweep_reviews() >= len(wrong | right)
    strata = dict(Review.objects.values_list("resolution", "stratum"))
    assert {one for one in strata if strata[one] == Stratum.WRONG} == wrong
    some = {one for one in strata if strata[one] == Stratum.RIGHT}
    # 60 draws at 10%, each time of new ids: more than 18 come up once in a million.
    assert some <= right
    assert len(some) <= 18
    assert set(Review.objects.filter(stratum=Stratum.RIGHT).values_list("probability", flat=True)) <= {0.1}


def test_a_draw_comes_out_the_same_and_draws_nothing_twice():
    set_rates(Rates(right=0.5, ordinary=0.5, gold=0), make_admin())
    for _ in range(10):
        make_audit()
        make_audit(case={"kind": "approval"})
    drawing.draw(limit=7)
    drawing.draw(limit=100)
    first = set(Review.objects.values_list("resolution", "stratum"))
    ReviewRates.objects.update(drawn_until=None, drawn_id=None)
    drawing.draw(limit=100)
    assert set(Review.objects.values_list("resolution", "stratum")) == first
    Review.objects.all().delete()
    ReviewRates.objects.update(drawn_until=None, drawn_id=None)
    drawing.draw(limit=100)
    assert set(Review.objects.values_list("resolution", "stratum")) == first


def test_what_may_be_undone_yet_waits():
    audit = make_audit(**WRONG)
    LabelRevision.objects.update(submitted_at=Now() - timedelta(seconds=30))
    assert drawing.draw(limit=10) == 0
    LabelRevision.objects.update(submitted_at=Now() - timedelta(minutes=5))
    assert drawn(audit).state == ReviewState.WAITING


def test_an_audit_that_is_corrected_to_wrong_is_drawn_then():
    set_rates(Rates(right=0, ordinary=0, gold=0), make_admin())
    audit = make_audit()
    drawing.draw(limit=10)
    assert not Review.objects.exists()
    transitions.revise(
        revision=audit.revisions.get(),
        operator=make_operator(),
        kind=RevisionKind.CORRECTION,
        labels=labels(),
    )
    LabelRevision.objects.update(submitted_at=Now() - timedelta(minutes=5))
    assert drawn(audit).stratum == Stratum.WRONG


def test_nobody_looks_again_at_what_was_erased():
    before, meanwhile = make_audit(**WRONG), make_audit(**WRONG)
    erase_case(case_id=before.case_id, actor="system")
    assert drawn(meanwhile) == Review.objects.get()
    # A draw that read the case just before the erasure adds its review after that.
    Escalation.objects.filter(id=meanwhile.case_id).update(erased_at=Now())
    assert drawing.drop() == 1


def test_a_case_that_is_taken_up_again_needs_no_review_of_what_it_was():
    audit = make_audit(**WRONG)
    review = drawn(audit)
    transitions.reopen(case_id=audit.case_id, operator=make_admin(), reason="Look again")
    assert drawing.drop() == 1
    review.refresh_from_db()
    assert review.state == ReviewState.DROPPED
