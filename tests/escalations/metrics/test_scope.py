from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from escalations.metrics import Scope, series

from . import desk

OSLO = ZoneInfo("Europe/Oslo")


def scope(since: str, until: str) -> Scope:
    return Scope(datetime.fromisoformat(since), datetime.fromisoformat(until), OSLO)


def test_days_are_those_of_the_viewer():
    days = list(scope("2025-11-20T23:30:00Z", "2025-11-22T12:00:00Z").buckets())

    assert [f"{day:%d %H:%M %z}" for day in days] == ["21 00:00 +0100", "22 00:00 +0100"]


def test_a_day_has_as_many_hours_as_the_zone_gives_it():
    days = list(scope("2025-10-24T22:00:00Z", "2025-10-27T12:00:00Z").buckets())

    assert [f"{day.astimezone(UTC):%d %H:%M}" for day in days] == ["24 22:00", "25 22:00", "26 23:00"]


def test_a_short_period_goes_by_the_hour_and_keeps_the_hour_that_comes_twice():
    night = scope("2025-10-25T23:00:00Z", "2025-10-26T03:00:00Z")

    assert [f"{hour.astimezone(OSLO):%H:%M %z}" for hour in night.buckets()] == [
        "01:00 +0200",
        "02:00 +0200",
        "02:00 +0100",
        "03:00 +0100",
    ]


@pytest.mark.django_db
def test_each_case_is_in_the_bucket_of_its_time():
    desk.case(datetime(2025, 11, 20, 22, 59, tzinfo=UTC))
    desk.case(datetime(2025, 11, 20, 23, 1, tzinfo=UTC))
    week = scope("2025-11-17T23:00:00Z", "2025-11-24T23:00:00Z")

    found = series(["intake"], week)["intake"]

    assert {start.date().isoformat(): figure.n for start, figure in found.items()} == {
        "2025-11-20": 1,
        "2025-11-21": 1,
    }
    assert set(found) <= set(week.buckets())


@pytest.mark.django_db
def test_hours_of_a_night_with_two_of_the_same_name_are_told_apart():
    for moment in ("2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z"):
        desk.case(datetime.fromisoformat(moment))
    night = scope("2025-10-25T23:00:00Z", "2025-10-26T03:00:00Z")

    found = series(["intake"], night)["intake"]

    assert [found[hour].n for hour in night.buckets() if hour in found] == [1, 1]


@pytest.mark.parametrize(
    ("since", "until", "begins"),
    [
        (
            datetime(2026, 3, 2, tzinfo=UTC),
            datetime(2026, 3, 8, 10, 20, tzinfo=UTC),
            "2026-02-23T14:00:00+00:00",
        ),
        (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC), "2026-02-23T00:00:00+00:00"),
        (
            datetime(2026, 3, 2, 9, tzinfo=UTC),
            datetime(2026, 3, 2, 9, 40, tzinfo=UTC),
            "2026-03-02T08:20:00+00:00",
        ),
    ],
)
def test_the_period_before_is_as_long_but_begins_with_a_whole_hour(since, until, begins):
    before = Scope(since, until, ZoneInfo("UTC")).before
    assert (before.since.isoformat(), before.until) == (begins, since)
