"""The report of a week, on its page and in a mail."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from escalations.models import Role
from operators.reports.weekly_report import Week, mail_of
from tests.escalations.metrics import desk
from tests.escalations.metrics.desk import NOON
from tests.factories import make_operator

pytestmark = pytest.mark.django_db

# NOON is the Thursday of it.
WEEK = Week(2025, 47, ZoneInfo("UTC"))


@pytest.fixture
def reviewer(client):
    operator = make_operator("ruth", role=Role.REVIEWER, first_name="Ruth")
    client.force_login(operator)
    return operator


def test_a_week_is_that_of_the_calendar_in_the_readers_zone():
    monday_in_utc = datetime(2025, 11, 24, 5, 0, tzinfo=UTC)

    assert str(Week.before(monday_in_utc, ZoneInfo("UTC"))) == "2025-W47"
    assert str(Week.before(monday_in_utc, ZoneInfo("America/Los_Angeles"))) == "2025-W46"
    assert str(WEEK.moved(6)) == "2026-W01"
    assert (WEEK.monday.isoformat(), WEEK.sunday.isoformat()) == ("2025-11-17", "2025-11-23")


def test_the_page_counts_the_cases_of_its_week_alone(client, reviewer):
    for _ in range(12):
        desk.case(NOON, resolved_after=60, usage={"cost_usd": 2})
    desk.case(NOON.replace(day=24))

    context = client.get(WEEK.path).context

    tiles = {tile.name: tile for tiles in context["report"].tiles.values() for tile in tiles}
    assert (tiles["intake"].value, tiles["resolution"].n) == ("12", 12)
    assert client.get(tiles["intake"].url).context["found"].count == 12
    assert context["later"].path == "/figures/report/2025-W48/"


@pytest.mark.parametrize("week", ["2025-W60", "2025-W53", "0-W1", "9999-W52", "2999-W1"])
def test_there_is_no_page_of_a_week_that_no_year_has_or_that_has_not_begun(client, reviewer, week):
    assert client.get(f"/figures/report/{week}/").status_code == 404


def test_the_mail_has_the_figures_and_leads_to_the_page(reviewer):
    desk.case(NOON, resolved_after=60)

    subject, text = mail_of(reviewer, WEEK)

    assert subject == "Handrail: report of the week from 2025-11-17 to 2025-11-23"
    assert "Hello Ruth," in text
    assert "Intake: 1 (n = 1)" in text
    assert "Time to pickup: not enough data (n = 1)" in text
    assert f"{settings.PUBLIC_URL}/figures/report/2025-W47/" in text
