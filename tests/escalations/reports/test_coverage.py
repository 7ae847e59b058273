"""Demand against people, by skill and hour."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from escalations.models import Stay
from escalations.reports.coverage import coverage
from tests.escalations.metrics import desk
from tests.escalations.metrics.desk import NOON, WEEK
from tests.factories import make_operator, make_skill

pytestmark = pytest.mark.django_db


def there(operator, since, hours):
    Stay.objects.create(
        operator=operator, availability="available", started_at=since, ended_at=since + timedelta(hours=hours)
    )


def row(found, name):
    return next(skill for skill in found.skills if skill.name == name)


def test_each_hour_has_the_work_of_a_skill_beside_those_who_have_it():
    make_skill("fr")
    noor = make_operator("noor", skills=["fr"])
    kim = make_operator("kim")
    there(noor, NOON + timedelta(minutes=30), 1)
    there(kim, NOON, 2)
    for _ in range(7):
        asks = {"routing": {"skills": ["fr"]}, "operator": noor}
        case = desk.case(NOON + timedelta(minutes=5), resolved_after=60, **asks)
        case.resolutions.update(handle_seconds=1_800)
    desk.case(NOON + timedelta(hours=3))

    found = coverage(replace(WEEK, since=NOON - timedelta(hours=12), until=NOON + timedelta(hours=12)))

    noon = row(found, "fr").cells[12]
    assert (noon.cases, noon.work, noon.people) == (7, 3.5, 0.5)
    assert noon.is_short
    assert row(found, "fr").cells[13].people == 0.5
    assert row(found, "fr").cells[14].is_quiet
    anybody = row(found, "").cells
    assert (anybody[12].people, anybody[15].cases, anybody[15].is_short) == (1.5, 1, True)
    assert (found.days, found.is_known) == (1, True)


def test_hours_are_those_of_the_zone_and_of_the_chosen_days():
    desk.case(NOON)  # a Thursday
    tokyo = replace(WEEK, zone=ZoneInfo("Asia/Tokyo"))

    assert row(coverage(tokyo, [4]), "").cells[21].cases == 1
    assert coverage(tokyo, [5]).skills == []


def test_the_hour_that_comes_twice_where_summer_time_ends_is_two_hours_long():
    berlin = ZoneInfo("Europe/Berlin")
    noor = make_operator()
    one_of_two = datetime(2025, 10, 26, 0, tzinfo=UTC)  # 2:00, and an hour later 2:00 again
    for moment in (one_of_two, one_of_two + timedelta(hours=1)):
        desk.case(moment + timedelta(minutes=30))
    there(noor, one_of_two, 2)
    since, until = datetime(2025, 10, 26, tzinfo=berlin), datetime(2025, 10, 27, tzinfo=berlin)

    found = row(coverage(replace(WEEK, since=since, until=until, zone=berlin)), "")

    assert (found.cells[2].cases, found.cells[2].people, found.cases) == (1, 1, 2)
