"""An endpoint that fails is asked less and less, its webhooks wait, and one probe tells when it is back."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse

from agents_api.admin import WebhookEndpointAdmin
from agents_api.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from agents_api.webhooks import breaker, outbox
from agents_api.webhooks.outbox import Claimed, Outcome
from escalations.models import AuditEntry, Notice
from operators.desk import digest
from tests.agents_api.webhooks.conftest import decided, make_endpoint
from tests.factories import make_admin, make_operator
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

FAILED = Outcome(status=500, error="Answered 500:")
ARRIVED = Outcome(status=204)


def claim() -> list[Claimed]:
    """What may go out, however long the schedule would have it wait."""
    WebhookDelivery.objects.filter(state="pending").update(next_attempt_at=F("created_at"))
    return outbox.claim(limit=50, share=50)


def seconds_open(endpoint: WebhookEndpoint) -> float:
    """By the database's clock."""
    left = WebhookEndpoint.objects.annotate(left=F("open_until") - Now()).get(pk=endpoint.pk).left
    return left.total_seconds()


def pause_of(endpoint: WebhookEndpoint) -> int:
    """For how many seconds its last failure opened it, however long ago that was."""
    pause = WebhookEndpoint.objects.get(pk=endpoint.pk).open_until - WebhookAttempt.objects.latest("at").at
    return round(pause.total_seconds())


def pause_is_over() -> None:
    WebhookEndpoint.objects.update(open_until=Now())


def fail(times: int) -> None:
    """One webhook at a time, until the endpoint has failed so often."""
    for _ in range(times):
        (claimed,) = claim()
        assert outbox.settle(claimed, FAILED)


def probe(outcome: Outcome) -> None:
    pause_is_over()
    (claimed,) = claim()
    assert outbox.settle(claimed, outcome)


def test_after_five_failures_webhooks_wait_and_spend_no_attempt(endpoint):
    decided()
    fail(5)
    assert pause_of(endpoint) == 60
    decided()
    before = list(WebhookDelivery.objects.order_by("id").values_list("id", "attempts"))
    assert claim() == []
    assert list(WebhookDelivery.objects.order_by("id").values_list("id", "attempts")) == before


def test_a_success_between_failures_starts_the_count_again(endpoint):
    decided()
    fail(4)
    outbox.settle(claim()[0], ARRIVED)
    decided()
    fail(4)
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.open_until) == (4, None)


def test_webhooks_of_an_endpoint_that_is_well_do_not_wait_for_each_other(endpoint):
    decided()
    (claimed,) = claim()
    with transaction.atomic():
        WebhookEndpoint.objects.select_for_update(no_key=True).get()
        [kept] = at_once([lambda: outbox.settle(claimed, ARRIVED)])
    assert kept is True


def test_half_of_the_last_twenty_failing_opens_it(endpoint):
    WebhookEndpoint.objects.update(recent="x." * 9 + "..")
    decided()
    fail(1)
    endpoint.refresh_from_db()
    assert endpoint.open_until is None
    WebhookEndpoint.objects.update(recent=".." + "x." * 9, failures=0)
    fail(1)
    endpoint.refresh_from_db()
    assert endpoint.open_until is not None


def test_failed_probes_double_the_pause_up_to_a_quarter_of_an_hour(endpoint):
    decided()
    fail(5)
    pauses = []
    for _ in range(6):
        probe(FAILED)
        pauses.append(pause_of(endpoint))
    assert pauses == [120, 240, 480, 900, 900, 900]


def test_a_probe_that_arrives_closes_it(endpoint):
    first, _ = decided(), decided()
    for _ in range(5):
        WebhookDelivery.objects.exclude(id=first[1].id).update(lease_expires_at=Now() + timedelta(hours=1))
        fail(1)
    WebhookDelivery.objects.update(lease_expires_at=None)
    probe(ARRIVED)
    endpoint.refresh_from_db()
    assert (endpoint.open_until, endpoint.failures, endpoint.openings, endpoint.recent) == (None, 0, 0, "")
    assert endpoint.failing_since is None
    assert len(claim()) == 1


@pytest.mark.parametrize("round_", range(5))
def test_two_deliverers_send_one_probe(endpoint, round_):
    for _ in range(8):
        decided()
    WebhookEndpoint.objects.update(open_until=Now(), openings=1)
    answers = at_once([lambda: outbox.claim(limit=50, share=50)] * 4)
    (probed,) = [claimed for answer in answers for claimed in answer]
    endpoint.refresh_from_db()
    assert endpoint.probe == probed.id


def test_a_probe_whose_deliverer_died_is_followed_by_another(endpoint):
    decided()
    WebhookEndpoint.objects.update(open_until=Now(), openings=1)
    assert len(claim()) == 1
    assert claim() == []
    assert 58 <= seconds_open(endpoint) <= outbox.LEASE_SECONDS
    WebhookDelivery.objects.update(lease_expires_at=Now())
    pause_is_over()
    assert len(claim()) == 1


def test_what_was_on_its_way_when_it_opened_does_not_move_it(endpoint):
    for _ in range(7):
        decided()
    under_way = claim()
    for claimed in under_way[:5]:
        outbox.settle(claimed, FAILED)
    opened = WebhookEndpoint.objects.get().open_until
    outbox.settle(under_way[5], FAILED)
    outbox.settle(under_way[6], ARRIVED)
    endpoint.refresh_from_db()
    assert opened is not None
    assert (endpoint.open_until, endpoint.openings) == (opened, 1)


def test_one_open_endpoint_holds_up_no_other(endpoint):
    decided()
    fail(5)
    make_endpoint("https://other.example/", agent="billing")
    _, other = decided("billing")
    assert [claimed.id for claimed in claim()] == [other.id]


def test_it_is_turned_off_after_five_days_of_failing(endpoint):
    decided()
    fail(1)
    WebhookEndpoint.objects.update(failing_since=Now() - breaker.GIVES_UP_AFTER + timedelta(minutes=1))
    fail(1)
    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.turned_off) == (True, "")
    WebhookEndpoint.objects.update(failing_since=Now() - breaker.GIVES_UP_AFTER)
    fail(1)
    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.turned_off) == (False, "failing")
    assert AuditEntry.objects.get(target=f"webhookendpoint:{endpoint.pk}").action == "webhook.failing"
    assert claim() == []


def test_admins_are_told_what_was_turned_off_and_where_to_turn_it_on(endpoint, client, settings, mailoutbox):
    settings.SENDS_MAIL = True
    boss = make_admin("boss", mails_alerts=True, email="boss@desk.example")
    make_operator()
    decided()
    (claimed,) = claim()
    outbox.settle(claimed, Outcome(status=410, error="Answered 410:"))
    notice = Notice.objects.get()
    assert (notice.operator, notice.kind) == (boss, "webhook_off")
    assert notice.text.startswith("Webhooks of support to 127.0.0.1 were turned off: the receiver says that")
    assert digest.mail_digests() == 1
    assert "/admin/agents_api/webhookendpoint/?is_active__exact=0" in mailoutbox[0].body
    client.force_login(boss)
    page = client.get(reverse("notices")).content.decode()
    assert "webhookendpoint/?is_active__exact=0" in page
    assert (
        client.get(reverse("admin:agents_api_webhookendpoint_changelist") + "?is_active__exact=0")
        .context["cl"]
        .result_count
        == 1
    )


def test_the_settings_say_how_an_endpoint_stands_and_turning_it_on_starts_afresh(endpoint, client):
    client.force_login(make_admin("boss"))
    page = reverse("admin:agents_api_webhookendpoint_change", args=[endpoint.pk])
    assert "Sending." in client.get(page).content.decode()
    decided()
    fail(5)
    assert "Paused after 5 failures" in client.get(page).content.decode()
    assert (
        "Paused after" in client.get(reverse("admin:agents_api_webhookendpoint_changelist")).content.decode()
    )
    breaker.turn_off(endpoint.pk, "failing")
    assert "Turned off: It failed for five days." in client.get(page).content.decode()
    form = {"agent": endpoint.agent_id, "url": endpoint.url, "events": [], "is_active": "on"}
    assert client.post(page, form).status_code == 302
    assert len(claim()) == 1


def test_saving_an_endpoint_leaves_the_breaker_alone(endpoint, client, monkeypatch):
    client.force_login(make_admin("boss"))
    probing = UUID(int=7)
    page = reverse("admin:agents_api_webhookendpoint_change", args=[endpoint.pk])
    form = {"agent": endpoint.agent_id, "url": "https://new.example/", "events": [], "is_active": "on"}
    save = WebhookEndpointAdmin.save_model

    def save_late(self, *arguments):
        WebhookEndpoint.objects.update(probe=probing, openings=2, open_until=Now())
        save(self, *arguments)

    monkeypatch.setattr(WebhookEndpointAdmin, "save_model", save_late)
    assert client.post(page, form).status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.probe, endpoint.openings) == ("https://new.example/", probing, 2)
