"""Agreement measured on second looks."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from escalations import metrics
from escalations.metrics import Scope
from escalations.models import Operator, Review, Role
from escalations.reviews import gold, line, pairs
from escalations.reviews.comparing import BY_NAME
from escalations.reviews.rates import Rates, set_rates
from escalations.sla import clocks
from tests.escalations.reviews.audits import RIGHT, WRONG, drawn, make_audit, review_next
from tests.factories import make_admin, make_operator

pytestmark = pytest.mark.django_db

# What each of two people says of six runs: right, or else which step was wrong first.
SAID = [(None, None), (None, None), (None, 1), (1, 1), (1, 2), (2, 0)]


def labels_of(step):
    return RIGHT if step is None else WRONG | {"first_error_index": step}


@pytest.fixture
def found():
    set_rates(Rates(right=1, ordinary=0, gold=0), make_admin())
    noor, kim = make_operator("noor"), make_operator("kim", role=Role.REVIEWER)
    for first, second in SAID:
        drawn(make_audit(noor, **labels_of(first)))
        review_next(kim, **labels_of(second))
    now = clocks.database_now()
    return pairs.pairs(now - timedelta(hours=1), now + timedelta(minutes=1))


def test_fields_are_measured_over_the_pairs_that_count_for_them(found):
    correct = pairs.measure(found, BY_NAME["agent_correct"])
    # Observed 5/6; the first says right in 3 of 6, the second in 2: expected 1/2 x 1/3 + 1/2 x 2/3.
    assert (correct.n, correct.same.value) == (6, pytest.approx(5 / 6))
    assert correct.kappa.value == pytest.approx((5 / 6 - 1 / 2) / (1 - 1 / 2))
    steps = pairs.measure(found, BY_NAME["first_error_index"])
    assert (steps.n, steps.same.value, steps.near.value) == (4, 1 / 4, 2 / 4)
    modes = pairs.measure(found, BY_NAME["failure_modes"])
    assert modes.kappa is None
    assert modes.alpha.value == pytest.approx(1 - (2 / 12) / (2 * 5 * 7 / (12 * 11)))
    assert pairs.measure(found, BY_NAME["responsible"]).n == 0


def test_what_was_drawn_seldom_stands_for_more(found):
    right = Review.objects.filter(stratum="right")
    assert right.count() == 3
    right.update(probability=0.1)
    now = clocks.database_now()
    again = pairs.pairs(now - timedelta(hours=1), now + timedelta(minutes=1))
    same = pairs.measure(again, BY_NAME["agent_correct"]).same
    assert (same.n, same.value) == (6, pytest.approx((20 + 3) / (30 + 3)))


def test_the_metric_counts_the_same_pairs_and_no_gold(found):
    noor, kim = Operator.objects.get(username="noor"), Operator.objects.get(username="kim")
    known = make_audit(noor, **RIGHT)
    seen = line.in_force(known)
    gold.mark(in_force=seen, operator=make_admin(), labels=line.labels_of(seen))
    set_rates(Rates(right=1, ordinary=0, gold=1), make_admin())
    drawn(make_audit(noor, **RIGHT))
    assert review_next(kim, **WRONG).gold
    now = clocks.database_now()
    scope = Scope(since=now - timedelta(hours=1), until=now + timedelta(minutes=1), zone=ZoneInfo("UTC"))
    [agreement] = metrics.measure(["agreement"], scope).values()
    # The same in all that decides, the step among it.
    assert (agreement.n, agreement.parts["same"]) == (6, 3)


def test_pairs_are_told_by_person_and_week(found):
    by_person = pairs.by_person(found)
    assert {str(person): len(theirs) for person, theirs in by_person.items()} == {"kim": 6, "noor": 6}
    [monday] = pairs.by_week(found, UTC)
    assert monday.weekday() == 0
    assert monday <= clocks.database_now().date()
