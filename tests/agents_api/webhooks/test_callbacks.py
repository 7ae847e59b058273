"""A handoff may name a callback of its own, at an origin that an admin registered for its agent."""

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from agents_api.models import WebhookDelivery, WebhookEndpoint
from agents_api.webhooks import breaker, callbacks, delivery, outbox
from agents_api.webhooks.outbox import Outcome
from escalations.models import ApiKey, Escalation, IdempotencyRecord
from tests.agents_api.conftest import Caller
from tests.agents_api.webhooks.conftest import make_endpoint
from tests.factories import claim, decide, handoff, make_admin, make_operator

pytestmark = pytest.mark.django_db(transaction=True)

HOOK = "https://agent.example:8443/callbacks/9?run=7"
ORIGIN = "https://agent.example:8443"
TRACE = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "vendor=1"}


@pytest.fixture
def origin(caller: Caller) -> WebhookEndpoint:
    return make_endpoint(ORIGIN, is_origin=True)


def hand_off(caller: Caller, url: str, *, headers: dict[str, str] | None = None, **callback):
    document = handoff(caller.agent, callback={"url": url, **callback})
    return caller.post("/api/v1/handoffs", document, **(headers or {}))


def case_of(answer) -> Escalation:
    assert answer.status_code == 201, answer.content
    return Escalation.objects.get(id=answer.json()["id"])


def test_a_callback_is_told_of_its_case_as_an_endpoint_is(receiver, caller):
    origin = make_endpoint(receiver.url.removesuffix("/hook"), is_origin=True)
    answer = hand_off(caller, f"{origin.url}/callbacks/9?run=7", headers=TRACE)
    other = case_of(caller.hand_off())
    for case in (case_of(answer), other):
        decide(claim(case, make_operator()))
    assert delivery.deliver_due() == 1
    (content,) = receiver.verified(origin.secret)
    assert (content["type"], content["data"]["handoff_id"]) == ("handoff.resolved", answer.json()["id"])
    (request,) = receiver.received
    assert request.path == "/callbacks/9?run=7"
    assert {name: request.headers[name] for name in TRACE} == TRACE
    assert Escalation.objects.get(id=answer.json()["id"]).delivery == "delivered"


def test_it_gets_the_events_that_it_chose_and_both_decisions_otherwise(caller, origin):
    chosen = case_of(hand_off(caller, HOOK, events=["handoff.claimed", "handoff.reopened"]))
    plain = case_of(hand_off(caller, HOOK))
    for case in (chosen, plain):
        decide(claim(case, make_operator()))
    told = WebhookDelivery.objects.values_list("case", "event_type", "url")
    assert set(told) == {(chosen.id, "handoff.claimed", HOOK), (plain.id, "handoff.resolved", HOOK)}
    assert plain.handoff.callback["events"] == ["handoff.expired", "handoff.resolved"]


@pytest.mark.parametrize(
    "url",
    [
        "https://agent.example/callbacks/9",
        "http://agent.example:8443/callbacks/9",
        "https://agent.example.evil.example:8443/",
        "https://agent.example:8443@evil.example/",
        "https://evil.example/https://agent.example:8443",
        "https://evil.example#@agent.example:8443/",
        "https://evil.example\\@agent.example:8443/",
        "https://[::1",
        "https://:8443/",
    ],
)
def test_another_origin_is_refused_and_changes_nothing(caller, origin, url):
    answer = hand_off(caller, url)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/callback/url"
    assert not Escalation.objects.exists()
    assert not IdempotencyRecord.objects.exists()


def test_an_origin_of_another_agent_or_one_that_an_admin_turned_off_is_refused(caller):
    make_endpoint(ORIGIN, agent="billing", is_origin=True)
    assert hand_off(caller, HOOK).status_code == 422
    off = make_endpoint(ORIGIN, is_origin=True, is_active=False)
    assert "Have an admin add it" in hand_off(caller, HOOK).json()["errors"][0]["detail"]
    WebhookEndpoint.objects.filter(pk=off.pk).update(turned_off="failing")
    assert hand_off(caller, HOOK).status_code == 201


def test_a_retry_gets_its_answer_even_if_the_origin_is_gone(caller, origin):
    key = {"Idempotency-Key": "once"}
    first = hand_off(caller, HOOK, headers=key)
    origin.delete()
    again = hand_off(caller, HOOK, headers=key)
    assert (again.status_code, again.content) == (201, first.content)


def test_a_bad_key_is_told_nothing_about_callbacks(caller, origin):
    ApiKey.objects.update(revoked_at=Now())
    assert hand_off(caller, "https://elsewhere.example/").status_code == 401


def test_each_origin_has_a_breaker_of_its_own(caller, origin):
    make_endpoint("https://two.example", is_origin=True)
    for url in (HOOK, "https://two.example/x"):
        decide(claim(case_of(hand_off(caller, url)), make_operator()))
    for _ in range(breaker.OPENS_AFTER):
        WebhookDelivery.objects.update(next_attempt_at=Now(), lease_expires_at=None)
        for claimed in outbox.claim(limit=9, share=9):
            if claimed.endpoint_id == origin.pk:
                assert outbox.settle(claimed, Outcome(status=500, error="Answered 500:"))
    WebhookDelivery.objects.update(next_attempt_at=Now(), lease_expires_at=None)
    assert [claimed.url for claimed in outbox.claim(limit=9, share=9)] == ["https://two.example/x"]


def test_an_admin_registers_an_origin_in_its_one_form(caller, client):
    client.force_login(make_admin("boss"))
    add = reverse("admin:agents_api_webhookendpoint_add")
    form = {"agent": caller.agent.pk, "is_origin": "on", "is_active": "on"}
    for refused in ("https://agent.example/hook", "http://agent.example", "https://me@agent.example"):
        answer = client.post(add, {**form, "url": refused})
        assert answer.context["adminform"].form.errors["url"]
    page = client.post(add, {**form, "url": "https://Agent.example:443/"}, follow=True)
    assert "whsec_" in page.content.decode()
    assert WebhookEndpoint.objects.get().url == "https://agent.example"


def test_an_origin_stays_what_callbacks_were_allowed_for(origin, client):
    client.force_login(make_admin("boss"))
    page = reverse("admin:agents_api_webhookendpoint_change", args=[origin.pk])
    changed = {"agent": origin.agent_id, "url": "https://evil.example", "events": []}
    assert client.post(page, changed).status_code == 302
    origin.refresh_from_db()
    assert (origin.url, origin.is_origin, origin.is_active) == (ORIGIN, True, False)


def test_http_is_for_development_on_the_same_machine(settings):
    settings.WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES = True
    assert callbacks.registrable("http://localhost:9000") == "http://localhost:9000"
    with pytest.raises(callbacks.NotAnOriginError):
        callbacks.registrable("http://agent.example")
    settings.WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES = False
    with pytest.raises(callbacks.NotAnOriginError):
        callbacks.registrable("http://localhost:9000")
