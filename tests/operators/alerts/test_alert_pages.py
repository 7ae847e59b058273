"""The pages of alerts: rules in units that people read, the history, and the trial of a rule."""

import re
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils.html import escape

from agents_api.models import WebhookDelivery, WebhookEndpoint
from escalations.alerts import kinds, watching
from escalations.alerts.episodes import Reading
from escalations.models import Alert, AlertKind, AlertRule, AuditEntry, Escalation, ReviewState, Role
from escalations.sla import clocks
from tests.escalations.reviews.audits import drawn, make_audit, review_next
from tests.factories import claim, decide, make_admin, make_agent, make_case, make_operator, make_queue

PAGE = "/alerts/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    operator = make_admin("boss")
    client.force_login(operator)
    return operator


def test_an_empty_desk_begins_with_the_usual_alerts(boss, client):
    assert "No alerts yet" in client.get(PAGE).content.decode()
    page = client.post("/alerts/usual/", follow=True).content.decode()
    assert "9 alerts were added." in page
    assert "&lt; 80.0%" in page
    assert set(AlertRule.objects.values_list("kind", flat=True)) == set(AlertKind) - {"escalation_rate"}
    assert AuditEntry.objects.filter(action="alert.add").count() == 9
    client.post("/alerts/usual/")
    assert AlertRule.objects.count() == 9


def test_a_rule_is_written_in_percent_or_minutes_and_changed(boss, client):
    queue = make_queue()
    form = {"threshold": "75", "hours": "2", "queue": queue.pk, "cooldown_minutes": "30", "is_active": "on"}
    client.post("/alerts/new/service_level/", form)
    rule = AlertRule.objects.get()
    assert (rule.threshold, rule.hours, rule.queue, rule.cooldown_minutes) == (0.75, 2, queue, 30)
    assert 'value="75"' in client.get(f"/alerts/{rule.pk}/").content.decode()
    client.post(f"/alerts/{rule.pk}/", form | {"threshold": "82.5", "is_active": ""})
    rule.refresh_from_db()
    assert (rule.threshold, rule.is_active) == (0.825, False)
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "alert.add",
        "alert.change",
    ]
    WebhookEndpoint.objects.create(url="https://desk.example/", secret="whsec_x")
    Alert.objects.create(rule=rule, threshold=1, value=2, worst=2, began_at=Now())
    client.post(f"/alerts/{rule.pk}/delete/")
    assert not AlertRule.objects.exists()
    # Who was told that it began is told that it is over.
    assert WebhookDelivery.objects.get().event_type == "alert.ended"


def test_what_cannot_be_is_refused_beside_its_field(boss, client):
    AlertRule.objects.create(kind="cost", threshold=1)
    page = client.post("/alerts/new/cost/", {"threshold": "2", "hours": "24", "cooldown_minutes": "1"})
    assert page.status_code == 422
    assert "There is such a rule for this queue and agent." in page.content.decode()
    page = client.post(
        "/alerts/new/escalation_rate/", {"threshold": "2", "hours": "0", "cooldown_minutes": "1"}
    )
    assert set(page.context["form"].errors) == {"agent", "hours"}
    for kind, limit in {"override": "101", "cost": "-1", "escalation_rate": "0.5"}.items():
        form = {"threshold": limit, "hours": "1", "cooldown_minutes": "1"}
        page = client.post(f"/alerts/new/{kind}/", form)
        assert "threshold" in page.context["form"].errors, kind
    assert client.get("/alerts/new/nothing/").status_code == 404
    tried = client.post("/alerts/try/cost/", {"cooldown_minutes": "5"}).content.decode()
    assert re.search('<label for="alert-threshold">.*</label>: This field is required.', tried)
    assert "alert-cooldown_minutes" not in tried


def test_what_was_measured_leads_to_its_rows(boss, client):
    scope = {"queue": make_queue("returns"), "agent": make_agent("helper")}
    for kind in AlertKind:
        rule = AlertRule.objects.create(
            kind=kind, threshold=1, hours=2, looked_at="2026-11-02T12:00Z", value=1.5, **scope
        )
        times = {"began_at": "2026-11-02T11:00Z", "worst_at": "2026-11-02T11:30Z"}
        Alert.objects.create(rule=rule, threshold=1, value=1.5, worst=2, **times)
    page = client.get(PAGE)
    assert "returns · helper" in page.content.decode()
    assert {client.get(line.url).status_code for line in page.context["lines"]} == {200}
    past = page.context["history"]
    assert {client.get(url).status_code for one in past for url in (one.url, one.worst_url)} == {200}
    worst = next(one.worst_url for one in past if one.alert.rule.kind == "cost")
    assert "since=2026-11-02T09%3A30%3A00%2B00%3A00&until=2026-11-02T11%3A30%3A00%2B00%3A00" in worst
    assert f'href="{escape(worst)}"' in page.content.decode()
    service = next(line for line in page.context["lines"] if line.rule.kind == "service_level")
    assert service.url == (
        "/figures/metrics/service_level/?since=2026-11-02T10%3A00%3A00%2B00%3A00"
        "&until=2026-11-02T12%3A00%3A00%2B00%3A00&agent=helper&queue=returns"
    )


def test_an_alert_of_a_failure_mode_leads_to_its_cases_as_the_rule_was(boss, client):
    returns = make_queue("returns")
    rule = AlertRule.objects.create(kind="failure_spike", threshold=2, hours=24, queue=returns)
    at = clocks.database_now()
    watching.look(rule, Reading(at, 3.5, 10, "cost"))
    client.post(
        f"/alerts/{rule.pk}/", {"threshold": "3", "hours": "1", "queue": "", "cooldown_minutes": "30"}
    )
    page = client.get(PAGE)
    [past] = page.context["history"]
    shown = client.get(past.url).context
    assert past.url == past.worst_url
    assert (shown["filters"].scope.queue, shown["filters"].scope.until) == ("returns", at)
    assert shown["filters"].scope.since == at - timedelta(hours=24)
    assert "part=cost" in past.url
    assert "returns" in page.content.decode().split("History")[-1]


def test_of_an_alert_that_noted_no_worst_moment_only_the_first_leads_to_rows(boss, client):
    rule = AlertRule.objects.create(kind="cost", threshold=1)
    for worst in (1.5, 2):
        times = {"began_at": "2026-11-02T11:00Z", "ended_at": Now()}
        Alert.objects.create(rule=rule, threshold=1, value=1.5, worst=worst, **times)
    later, alone = client.get(PAGE).context["history"]
    assert not later.worst_url
    assert alone.worst_url == alone.url


def stood_at(client, kind, at, **more):
    return client.get(f"/alerts/stood/{kind}/", {"at": at.isoformat(), **more})


def test_what_an_alert_was_measured_by_is_shown_as_it_was_then(boss, client, monkeypatch):
    monkeypatch.setattr("operators.alerts.stood.PAGE", 1)
    operator = make_operator()
    closed, younger, audit = make_case(), make_case(), make_case(kind="review", run_id="r1")
    Escalation.objects.filter(pk__in=[closed.pk, audit.pk]).update(received_at=Now() - timedelta(hours=9))
    Escalation.objects.filter(pk=younger.pk).update(received_at=Now() - timedelta(hours=5))
    decide(claim(closed, operator))
    now = clocks.database_now()
    then = now - timedelta(hours=4)
    rule = AlertRule(kind=AlertKind.OLDEST_CASE, threshold=1)
    [reading] = kinds.of(rule).read(rule, [then])
    first = stood_at(client, "oldest_case", then).context["stood"]
    [row] = first.rows
    assert (row.case_id, first.n) == (closed.pk, 2)
    assert row.lasted.total_seconds() == reading.value
    [row] = client.get(first.further).context["stood"].rows
    assert row.case_id == younger.pk
    [row] = stood_at(client, "oldest_case", now).context["stood"].rows
    assert row.case_id == younger.pk
    [row] = stood_at(client, "audit_backlog", then).context["stood"].rows
    assert (row.case_id, row.what) == (audit.pk, "Audit")
    found = stood_at(client, "no_eligible", then)
    assert f"/cases/{closed.pk}/" in found.content.decode()
    assert found.context["stood"].n == 3
    assert stood_at(client, "oldest_case", then, queue="support").context["stood"].n == 2
    make_queue("returns")
    assert stood_at(client, "oldest_case", then, queue="returns").context["stood"].n == 0


def test_of_a_second_look_that_nobody_had_yet_no_case_is_told(boss, client):
    decided = make_audit(agent_correct="no", failure_primary="other")
    drawn(decided)
    answer = stood_at(client, "audit_backlog", clocks.database_now()).content.decode()
    assert "Second look" in answer
    assert f"/cases/{decided.case_id}/" not in answer
    assert review_next(make_operator(role=Role.REVIEWER)).state == ReviewState.DIFFERS
    answer = stood_at(client, "audit_backlog", clocks.database_now()).content.decode()
    assert "Disagreement" in answer
    assert f"/cases/{decided.case_id}/" in answer


@pytest.mark.parametrize(
    "address", ["cost/?at=2026-11-02T11:00Z", "oldest_case/", "oldest_case/?at=x", "none/"]
)
def test_what_no_alert_is_measured_by_is_not_there(boss, client, address):
    assert client.get(f"/alerts/stood/{address}").status_code == 404


def test_the_trial_of_a_form_says_how_often_and_keeps_nothing(boss, client):
    form = {"threshold": "10", "hours": "24", "cooldown_minutes": "60", "agent": make_agent().pk}
    said = client.post("/alerts/try/cost/", form).content.decode()
    assert "It would have fired <b>0</b> times." in said
    assert "There was never enough to measure." in said
    assert not AlertRule.objects.exists()


def test_what_there_is_a_rule_for_already_is_tried_all_the_same(boss, client):
    AlertRule.objects.create(kind="oldest_case", threshold=3600)
    said = client.post("/alerts/try/oldest_case/", {"threshold": "30", "cooldown_minutes": "60"})
    assert "It would have fired <b>0</b> times." in said.content.decode()


def test_the_history_is_open_to_reviewers_who_change_nothing(client):
    rule = AlertRule.objects.create(kind="oldest_case", threshold=3600, queue=make_queue())
    Alert.objects.create(rule=rule, threshold=3600, value=3700, worst=7200, began_at=Now())
    client.force_login(make_operator(role=Role.REVIEWER))
    page = client.get(PAGE).content.decode()
    for words in ("&gt; 60 min", "2 h", "still on", "support"):
        assert words in page
    assert "Add an alert" not in page
    assert client.post("/alerts/usual/").status_code == 403
