"""Reviews given to people, and what comes of what they say."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from escalations import transitions
from escalations.models import AuditEntry, Quality, Review, ReviewState, RevisionKind, Role, Run
from escalations.reports import my_day
from escalations.reviews import gold, line
from escalations.reviews.backlog import backlog
from escalations.reviews.line import ReviewLost
from escalations.reviews.rates import Rates, set_rates
from escalations.sla import clocks
from escalations.transitions import RevisionOutdated
from tests.escalations.reviews.audits import RIGHT, WRONG, drawn, labels, make_audit, review_next
from tests.factories import make_admin, make_agent, make_case, make_operator

pytestmark = pytest.mark.django_db
WAITING, DIFFERS = ReviewState.WAITING, ReviewState.DIFFERS


@pytest.fixture
def people():
    set_rates(Rates(right=1, ordinary=0, gold=0), make_admin())
    return make_operator("noor", role=Role.REVIEWER), *(make_operator(role=Role.REVIEWER) for _ in range(2))


def test_two_who_say_the_same_agree(people):
    noor, kim, _ = people
    audit = make_audit(noor, **WRONG)
    drawn(audit)
    review = review_next(kim, responsible="tool", note="The tool answered with a page.", active_seconds=9_999)
    audit.refresh_from_db()
    assert (review.state, audit.quality) == (ReviewState.AGREED, Quality.AGREED)
    assert (review.reviewer, review.holder, review.blind.note) == (
        kim,
        None,
        "The tool answered with a page.",
    )
    assert review.compared.operator == noor
    assert line.in_force(audit) == review.compared
    assert my_day.agreement(noor, clocks.database_now()) == my_day.Agreement(n=1, same=1)


def test_two_who_differ_are_settled_by_a_third(people):
    noor, kim, lee = people
    audit = make_audit(noor, **WRONG, note="Look at the refund.")
    drawn(audit)
    review = review_next(kim, first_error_index=2)
    audit.refresh_from_db()
    assert (review.state, audit.quality, audit.first_error_index) == (DIFFERS, Quality.SINGLE, 1)
    assert line.take(operator=noor, state=DIFFERS) is None
    assert line.take(operator=kim, state=DIFFERS) is None
    assert line.take(operator=lee, state=DIFFERS) == review.id
    seen = line.in_force(audit)
    chosen = line.labels_of(seen, first_error_index=2)
    settled = line.settle(review_id=review.id, operator=lee, seen=seen, labels=chosen)
    audit.refresh_from_db()
    review.refresh_from_db()
    assert (settled.kind, settled.number, settled.note) == ("adjudicated", 3, "Look at the refund.")
    assert (audit.quality, audit.first_error_index) == (Quality.ADJUDICATED, 2)
    assert (review.state, review.settled, review.holder) == (ReviewState.SETTLED, settled, None)
    assert my_day.agreement(noor, clocks.database_now()) == my_day.Agreement(n=1, same=0)


def test_nobody_reviews_what_they_labelled_and_everybody_has_one_at_a_time(people):
    noor, kim, lee = people
    first, second = drawn(make_audit(noor, **WRONG)), drawn(make_audit(noor, **WRONG))
    assert line.take(operator=noor, state=WAITING) is None
    assert line.take(operator=kim, state=WAITING) == first.id
    assert line.take(operator=kim, state=WAITING) == first.id
    assert line.take(operator=lee, state=WAITING) == second.id
    assert line.put_back(review_id=second.id, operator=lee)
    assert not line.put_back(review_id=first.id, operator=lee)
    assert line.take(operator=lee, state=WAITING) == second.id


def test_a_review_whose_time_is_over_goes_to_the_next_and_no_more_to_who_had_it(people):
    noor, kim, lee = people
    review = drawn(make_audit(noor, **WRONG))
    for person in (kim, lee):
        assert line.take(operator=person, state=WAITING) == review.id
        Review.objects.update(lease_expires_at=Now() - timedelta(seconds=1))
    with pytest.raises(ReviewLost):
        line.submit(review_id=review.id, operator=kim, labels=labels())
    # Nobody else has taken it: what was said late is kept.
    assert line.submit(review_id=review.id, operator=lee, labels=labels()).state == ReviewState.AGREED
    with pytest.raises(ReviewLost):
        line.submit(review_id=review.id, operator=lee, labels=labels())


def test_who_settles_is_told_when_other_labels_came_into_force(people):
    noor, kim, lee = people
    audit = make_audit(noor, **WRONG)
    drawn(audit)
    review = review_next(kim, agent_correct="partial")
    seen = line.in_force(audit)
    gold.mark(in_force=seen, operator=make_admin(), labels=line.labels_of(seen))
    line.take(operator=lee, state=DIFFERS)
    with pytest.raises(RevisionOutdated):
        line.settle(review_id=review.id, operator=lee, seen=seen, labels=line.labels_of(seen))
    review.refresh_from_db()
    assert review.state == DIFFERS


def test_gold_comes_up_among_reviews_once_for_each_person(people):
    noor, kim, _ = people
    known = make_audit(noor, **RIGHT)
    in_force = line.in_force(known)
    item = gold.mark(in_force=in_force, operator=make_admin(), labels=line.labels_of(in_force))
    real = [drawn(make_audit(noor, **WRONG)) for _ in range(3)]
    set_rates(Rates(right=0, ordinary=0, gold=1), make_admin())
    met = line.take(operator=kim, state=WAITING)
    assert Review.objects.get(id=met).gold == item
    line.put_back(review_id=met, operator=kim)
    assert line.take(operator=kim, state=WAITING) == met
    assert line.submit(review_id=met, operator=kim, labels=labels()).state == ReviewState.MISSED
    assert line.take(operator=kim, state=DIFFERS) is None
    assert review_next(kim).resolution_id == real[0].resolution_id
    [score] = gold.scores(clocks.database_now() - timedelta(days=1))
    assert (score.person, score.right.n, score.right.same) == (kim, 1, 0)
    known.refresh_from_db()
    assert known.quality == Quality.GOLD
    gold.retire(item_id=item.pk, operator=make_admin())
    third = make_operator()
    assert review_next(third).gold is None


def test_who_meets_gold_is_held_against_what_is_known_now(people):
    noor, kim, _ = people
    known = make_audit(noor, **RIGHT)
    seen = line.in_force(known)
    item = gold.mark(in_force=seen, operator=make_admin(), labels=line.labels_of(seen))
    corrected = transitions.revise(
        revision=item.revision,
        operator=make_admin(),
        kind=RevisionKind.CORRECTION,
        labels=labels(),
        quality=Quality.GOLD,
    )
    drawn(make_audit(noor, **WRONG))
    set_rates(Rates(right=0, ordinary=0, gold=1), make_admin())
    review = review_next(kim)
    assert (review.gold, review.state, review.compared) == (item, ReviewState.AGREED, corrected)


def test_gold_is_met_by_nobody_who_has_nothing_else_to_review(people):
    noor, kim, _ = people
    in_force = line.in_force(make_audit(noor))
    gold.mark(in_force=in_force, operator=make_admin(), labels=line.labels_of(in_force))
    set_rates(Rates(right=0, ordinary=0, gold=1), make_admin())
    assert line.take(operator=kim, state=WAITING) is None


def test_the_backlog_counts_what_is_left(people):
    noor, kim, _ = people
    version = make_audit(noor, **WRONG).case.agent_version
    make_case(make_agent(), kind="review")
    Run.objects.create(
        agent=version.agent,
        agent_version=version,
        run_id="owed",
        finished_at=clocks.database_now(),
        sampling_probability=1,
        drawn=True,
    )
    drawn(make_audit(noor, **WRONG))
    review_next(kim, agent_correct="partial")
    left = backlog()
    counts = (left.owed.count, left.audits.count, left.reviews.count, left.settling.count)
    assert (counts, left.count) == ((1, 1, 1, 1), 3)
    assert left.since == left.audits.since


def test_what_is_done_with_reviews_is_in_the_audit_log(people):
    noor, kim, _ = people
    drawn(make_audit(noor, **WRONG))
    review_next(kim)
    told = list(AuditEntry.objects.filter(actor=f"operator:{kim.pk}").values_list("action", flat=True))
    assert told == ["review.take", "labelled"]


def test_who_corrects_the_labels_of_a_review_on_their_screen_gets_another_one(people):
    noor, kim, _ = people
    audits = [make_audit(noor, **WRONG) for _ in range(2)]
    for audit in audits:
        drawn(audit)
    first = line.take(operator=kim, state=WAITING)
    own = line.in_force(Review.objects.get(pk=first).resolution)
    transitions.revise(
        revision=own, operator=kim, kind=RevisionKind.CORRECTION, labels=labels(agent_correct="partial")
    )
    with pytest.raises(ReviewLost):
        line.submit(review_id=first, operator=kim, labels=labels())
    second = line.take(operator=kim, state=WAITING)
    assert second not in (None, first)
    assert Review.objects.get(pk=first).holder is None


def test_who_says_what_is_known_of_a_gold_item_that_they_had_begun_gets_other_reviews(people):
    noor, kim, _ = people
    known = make_audit(noor, **RIGHT)
    admin = make_admin()
    gold.mark(in_force=line.in_force(known), operator=admin, labels=labels(**RIGHT))
    for _ in range(2):
        drawn(make_audit(noor, **WRONG))
    set_rates(Rates(right=0, ordinary=0, gold=1), admin)
    met = line.take(operator=kim, state=WAITING)
    assert Review.objects.get(pk=met).gold
    line.put_back(review_id=met, operator=kim)
    gold.mark(in_force=line.in_force(known), operator=kim, labels=labels(**WRONG))
    assert review_next(kim).state == ReviewState.AGREED
    assert review_next(kim).gold is None


def test_an_audit_found_wrong_after_it_was_drawn_stands_for_itself_alone(people):
    noor, kim, lee = people
    audit = make_audit(noor, **RIGHT)
    drawn(audit)
    Review.objects.update(probability=0.1)
    transitions.revise(
        revision=line.in_force(audit), operator=lee, kind=RevisionKind.CORRECTION, labels=labels(**WRONG)
    )
    review = review_next(kim)
    assert (review.stratum, review.probability) == ("wrong", 1)
