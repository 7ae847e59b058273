"""Figures over the API: the same as the registry counts, told apart as asked, and row by row."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from escalations.metrics import METRICS, Scope, measure, waiting
from tests.agents_api.conftest import pointers
from tests.escalations.metrics import desk
from tests.factories import make_agent, make_report_key

pytestmark = pytest.mark.django_db

WEEK = {"since": desk.WEEK.since.isoformat(), "until": desk.WEEK.until.isoformat()}


@pytest.fixture
def ask():
    key, client = make_report_key(scopes=["metrics"]), Client()

    def ask(path, **query):
        headers = {"Authorization": f"Bearer {key}"}
        return client.get(f"/api/v1/metrics{path}?{urlencode(query)}", headers=headers)

    return ask


@pytest.fixture
def a_week():
    billing = make_agent("billing")
    for day in range(6):
        noon = desk.NOON - timedelta(days=day)
        desk.case(noon, resolved_after=600)
        desk.case(noon, resolved_after=60, decision="reject", agent=billing, version="7")
        desk.withdrawn(noon, after=30)
    desk.case(desk.WEEK.since - timedelta(days=2), resolved_after=60)


def test_every_metric_is_there_with_its_definition(ask):
    items = ask("").json()["items"]
    assert [item["name"] for item in items] == list(METRICS)
    assert all(item["sql"].count("SELECT") and item["meaning"].endswith(".") for item in items)


def test_a_figure_is_the_one_of_the_registry_with_the_period_before(ask, a_week):
    told = ask("/override", **WEEK).json()
    figure = measure(["override"], desk.WEEK)["override"]
    assert (told["figure"]["n"], told["figure"]["share"]) == (figure.n, figure.share) == (12, 0.5)
    assert told["figure"]["interval"] == pytest.approx(figure.interval)
    assert told["figure"]["parts"]["agreed"] == {
        "n": 6,
        "share": 0.5,
        "interval": pytest.approx(figure.interval_of("agreed")),
    }
    assert (told["before"]["n"], told["change"]) == (1, None)
    assert told["groups"] is told["buckets"] is None
    rate = ask("/abandonment", **WEEK).json()["figure"]
    assert (rate["n"], rate["of"], rate["share"]) == (6, 18, pytest.approx(1 / 3))
    assert ask("/resolution", **WEEK, agent="billing").json()["figure"]["p50"] == 60
    assert ask("/backlog", **WEEK).json()["before"] is None
    assert told["survival"] is None
    curve = waiting(desk.WEEK)
    assert ask("/wait", **WEEK).json()["survival"] == {
        "n": curve.n,
        "events": curve.events,
        "median": pytest.approx(curve.median),
        "interval": list(curve.interval),
    }


def test_the_backlog_has_buckets_until_now(ask, a_week):
    told = ask("/backlog", **WEEK, bucket="day").json()
    assert (told["metric"]["came"], told["metric"]["went"]) == (
        ["intake", "opened_again"],
        ["closed", "closed_for_a_while"],
    )
    assert [one["figure"]["n"] for one in told["buckets"]] == [0] * 8
    desk.case(desk.WEEK.since + timedelta(days=2))
    for narrowed, n in (({}, 1), ({"agent": "billing"}, 0)):
        days = ask("/backlog", **WEEK, **narrowed, bucket="day").json()["buckets"]
        assert [one["figure"]["n"] for one in days] == [0, 0] + [n] * 6
        assert {one["figure"]["p50"] for one in days} == {None}
    assert ask("/drain", **WEEK, bucket="day").json()["buckets"] is None
    recent = {"since": timezone.now() - timedelta(days=2), "until": timezone.now() + timedelta(days=3)}
    days = ask("/backlog", **{name: day.isoformat() for name, day in recent.items()}, bucket="day").json()
    assert [one["figure"]["n"] for one in days["buckets"]] == [1, 1, 1]


def test_a_wait_that_may_go_on_has_no_percentiles_but_a_median_of_all(ask, a_week):
    told = ask("/wait", **WEEK, by="agent", bucket="day").json()
    each = [told, *told["groups"], *told["buckets"]]
    assert {one["figure"][name] for one in each for name in ("p50", "p95", "mean", "highest")} == {None}
    by_agent = {one["key"]: one["survival"] for one in told["groups"]}
    days = [one["survival"] for one in told["buckets"] if one["survival"]]
    assert {name: (found["n"], found["events"]) for name, found in by_agent.items()} == {
        "billing": (6, 6),
        "support": (12, 6),
    }
    assert [(found["n"], found["events"]) for found in days] == [(3, 2)] * 6
    assert {found["median"] for found in days} == {told["survival"]["median"]}
    assert ask("/pickup", **WEEK, by="agent").json()["groups"][0]["survival"] is None


def test_it_is_told_apart_as_asked(ask, a_week):
    by = {group: ask("/resolution", **WEEK, by=group).json()["groups"] for group in ("version", "queue")}
    assert [(one["key"], one["figure"]["n"]) for one in by["version"]] == [
        ("billing/7", 6),
        ("support/2.3", 6),
    ]
    assert [(one["key"], one["figure"]["p50"]) for one in by["queue"]] == [("support", 330)]
    buckets = ask("/intake", **WEEK, bucket="day", zone="Europe/Oslo").json()["buckets"]
    assert buckets[0]["start"] == "2025-11-13T23:00:00.000000Z"
    assert sum(one["figure"]["n"] for one in buckets) == 18


def test_rows_come_page_by_page_each_once_however_many_share_a_moment(ask, a_week):
    cases, cursor = [], {}
    while True:
        page = ask("/intake/rows", **WEEK, limit=2, **cursor).json()
        cases += [row["handoff_id"] for row in page["items"]]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(cases) == len(set(cases)) == 18
    overrode = ask("/override/rows", **WEEK, part="overrode").json()["items"]
    assert [row["part"] for row in overrode] == ["overrode"] * 6
    assert overrode[0]["agent"] == "billing"


@pytest.mark.parametrize(
    ("path", "query", "pointer"),
    [
        ("/intake", {"agent": "nobody"}, "/query/agent"),
        ("/intake", {"since": WEEK["until"], "until": WEEK["since"]}, "/query/since"),
        ("/intake", {"since": "2001-01-01T00:00:00Z"}, "/query/since"),
        ("/intake", {"period": "90d", "bucket": "hour"}, "/query/bucket"),
        ("/intake", {"zone": "Mars/Olympus"}, "/query/zone"),
        ("/intake", {"colour": "red"}, "/query/colour"),
        ("/intake/rows", {"cursor": "MSAy"}, "/query/cursor"),
        ("/override/rows", {"part": "x"}, "/query/part"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(path, query, pointer, ask):
    answer = ask(path, **query)
    assert answer.status_code == 422
    assert pointers(answer) == [pointer]
    assert "Value error" not in answer.content.decode()


def test_there_are_no_other_metrics(ask):
    assert ask("/luck").status_code == ask("/luck/rows").status_code == 404


def test_the_scope_is_the_period_up_to_now(ask):
    told = ask("/intake", period="24h").json()
    scope = Scope(*(desk.NOON.fromisoformat(told[name]) for name in ("since", "until")), desk.WEEK.zone)
    assert scope.until - scope.since == timedelta(days=1)
