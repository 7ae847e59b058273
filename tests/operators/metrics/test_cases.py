"""The list of cases that figures lead to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from escalations.models import Role
from operators.metrics import case_list
from tests import factories
from tests.escalations.metrics import desk

pytestmark = pytest.mark.django_db

PAGE = "/cases/"


def listed(client, **parameters):
    return client.get(PAGE, parameters).context["found"]


def test_an_operator_sees_the_cases_of_their_queues_only(client):
    own = factories.make_case()
    travel = factories.make_queue("travel")
    factories.make_case(factories.make_agent("travel", queue=travel))

    client.force_login(factories.make_operator())
    assert [case.id for case in listed(client).cases] == [own.id]
    client.force_login(factories.make_operator(role=Role.REVIEWER, queues=[]))
    assert listed(client).count == 2


def test_filters_by_state_and_decision(client):
    client.force_login(factories.make_admin())
    operator = factories.make_operator()
    factories.make_resolved(operator)
    factories.make_resolved(operator, decision="reject")
    factories.make_case()

    assert listed(client, state="open").count == 1
    assert listed(client, state="resolved").count == 2
    assert listed(client, decision="reject").count == 1
    assert listed(client, state="resolved", decision="approve").count == 1
    assert listed(client, decision="edit").count == 0
    assert listed(client, delivery="undelivered").count == 2
    assert listed(client, delivery="late").count == 0


def test_cells_of_coverage_lead_to_the_cases_that_they_count(client):
    factories.make_skill("fr")
    client.force_login(factories.make_admin(timezone="Asia/Tokyo"))
    french = {"routing": {"skills": ["fr"]}}
    for _ in range(2):
        desk.case(desk.NOON, **french)  # a Thursday, 21:00 in Tokyo
    desk.case(desk.NOON + timedelta(days=2), **french)
    desk.case(desk.NOON - timedelta(hours=1), **french)
    desk.case(desk.NOON)
    week = {"since": desk.WEEK.since.isoformat(), "until": (desk.NOON + timedelta(days=3)).isoformat()}

    shown = client.get("/figures/coverage/", week | {"days": "work"}).context["rows"]

    anybody, fr = shown
    led = {hour: client.get(url).context["found"] for hour, (_, url) in enumerate(fr.cells) if url}
    assert {hour: found.count for hour, found in led.items()} == {20: 1, 21: 2}
    assert led[21].title == "Intake: fr, 21:00–22:00, Monday to Friday"
    assert client.get(fr.url).context["found"].count == fr.skill.cases == 3
    assert client.get(anybody.url).context["found"].title == "Intake: no skill, Monday to Friday"
    assert client.get(anybody.url).context["found"].count == 1


def test_pages_follow_each_other_without_gap_or_double(client, monkeypatch):
    monkeypatch.setattr(case_list, "PAGE", 3)
    client.force_login(factories.make_admin())
    moment = timezone.now() - timedelta(hours=1)
    made = {desk.case(moment).id for _ in range(8)}  # all at the same time

    seen, before = [], ""
    while True:
        page = listed(client, before=before)
        seen += [case.id for case in page.cases]
        if not page.next:
            break
        before = page.next

    assert len(seen) == 8
    assert set(seen) == made


@pytest.mark.parametrize(
    "wrong",
    [
        {"before": "x"},
        {"before": "2025-11-20_y"},
        {"metric": "luck"},
        {"state": "lost"},
        {"part": "x"},
        {"hour": "24", "days": "8"},
    ],
)
def test_what_makes_no_sense_is_left_out(wrong, client):
    client.force_login(factories.make_admin())
    factories.make_case()

    assert listed(client, **wrong).count == 1


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        ("2025-11-20", "2025-11-21", True),
        ("2025-11-21", "2025-11-20", False),
        ("soon", "2025-11-20", False),
        ("0026-11-20", "2025-11-20", False),
    ],
)
def test_only_a_time_that_makes_sense_stands_as_linked(since, until, counts, client):
    client.force_login(factories.make_admin())
    found = client.get(PAGE, {"since": since, "until": until, "metric": "intake"})
    assert found.status_code == 200
    assert ("as linked" in found.content.decode()) is counts
    assert ('name="since"' in found.content.decode()) is counts
    assert ('name="period"' in found.content.decode()) is not counts


def test_hostile_headlines_are_text(client):
    client.force_login(factories.make_admin())
    factories.make_case(question="<script>alert(1)</script>")

    assert b"<script>alert" not in client.get(PAGE).content


def test_the_list_costs_as_many_queries_for_many_as_for_few(client, django_assert_num_queries):
    client.force_login(factories.make_admin())
    operator = factories.make_operator()
    factories.make_resolved(operator)
    client.get(PAGE)

    with django_assert_num_queries(7):
        client.get(PAGE)
    for _ in range(10):
        factories.make_resolved(operator)
    with django_assert_num_queries(7):
        client.get(PAGE)
