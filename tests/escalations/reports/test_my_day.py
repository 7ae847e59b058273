"""What one person did since midnight, and whether reviewers agree with them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalations import presence
from escalations.models import Availability, Presence, Resolution, Stay
from escalations.presence import set_availability
from escalations.reports import my_day
from escalations.retention import forgetting
from escalations.sla import clocks
from tests.factories import claim, make_case, make_operator, make_resolved

UTC_ZONE = ZoneInfo("UTC")


def test_the_day_starts_at_the_persons_midnight():
    now = datetime(2026, 3, 29, 22, 30, tzinfo=UTC)
    assert my_day.start_of_day(now, ZoneInfo("Europe/Berlin")) == datetime(2026, 3, 29, 22, 0, tzinfo=UTC)
    assert my_day.start_of_day(now, UTC_ZONE) == datetime(2026, 3, 29, tzinfo=UTC)


@pytest.mark.django_db
class TestWork:
    def test_ones_own_decisions_since_then_are_counted_by_kind(self):
        noor = make_operator("noor")
        since = clocks.database_now() - timedelta(hours=1)
        for kind in ("approval", "approval", "question"):
            make_resolved(noor, "approve" if kind == "approval" else "respond", kind=kind)
        make_resolved(make_operator("kim"))
        yesterday = make_resolved(noor)
        Resolution.objects.filter(case=yesterday).update(created_at=Now() - timedelta(days=1))
        work = my_day.work(noor, since, UTC_ZONE)
        assert (work.count, work.by_kind) == (3, [("Approval", 2), ("Question", 1)])
        assert sum(count for _, count in work.by_hour) == 3
        assert work.median is None  # of three

    def test_enough_decisions_have_a_median(self):
        noor = make_operator("noor")
        for _ in range(10):
            make_resolved(noor)
        Resolution.objects.update(handle_seconds=90)
        assert my_day.work(noor, clocks.database_now() - timedelta(hours=1), UTC_ZONE).median == 90

    def test_the_handle_time_of_all_is_summed(self):
        noor = make_operator("noor")
        for _ in range(2):
            make_resolved(noor)
        Resolution.objects.update(handle_seconds=90)
        assert my_day.work(noor, clocks.database_now() - timedelta(hours=1), UTC_ZONE).total == 180


@pytest.mark.django_db
class TestTime:
    """By pages that answered; time is written into rows."""

    def pass_(self, operator, **time):
        """As if so much time had passed since the last answer."""
        ago = timedelta(**time)
        Stay.objects.filter(operator=operator).update(
            started_at=F("started_at") - ago, ended_at=F("ended_at") - ago
        )
        Presence.objects.filter(operator=operator).update(seen_at=F("seen_at") - ago)

    def minutes(self, operator, since=timedelta(hours=12)):
        now = clocks.database_now()
        spent = my_day.time_in(operator, now - since, now)
        return {
            availability: round(time / timedelta(minutes=1)) for availability, time in spent.items() if time
        }

    def test_only_time_with_an_open_page_counts(self):
        noor = make_operator("noor")
        presence.seen(noor.pk)
        for _ in range(6):
            self.pass_(noor, seconds=30)
            presence.seen(noor.pk)
        assert self.minutes(noor) == {"available": 3}
        self.pass_(noor, hours=8)  # the lid is closed, and nothing was chosen
        presence.seen(noor.pk)
        assert self.minutes(noor) == {"available": 3}
        assert Stay.objects.filter(operator=noor).count() == 2

    def test_it_is_told_by_what_was_chosen_meanwhile(self):
        noor = make_operator("noor")
        presence.seen(noor.pk)
        self.pass_(noor, seconds=50)
        presence.seen(noor.pk)
        set_availability(operator=noor, availability=Availability.AWAY, reason="Lunch")
        for _ in range(4):
            self.pass_(noor, seconds=30)
            presence.seen(noor.pk)
        assert self.minutes(noor) == {"available": 1, "away": 2}

    def test_who_leaves_was_there_until_then(self):
        noor = make_operator("noor")
        presence.seen(noor.pk)
        self.pass_(noor, seconds=40)
        presence.left(noor.pk)
        stay = Stay.objects.get(operator=noor)
        assert timedelta(seconds=40) <= stay.ended_at - stay.started_at < timedelta(seconds=60)

    def test_the_time_before_midnight_does_not_count(self):
        noor = make_operator("noor")
        now = clocks.database_now()
        Stay.objects.create(
            operator=noor, availability="available", started_at=now - timedelta(hours=9), ended_at=now
        )
        assert self.minutes(noor, since=timedelta(hours=1)) == {"available": 60}

    def test_it_is_forgotten_after_a_while(self):
        noor = make_operator("noor")
        presence.seen(noor.pk)
        assert forgetting.forget_stays(limit=10) == 0
        self.pass_(noor, days=31)
        assert forgetting.forget_stays(limit=10) == 1


class TestAgreement:
    def test_nothing_is_said_of_few(self):
        assert not my_day.Agreement(n=9, same=9).is_enough
        assert my_day.Agreement(n=10, same=9).is_enough


@pytest.mark.django_db
def test_the_page_shows_the_cases_at_hand_and_says_what_is_not_known(client):
    noor = make_operator("noor")
    claim(make_case(question="With me"), noor)
    client.force_login(noor)
    page = client.get(reverse("me")).content.decode()
    assert "With me" in page
    assert page.count("not enough data") == 2
    assert "second looks" in page


@pytest.mark.django_db
def test_the_page_costs_as_many_queries_for_much_as_for_little(client, django_assert_num_queries):
    noor = make_operator("noor")
    client.force_login(noor)
    with CaptureQueriesContext(connection) as little:
        client.get(reverse("me"))
    for _ in range(12):
        make_resolved(noor)
        claim(make_case(), noor)
    with django_assert_num_queries(len(little)):
        client.get(reverse("me"))
