"""The metrics page, and that each of its numbers leads to exactly its cases."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from escalations import metrics
from escalations.metrics import registry
from escalations.models import AgentVersion, Checkpoint, Role
from tests import factories
from tests.escalations.metrics import desk
from tests.plans import copy_rows, read_while

pytestmark = pytest.mark.django_db

PAGE = "/figures/"
MOST_QUERIES = 13  # session and person among them


@pytest.fixture
def reviewer(client: Client):
    operator = factories.make_operator("ruth", role=Role.REVIEWER)
    client.force_login(operator)
    return operator


@pytest.fixture
def a_week(reviewer):
    """Some of everything on the last five days, in two versions of an agent."""
    for day in range(5):
        noon = timezone.now() - timedelta(days=day, hours=1)
        for version in ("2.3", "2.4"):
            desk.case(noon, picked_up_after=60, resolved_after=600, version=version, usage={"cost_usd": 0.2})
        desk.case(noon, resolved_after=1_900, decision="reject", labels={"failure_primary": "cost"})
        desk.case(noon, picked_up_after=2_000)
        desk.case(noon)
        desk.withdrawn(noon, after=30)


def test_operators_do_not_see_figures(client):
    client.force_login(factories.make_operator())

    assert client.get(PAGE).status_code == 403


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN])
def test_reviewers_and_admins_do(role, client):
    client.force_login(factories.make_operator(role=role))

    answer = client.get(PAGE)

    assert answer.status_code == 200
    assert "No cases match" in answer.content.decode()


def numbers(context):
    """Each (number, address) of the page: cards that count, and the cells of every table."""
    for card in context["cards"]:
        if re.fullmatch(r"[\d,]+", card.value):
            yield card.value, card.url
        if card.part:
            yield card.part.split()[0], card.part_url
    for chart in context["charts"]:
        for _, cells in chart.rows:
            yield from ((cell.text.split()[0], cell.url) for cell in cells)


def test_every_number_leads_to_as_many_cases(a_week, client):
    context = client.get(PAGE, {"period": "7d"}).context
    checked = {(number, url) for number, url in numbers(context) if re.fullmatch(r"[\d,]+", number)}

    assert len(checked) > 60
    for number, url in checked:
        assert str(client.get(url).context["found"].count) == number, url


def test_every_point_of_a_drawing_leads_to_cases(a_week, client):
    page = client.get(PAGE, {"period": "7d"}).content.decode()
    drawings = re.findall(r'<script id="chart-\w+" type="application/json">(.*?)</script>', page)
    lines = [series for text in drawings for series in json.loads(text)["series"]]
    points = [point for series in lines for point in series["data"] if point is not None]

    assert len(drawings) == 8
    assert all(point["href"].startswith(reverse("cases")) for point in points)
    received = next(series for series in lines if series["name"] == "received")
    assert sum(point["value"] for point in received["data"]) == 30


def test_a_day_that_is_not_over_says_so(reviewer, client):
    days = [label for label, _ in client.get(PAGE).context["charts"][0].rows]
    assert [day.endswith("\nso far") for day in days] == [False] * 6 + [True]


def test_too_few_cases_are_no_figure(reviewer, client):
    desk.case(timezone.now() - timedelta(hours=1), resolved_after=60)

    cards = {card.title: card for card in client.get(PAGE).context["cards"]}

    assert (cards["Time to pickup"].value, cards["Time to pickup"].note) == ("", "n = 1")
    assert cards["Intake"].value == "1"


def test_the_page_costs_as_many_queries_for_many_cases_as_for_few(a_week, client):
    with CaptureQueriesContext(connection) as few:
        client.get(PAGE)
    for _ in range(30):
        desk.case(timezone.now() - timedelta(hours=2), resolved_after=60)
    with CaptureQueriesContext(connection) as many:
        client.get(PAGE)

    assert len(many) == len(few) <= MOST_QUERIES


def outputs(step, *, passed, failed, version="2.3", days=1):
    """Outputs of a step that passed and failed their checkpoints, some days ago."""
    version, _ = AgentVersion.objects.get_or_create(agent=factories.make_agent(), name=version)
    then = timezone.now() - timedelta(days=days)
    for is_passed, count in ((True, passed), (False, failed)):
        row = {"fault": "ok" if is_passed else "empty", "passed": is_passed, "created_at": then}
        Checkpoint.objects.bulk_create(
            Checkpoint(agent_version=version, step=step, **row) for _ in range(count)
        )


def passing(client, **narrowed):
    found = client.get(PAGE, narrowed).context["passing"]
    for one, _, url in found:
        assert len(client.get(url).context["lines"]) == one.n
        assert len(client.get(f"{url}&part=passed").context["lines"]) == one.passed
    return [(one.agent, one.step, one.n, one.passed) for one, *_ in found]


def test_each_step_says_how_many_outputs_passed(reviewer, client):
    outputs("find order", passed=18, failed=2)
    outputs("find order", passed=0, failed=5, version="2.4")
    outputs("find order", passed=9, failed=9, days=20)
    outputs("answer", passed=3, failed=0)
    text = client.get(PAGE, {"version": "support/2.3"}).content.decode()
    assert "support · find order" in text
    assert "90.0%" in text
    assert "not enough data" in text
    assert passing(client) == [("support", "answer", 3, 3), ("support", "find order", 25, 18)]
    assert passing(client, version="support/2.4") == [("support", "find order", 5, 0)]
    assert passing(client, queue=factories.make_queue().name) == []


def test_the_rate_of_passing_reads_no_more_rows_where_many_were_checked(monkeypatch):
    monkeypatch.setattr(registry, "NEWEST_CHECKED", 500)
    outputs("find order", passed=1, failed=0)
    counts = []
    for size in (2_000, 20_000):
        copy_rows(Checkpoint, size, id="{size} + number", created_at="created_at - number * interval '1 s'")
        month = replace(desk.WEEK, since=timezone.now() - timedelta(days=30), until=timezone.now())
        counts.append(read_while(partial(metrics.passing, month))["escalations_checkpoint"])
    assert counts == [500, 500]


def test_the_filters_are_in_the_address_and_on_the_page(a_week, client):
    chosen = {"period": "24h", "agent": "support", "version": "support/2.4", "queue": "support"}
    answer = client.get(PAGE, chosen)

    scope = answer.context["filters"].scope
    assert (scope.agent, scope.version, scope.queue) == ("support", "2.4", "support")
    assert scope.is_hourly
    assert '<option value="support/2.4" selected>' in answer.content.decode()


def test_days_are_those_of_the_viewer(client):
    client.force_login(factories.make_operator(role=Role.ADMIN, timezone="Pacific/Kiritimati"))  # UTC+14

    scope = (
        client.get(PAGE, {"period": "custom", "start": "2025-11-20", "end": "2025-11-21"})
        .context["filters"]
        .scope
    )

    assert scope.since.isoformat() == "2025-11-20T00:00:00+14:00"
    assert scope.until.isoformat() == "2025-11-22T00:00:00+14:00"


@pytest.mark.parametrize(
    "wrong",
    [
        {"period": "century"},
        {"period": "custom", "start": "soon"},
        {"period": "custom", "start": "2025-11-20", "end": "2025-11-19"},
        {"period": "custom", "start": "2024-01-01"},
        {"period": "custom", "start": "0026-11-01"},
        {"period": "custom", "start": "2998-11-20"},
        {"period": "custom", "end": "9999-12-31"},
        {"since": "2025-11-20T00:00:00Z", "until": "2025-11-19T00:00:00Z"},
        {"since": "0001-01-01T00:00:00Z", "until": "0001-01-20T00:00:00Z"},
        {"agent": "nobody"},
        {"queue": "<script>"},
        {"since": "x", "until": "y"},
    ],
    ids=str,
)
def test_filters_that_make_no_sense_are_told_and_left_out(wrong, reviewer, client):
    answer = client.get(PAGE, wrong)

    assert answer.status_code == 200
    assert answer.context["filters"].form.errors
    scope = answer.context["filters"].scope
    assert timedelta(0) < scope.until - scope.since <= timedelta(days=400)


def test_a_version_gives_way_when_another_agent_is_chosen(a_week, client):
    factories.make_agent("billing")
    factories.make_case(factories.make_agent("billing"))

    scope = client.get(PAGE, {"agent": "billing", "version": "support/2.3"}).context["filters"].scope

    assert (scope.agent, scope.version) == ("billing", "")
