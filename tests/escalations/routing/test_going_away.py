"""The cases of somebody who goes away: they go back, or are kept for a while and no longer."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from escalations import presence, transitions
from escalations.models import Availability, Claim, Escalation, Outcome, Presence, Role, State
from escalations.transitions import KEPT_WHILE_AWAY, LEASE, LeaseLost
from escalations.transitions.lease import requeue_dead_leases
from tests.factories import claim, make_case, make_operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder():
    operator = make_operator()
    return [claim(make_case(), operator) for _ in range(2)]


def go_away(lease, **how):
    presence.set_availability(operator=lease.operator, availability=Availability.AWAY, **how)


def left(lease):
    """How much of the lease is left."""
    return Escalation.objects.annotate(now=Now()).values_list("lease_expires_at", "now").get(id=lease.case_id)


def pass_by(seconds):
    """Let so much time go by: everything happened longer ago."""
    ago = timedelta(seconds=seconds)
    for claimed in Claim.objects.filter(ended_at=None):
        Claim.objects.filter(id=claimed.pk).update(started_at=claimed.started_at - ago)
    for case in Escalation.objects.filter(state=State.CLAIMED):
        Escalation.objects.filter(id=case.id).update(lease_expires_at=case.lease_expires_at - ago)
    for one in Presence.objects.all():
        Presence.objects.filter(pk=one.pk).update(since=one.since - ago)


def test_what_is_put_back_stands_in_the_queue_at_once(holder):
    go_away(holder[0], put_back=True)
    assert set(Escalation.objects.values_list("state", "holder")) == {(State.QUEUED, None)}
    assert set(Claim.objects.values_list("outcome", flat=True)) == {Outcome.RELEASED}
    for lease in holder:
        with pytest.raises(LeaseLost):
            transitions.heartbeat(lease=lease)
        assert Escalation.objects.get(id=lease.case_id).events.filter(kind="released").count() == 1


def test_what_is_kept_is_kept_for_a_while_and_an_open_page_keeps_it_no_longer(holder):
    go_away(holder[0])
    end, now = left(holder[0])
    assert timedelta(0) <= KEPT_WHILE_AWAY - (end - now) < timedelta(seconds=5)

    pass_by(KEPT_WHILE_AWAY.total_seconds() - 30)
    for lease in holder:
        assert transitions.heartbeat(lease=lease) - now < timedelta(seconds=31)
    pass_by(31)
    with pytest.raises(LeaseLost):
        transitions.heartbeat(lease=holder[0])
    assert requeue_dead_leases() == 2


def test_who_was_set_away_for_missed_offers_keeps_what_they_work_on_for_as_long(holder):
    Presence.objects.update(availability=Availability.AWAY, since=Now())
    pass_by(100)
    for _ in range(8):
        transitions.heartbeat(lease=holder[0])
        pass_by(95)
    # A little before the end.
    assert transitions.heartbeat(lease=holder[0]) == Presence.objects.get().since + KEPT_WHILE_AWAY
    pass_by(95)
    with pytest.raises(LeaseLost):
        transitions.heartbeat(lease=holder[0])


@pytest.mark.parametrize("back", [Availability.AVAILABLE, Availability.WRAP_UP])
def test_who_comes_back_keeps_their_cases_as_before(holder, back):
    go_away(holder[0])
    pass_by(KEPT_WHILE_AWAY.total_seconds() - 30)
    presence.set_availability(operator=holder[0].operator, availability=back)
    end = transitions.heartbeat(lease=holder[0])
    assert LEASE - timedelta(seconds=5) < end - left(holder[0])[1] <= LEASE


def test_who_only_watched_goes_away_as_others_do():
    lease = claim(make_case(), make_operator(role=Role.REVIEWER))
    go_away(lease, reason="Lunch")
    pass_by(KEPT_WHILE_AWAY.total_seconds() - 30)
    assert transitions.heartbeat(lease=lease) == left(lease)[0] < left(lease)[1] + timedelta(seconds=31)
    pass_by(31)
    with pytest.raises(LeaseLost):
        transitions.heartbeat(lease=lease)


def test_what_somebody_takes_while_they_are_away_is_theirs_as_any_other(holder):
    go_away(holder[0], put_back=True)
    pass_by(3600)
    lease = claim(make_case(), holder[0].operator)
    end = transitions.heartbeat(lease=lease)
    assert LEASE - timedelta(seconds=5) < end - left(lease)[1] <= LEASE
