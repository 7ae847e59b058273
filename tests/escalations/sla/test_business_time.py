"""Business time: opening hours, holidays and time zones, against a plain count of minutes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escalations.models import Calendar, Holiday, OpeningHours
from escalations.models.queues import Weekday
from escalations.sla import clocks

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
MIDNIGHT = time.max  # as `closes`: the end of the day
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kathmandu",
    "UTC",
]
# Around the changes of the clocks of these zones in 2026, and weeks without one.
WEEKS = [
    date(2026, 3, 4),
    date(2026, 3, 26),
    date(2026, 4, 1),
    date(2026, 9, 3),
    date(2026, 10, 22),
    date(2026, 10, 29),
]


def make_calendar(zone="Europe/Berlin", hours=(), holidays=()):
    """`hours` are (weekday, opens, closes)."""
    calendar = Calendar.objects.create(name=f"calendar {Calendar.objects.count()}", timezone=zone)
    OpeningHours.objects.bulk_create(
        OpeningHours(calendar=calendar, weekday=weekday, opens=opens, closes=closes)
        for weekday, opens, closes in hours
    )
    Holiday.objects.bulk_create(Holiday(calendar=calendar, day=day) for day in holidays)
    return calendar


def office(zone="Europe/Berlin", **more):
    """Monday to Friday, nine to five with an hour for lunch."""
    stretches = [(time(9), time(12)), (time(13), time(17))]
    return make_calendar(zone, [(day, *stretch) for day in range(5) for stretch in stretches], **more)


def at(text, zone="Europe/Berlin"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def counted(calendar, since, until):
    """Open minutes, by looking at the clock on the wall of each."""
    zone = ZoneInfo(calendar.timezone)
    hours = [(row.weekday, row.opens, row.closes) for row in calendar.hours.all()]
    holidays = {row.day for row in calendar.holidays.all()}
    minutes = int((until - since) / MINUTE)
    walls = ((since.astimezone(UTC) + number * MINUTE).astimezone(zone) for number in range(minutes))
    return sum(
        wall.date() not in holidays
        and any(wall.weekday() == day and opens <= wall.time() < closes for day, opens, closes in hours)
        for wall in walls
    )


quarters = st.integers(0, 95).map(lambda number: time(number // 4, number % 4 * 15))


@st.composite
def openings(draw):
    weekday = draw(st.sampled_from(Weekday.values))
    opens, closes = sorted(
        draw(st.tuples(quarters, quarters | st.just(MIDNIGHT)).filter(lambda pair: pair[0] != pair[1]))
    )
    return weekday, opens, closes


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    zone=st.sampled_from(ZONES),
    hours=st.lists(openings(), min_size=1, max_size=12),
    week=st.sampled_from(WEEKS),
    closed=st.sets(st.integers(0, 9), max_size=3),
    start=st.integers(0, 5 * 24 * 60),
    length=st.integers(0, 6 * 24 * 60),
)
def test_any_calendar_counts_as_a_look_at_the_clock_each_minute(zone, hours, week, closed, start, length):
    calendar = make_calendar(zone, hours, {week + timedelta(days=number) for number in closed})
    since = datetime.combine(week, time(), UTC) + start * MINUTE
    minutes = counted(calendar, since, since + length * MINUTE)

    assert clocks.business_seconds(calendar.pk, since, since + length * MINUTE) == minutes * 60
    deadline = clocks.business_deadline(calendar.pk, since, minutes * 60)
    assert clocks.business_seconds(calendar.pk, since, deadline) == minutes * 60
    assert deadline <= since + length * MINUTE


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seconds=st.floats(0.001, 500_000).map(lambda number: round(number, 3)),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_a_deadline_is_as_much_business_time_away_as_was_asked(seconds, start):
    calendar = office(holidays=[date(2026, 5, 1), date(2026, 12, 25)])
    deadline = clocks.business_deadline(calendar.pk, start, seconds)

    assert clocks.business_seconds(calendar.pk, start, deadline) == pytest.approx(seconds, abs=2e-6)
    assert clocks.business_seconds(calendar.pk, start, deadline - timedelta(microseconds=10)) < seconds


@pytest.mark.parametrize(
    ("start", "hours", "deadline"),
    [
        ("2026-06-01T10:00", 1, "2026-06-01T11:00"),
        ("2026-06-01T11:30", 1, "2026-06-01T13:30"),  # over lunch
        ("2026-06-01T11:00", 1, "2026-06-01T12:00"),  # the last moment before lunch is in time
        ("2026-06-05T16:00", 2, "2026-06-08T10:00"),  # over a weekend
        ("2026-06-06T03:00", 1, "2026-06-08T10:00"),  # from a closed day
        ("2026-04-30T16:00", 2, "2026-05-04T10:00"),  # over a holiday and the weekend after it
        ("2026-03-27T16:00", 2, "2026-03-30T10:00"),  # over the change to summer time
        ("2026-10-23T16:00", 2, "2026-10-26T10:00"),  # and the one back
        ("2026-06-01T09:00", 7 * 5 * 8, "2026-07-24T17:00"),  # for weeks
    ],
)
def test_an_office_week(start, hours, deadline):
    calendar = office(holidays=[date(2026, 5, 1)])
    assert clocks.business_deadline(calendar.pk, at(start), hours * 3600) == at(deadline)


def test_the_hour_that_is_skipped_is_not_counted_and_the_one_that_comes_twice_counts_twice():
    for zone, spring, autumn in [
        ("Europe/Berlin", "2026-03-29", "2026-10-25"),
        ("America/New_York", "2026-03-08", "2026-11-01"),
    ]:
        always = make_calendar(zone, [(day, time(0), MIDNIGHT) for day in range(7)])
        night = make_calendar(zone, [(Weekday.SUNDAY, time(0), time(6))])
        for day, hours in ((spring, 5), (autumn, 7)):
            start = at(f"{day}T00:00", zone)
            assert clocks.business_seconds(night.pk, start, start + timedelta(days=3)) == hours * 3600
            assert clocks.business_deadline(night.pk, start, hours * 3600) == at(f"{day}T06:00", zone)
            assert clocks.business_seconds(always.pk, start, at(f"{day}T06:00", zone)) == hours * 3600


def test_without_a_calendar_all_time_counts():
    start = at("2026-03-28T12:00")
    assert clocks.business_deadline(None, start, 86_400) == start.astimezone(UTC) + timedelta(days=1)
    assert clocks.business_seconds(None, start, start + timedelta(seconds=1.5)) == 1.5
    with connection.cursor() as cursor:
        cursor.execute("SELECT business_deadline(NULL, %s, 90)", [start])
        assert cursor.fetchone()[0] == start + timedelta(seconds=90)
        cursor.execute("SELECT business_seconds(NULL, %s, %s)", [start, start + MINUTE])
        assert cursor.fetchone()[0] == 60
        cursor.execute("SELECT business_seconds(NULL, %s, %s)", [start, start - MINUTE])
        assert cursor.fetchone()[0] == 0


def test_the_planner_inlines_the_arithmetic_of_queues_that_are_always_open():
    with connection.cursor() as cursor:
        cursor.execute(
            """
            EXPLAIN VERBOSE SELECT business_deadline(calendar_id, statement_timestamp(), aging_seconds),
                                   business_seconds(calendar_id, statement_timestamp(), now())
            FROM escalations_queue
            """
        )
        plan = str(cursor.fetchall())
    assert "make_interval" in plan
    assert "business_deadline(" not in plan
    assert "business_seconds(" not in plan


def test_a_calendar_that_never_opens_ends_the_search_after_400_days():
    start = at("2026-06-01T10:00")
    closed = make_calendar()
    seldom = make_calendar(hours=[(Weekday.MONDAY, time(9), time(9, 1))])

    assert clocks.business_deadline(closed.pk, start, 60) == start + timedelta(days=400)
    assert clocks.business_seconds(closed.pk, start, start + timedelta(days=100)) == 0
    assert clocks.business_deadline(seldom.pk, start, 57 * 60) == at("2027-07-05T09:01")
    assert clocks.business_deadline(seldom.pk, start, 58 * 60) == start + timedelta(days=400)


def test_the_database_refuses_a_time_zone_that_it_does_not_know():
    with pytest.raises(DatabaseError, match="not recognized"), transaction.atomic():
        Calendar.objects.create(name="nowhere", timezone="Middle/Earth")
