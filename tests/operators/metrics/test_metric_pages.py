"""The table of all metrics and the page of each: the same numbers as the registry, down to the rows."""

import csv
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import resolve, reverse
from django.utils import timezone

from escalations import transitions
from escalations.live import measuring
from escalations.metrics import METRICS, Compared, Figure, measure
from escalations.models import Role
from operators.metrics import measured
from operators.metrics import words as metric_words
from tests import factories
from tests.escalations.metrics import desk

pytestmark = pytest.mark.django_db

ALL = "/figures/all/"


@pytest.fixture
def a_week(client):
    client.force_login(factories.make_operator("rita", role=Role.REVIEWER))
    for day in range(1, 6):
        noon = timezone.now() - timedelta(days=day)
        for version in ("2.3", "2.4", "2.4"):
            desk.case(noon, picked_up_after=60, resolved_after=600, version=version)
        desk.case(noon - timedelta(days=7), resolved_after=300)
        desk.case(noon - timedelta(days=7), resolved_after=300)
        desk.case(noon, resolved_after=2_000, decision="reject")


def page_of(client, name, **query):
    return client.get(reverse("metric_rows", args=[name]), query)


def text_of(answer):
    return b"".join(answer.streaming_content).decode()


def test_all_metrics_are_in_the_table_each_against_the_period_before(a_week, client):
    answer = client.get(ALL, {"period": "7d"})
    lines = {line.metric.name: line for _, of_topic in answer.context["topics"] for line in of_topic}
    assert lines.keys() == METRICS.keys()
    intake, resolution = lines["intake"], lines["resolution"]
    assert (intake.value, intake.before, intake.change) == ("20", "10", "+100%")
    assert (resolution.value, resolution.before, resolution.tone) == ("10 min", "5 min", "bad")
    assert lines["override"].change == "+25.0 points"
    assert lines["reopens"].is_immature


def test_a_chart_without_a_point_says_so_and_keeps_its_table(a_week, client):
    answer = page_of(client, "resolution", period="7d")
    # Four cases a day, ten of each version.
    assert [chart.is_drawn for chart in answer.context["charts"]] == [False, True]
    html = answer.content.decode()
    assert html.count("Too few cases in each to draw anything.") == 1
    assert (html.count('role="application"'), html.count("Table view")) == (1, 2)


def test_the_file_of_all_metrics_has_the_numbers(a_week, client):
    rows = list(csv.DictReader(text_of(client.get("/figures/all.csv", {"period": "7d"})).splitlines()))
    assert [row["metric"] for row in rows] == list(METRICS)
    override = next(row for row in rows if row["metric"] == "override")
    scope = client.get(ALL, {"period": "7d"}).context["filters"].scope
    figure = measure(["override"], scope)["override"]
    assert (int(override["n"]), float(override["share"])) == (figure.n, figure.share) == (20, 0.25)
    assert (float(override["low"]), float(override["high"])) == pytest.approx(figure.interval)
    assert override["before_n"] == "10"
    assert (override["difference"], override["change"]) == ("0.25", "")
    assert override["parts"] == "overrode=5 agreed=15"


def test_every_metric_has_a_page_with_its_rows(a_week, client):
    factories.make_case()
    for name in METRICS:
        answer = page_of(client, name)
        assert answer.status_code == 200, name
        count = next(value for title, value, _ in answer.context["facts"] if title == "n")
        assert int(count) == len(answer.context["lines"]), name
        file = text_of(client.get(reverse("metric_rows_csv", args=[name])))
        assert len(file.splitlines()) == 1 + int(count), name


def test_a_metric_is_told_apart_and_its_rows_are_narrowed(a_week, client):
    answer = page_of(client, "handle", by="label")
    [_, apart] = answer.context["charts"]
    assert [label for label, _ in apart.rows] == ["ruth"]
    assert all(line.label == "ruth" for line in answer.context["lines"])
    versions = page_of(client, "resolution", by="version").context["charts"][1]
    assert [(label, cells[2].text) for label, cells in versions.rows] == [
        *(("support 2.3", "10"), ("support 2.4", "10"))
    ]
    assert [cells[0].number for _, cells in versions.rows] == [21.67, 10.0]  # minutes
    parts = page_of(client, "override").context["parts"]
    assert [(part.title, part.value, part.n) for part in parts] == [
        *(("decided otherwise", "25.0%", 5), ("as proposed", "75.0%", 15))
    ]
    assert [len(client.get(part.url).context["lines"]) for part in parts] == [5, 15]
    assert "n = 5 · 95% interval 11.2 to 46.9%" in parts[0].note
    overrode = page_of(client, "override", part="overrode").context["lines"]
    assert {line.part for line in overrode} == {"decided otherwise"}
    assert len(overrode) == 5


def test_the_backlog_has_a_course_that_leads_to_what_was_open_came_and_went(a_week, client):
    for hours in (30, 100):
        desk.case(timezone.now() - timedelta(hours=hours))
    [course, _] = page_of(client, "backlog").context["charts"]
    assert [cells[0].number for _, cells in course.rows][-1] == 2
    assert course.headings[1:] == ["Open", "Intake", "Opened again", "Closed", "Closed for a while"]
    # By the time of day the older one was open at the end of four days or five, and it is so now.
    assert sum(cells[0].number > 0 for _, cells in course.rows) >= 5
    assert [sum(cells[column].number for _, cells in course.rows) for column in (1, 3)] == [22, 20]
    for column in (0, 1, 3):
        cells = [cells[column] for _, cells in course.rows if cells[column].number]
        assert [client.get(cell.url).context["found"].count for cell in cells] == [c.number for c in cells]
    last = client.get(course.rows[-1][1][0].url).content.decode()
    assert "by what is known today." in last
    assert 'type="hidden" name="at"' in last


def test_times_are_told_in_what_shows_them():
    lag = METRICS["event_lag"]
    assert [metric_words.amount(lag, seconds) for seconds in (0.0, 0.0204, 2.5)] == ["0 s", "20 ms", "2.5 s"]


def test_what_counts_no_cases_leads_to_its_own_rows(client):
    client.force_login(factories.make_operator("rita", role=Role.REVIEWER))
    measuring.keep(uuid4(), measuring.Meter())
    for name in (
        "pickup",
        "lost_leases",
        "occupancy",
        "capacity_use",
        "fairness",
        "offers_per_hour",
        "event_lag",
        "resyncs",
    ):
        [course, *_] = page_of(client, name).context["charts"]
        points = [cells[0].url for _, cells in course.rows]
        goal = "cases" if METRICS[name].counts_cases else "metric_rows"
        assert {resolve(url.partition("?")[0]).url_name for url in points} == {goal}, name
    lines = page_of(client, "resyncs", period="24h").context["charts"][0].rows
    # In the hour that runs, or in the one that ended meanwhile.
    assert sum(len(client.get(cells[0].url).context["lines"]) for _, cells in lines[-2:]) == 1


def test_a_case_that_counts_twice_is_listed_twice(client):
    client.force_login(factories.make_operator("rita", role=Role.REVIEWER))
    case = factories.make_case()
    for _ in range(2):
        transitions.release(lease=factories.claim(case, desk.person()))
    [course, *_] = page_of(client, "lost_leases", period="24h").context["charts"]
    # In the hour that runs, or in the one that ended meanwhile.
    [claims] = [cells[-1] for _, cells in course.rows[-2:] if cells[-1].text != "0"]
    assert (claims.text, len(client.get(claims.url).context["lines"])) == ("2", 2)


def test_facts_without_a_label_are_listed_alone(client):
    client.force_login(factories.make_operator("rita", role=Role.REVIEWER))
    for confidence in (0.42, None, None):
        desk.case(timezone.now() - timedelta(hours=2), resolved_after=60, confidence=confidence)
    [_, apart] = page_of(client, "override", by="label").context["charts"]
    listed = {label: len(client.get(cells[2].url).context["lines"]) for label, cells in apart.rows}
    assert list(listed.items()) == [("0.4", 1), ("–", 2)]


def test_the_wait_says_when_half_were_claimed_and_who_still_waits(a_week, client):
    for _ in range(30):
        desk.case(timezone.now() - timedelta(days=1))
    page = page_of(client, "wait")
    assert ("Median (Kaplan–Meier)", "–", "") in page.context["facts"]
    assert not {"p50", "mean"} & {title for title, _, _ in page.context["facts"]}
    curve = page.context["curve"]
    assert (curve["n"], curve["events"], curve["median"]) == (50, 20, "")
    urls = {cell.url for _, [cell] in curve["chart"].rows}
    assert [client.get(url).context["found"].count for url in urls] == [50]
    assert "no median yet" in page_of(client, "wait").content.decode()


def test_the_list_goes_on_where_the_page_ended(a_week, client):
    for _ in range(60):
        factories.make_case()
    first = page_of(client, "intake")
    second = client.get(f"{reverse('metric_rows', args=['intake'])}?{first.context['older']}")
    cases = [line.row.case_id for page in (first, second) for line in page.context["lines"]]
    assert len(first.context["lines"]) == 50
    assert len(cases) == len(set(cases)) == 80
    assert second.context["older"] == ""
    assert "not there any more" in str(page_of(client, "intake", before="x").context["form"].errors)


def test_the_cards_say_what_changed(a_week, client):
    cards = {card.title: card for card in client.get("/figures/", {"period": "7d"}).context["cards"]}
    assert (cards["Intake"].change, cards["Intake"].tone) == ("+100%", "")
    assert (cards["Time to resolution"].change, cards["Time to resolution"].tone) == ("+100%", "bad")
    assert (cards["Override rate"].change, cards["Override rate"].tone) == ("+25.0 points", "")
    assert cards["Backlog"].change == ""


def test_a_change_is_only_said_where_both_periods_have_enough():
    metric = METRICS["override"]
    few, many = (Figure(metric, n=n, parts={"overrode": n // 2, "agreed": n - n // 2}) for n in (9, 10))
    assert metric_words.change(Compared(many, few)) == ("", "")
    assert metric_words.change(Compared(many, None)) == ("", "")
    assert metric_words.change(Compared(many, many)) == ("±0.0 points", "")


def test_the_change_and_its_tone_are_those_of_what_is_shown():
    metric = METRICS["people_cost"]
    found = Compared(Figure(metric, n=20, p50=1.0, mean=3.0), Figure(metric, n=20, p50=2.0, mean=2.0))
    tile = measured.tile(found, desk.WEEK)
    assert (tile.value, tile.change, tile.tone) == ("$3.00", "+50% against the period before", "bad-text")
    assert metric_words.headline(found.figure) == "$3.00"
    assert metric_words.change(found) == ("+50%", "bad")
    assert (found.figure.value, found.change) == (3.0, 0.5)


def test_every_bar_of_the_failures_leads_to_as_many_cases(client):
    client.force_login(factories.make_operator("rita", role=Role.REVIEWER))
    fault = {"tool_fault": {"tool": "get_order", "kind": "timeout"}, "external_codes": ["2.3", "1.1"]}
    said = {
        "first_error_index": 1,
        "responsible": "tool",
        "root_cause_index": 0,
        "missed_checkpoint": "schema",
    }
    talk = {"steps": [{"name": "find order"}, {"name": "refund"}]}
    for mode, more in (("integration", fault), ("integration", {}), ("cost", fault)):
        labels = {"agent_correct": "no", "failure_primary": mode, **said, **more}
        desk.case(timezone.now() - timedelta(days=1), resolved_after=60, labels=labels, **talk)
    for mode in ("", "integration"):
        charts = client.get(reverse("failures"), {"mode": mode}).context["charts"]
        bars = [cells[0] for chart in charts[1:] for _, cells in chart.rows if cells[0].number]
        assert len(bars) == 7
        for cell in bars:
            page = client.get(cell.url).context
            assert (page["found"].count if "found" in page else len(page["lines"])) == cell.number, cell.url
    [tools] = [chart for chart in charts if chart.id == "tool-faults"]
    [(name, [cell])] = tools.rows
    assert name == "get_order · Time-out"
    # As the page of a case counts them: of index 0 and 1.
    assert [[name for name, _ in chart.rows] for chart in charts if chart.id == "root-cause"] == [["1"]]
    [histogram] = [chart for chart in charts if chart.id == "first-errors"]
    assert [(name, cells[0].number) for name, cells in histogram.rows] == [("1", 0), ("2", 2)]
    assert metric_words.headline(Figure(METRICS["first_error"], n=20, p50=1.0, mean=1.5)) == "2.5"
    assert "Tool faults: Integration: get_order · Time-out" in client.get(cell.url).content.decode()
