"""What only kept the desk going is forgotten in time; what was decided and said is not."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from escalations import retention, sweeps, transitions
from escalations.models import Bookmark, Escalation, Event, Notice, Offer, OfferOutcome, Ring, Timer
from tests.factories import make_case, make_operator, make_resolved
from tests.plans import copy_case, read_by_named
from tests.threads import at_once

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=31)


def closed(ago=LONG_AGO):
    """A case that was offered, decided and closed, as long ago as that."""
    case = make_resolved()
    Offer.objects.create(
        case=case,
        operator=make_operator(),
        ring=Ring.EXACT,
        weight=1,
        expires_at=Now(),
        ended_at=Now(),
        outcome=OfferOutcome.MISSED,
    )
    Timer.objects.create(case=case, kind="resolution", percent=100, due_at=Now(), fired_at=Now())
    Escalation.objects.filter(id=case.id).update(closed_at=F("closed_at") - ago)
    return case


def leftovers(case):
    return Timer.objects.filter(case=case).count(), Offer.objects.filter(case=case).count()


def test_timers_and_offers_of_cases_that_closed_long_ago_are_forgotten_in_steps():
    old = [closed() for _ in range(5)]
    recent, open_one = closed(timedelta(days=29)), make_case()
    events = Event.objects.count()
    assert [retention.forget_closed(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert {leftovers(case) for case in old} == {(0, 0)}
    assert leftovers(recent)[1] == 1
    assert leftovers(open_one)[0] > 0
    assert Event.objects.count() == events
    assert sweeps.sweep_closed() == 0


def test_a_case_that_is_reopened_keeps_its_new_timers_and_is_forgotten_after_it_closed_again():
    case = closed()
    transitions.reopen(case_id=case.id, operator=make_operator(), reason="Wrong")
    before = leftovers(case)
    assert retention.forget_closed(limit=10) == 0
    assert leftovers(case) == before
    Escalation.objects.filter(id=case.id).update(state="cancelled", closed_at=Now() - LONG_AGO)
    assert retention.forget_closed(limit=10) == 1
    assert leftovers(case) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_workers_that_forget_at_once_forget_everything_once():
    cases = [closed() for _ in range(12)]

    def forget():
        return sum(retention.forget_closed(limit=2) for _ in range(12))

    counts = at_once([forget] * 3)
    while (more := retention.forget_closed(limit=2)) > 0:
        counts.append(more)
    assert sum(counts) == 12
    assert {leftovers(case) for case in cases} == {(0, 0)}


def test_notices_are_kept_for_ninety_days():
    person = make_operator()
    for days in (89, 91, 92, 93):
        Notice.objects.create(
            operator=person, kind="reply", text=f"{days}", created_at=Now() - timedelta(days=days)
        )
    assert sweeps.sweep_notices() == 3
    assert Notice.objects.get().text == "89"


def test_a_step_reads_no_more_rows_where_the_history_is_long():
    case = closed()
    counts = []
    for size in (2_000, 20_000):
        copy_case(case.id, size, closed_at="closed_at - number * interval '1 minute'")
        Bookmark.objects.update_or_create(name="forgotten", defaults={"place": retention._START})
        read = read_by_named("forget_closed", bookmark="forgotten", kept=timedelta(days=30), limit=100)
        counts.append(read["escalations_escalation"])
    assert counts[0] == counts[1] <= 101
