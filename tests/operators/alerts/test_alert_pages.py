"""The pages of alerts: rules in units that people read, the history, and the trial of a rule."""

import re

import pytest
from django.db.models.functions import Now

from agents_api.models import WebhookDelivery, WebhookEndpoint
from escalations.models import Alert, AlertKind, AlertRule, AuditEntry, Role
from tests.factories import make_admin, make_agent, make_operator, make_queue

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
        Alert.objects.create(rule=rule, threshold=1, value=1.5, worst=2, began_at="2026-11-02T11:00Z")
    page = client.get(PAGE)
    assert "returns · helper" in page.content.decode()
    assert {client.get(line.url).status_code for line in page.context["lines"]} == {200}
    service = next(line for line in page.context["lines"] if line.rule.kind == "service_level")
    assert service.url == (
        "/figures/metrics/service_level/?since=2026-11-02T10%3A00%3A00%2B00%3A00"
        "&until=2026-11-02T12%3A00%3A00%2B00%3A00&agent=helper&queue=returns"
    )


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
