"""From the outbox to a real receiver: verified, retried, bounded, recorded under a fence."""

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models.functions import Now

from agents_api.models import WebhookDelivery
from agents_api.webhooks import attempts, delivery, outbox
from agents_api.webhooks.outbox import Outcome
from escalations import transitions
from escalations.background import DatabaseThreads
from escalations.models import Delivery, Escalation
from tests.agents_api.webhooks.conftest import decided, deliver_now, make_endpoint
from tests.agents_api.webhooks.receiver import Receiver, full_port, reset, status, unanswered_port
from tests.factories import make_key, make_operator
from tests.servers import wait_until
from tests.timing import is_within, seconds_of

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def deliverer() -> Iterator[threading.Thread]:
    """A thread that delivers what is due, as a worker's thread would."""

    def deliver() -> None:
        try:
            delivery.deliver_due()
        finally:
            connections.close_all()

    thread = threading.Thread(target=deliver)
    thread.start()
    yield thread
    thread.join(30)


def seconds_until_next(webhook: WebhookDelivery) -> float:
    """From the end of the last attempt on, however long ago that was."""
    pause = webhook.log.latest("number").at
    left = WebhookDelivery.objects.get(id=webhook.id).next_attempt_at - pause
    return left.total_seconds()


def test_a_decision_arrives_once_signed_and_the_case_says_so(receiver, endpoint):
    case, webhook = decided()
    assert delivery.deliver_due() == 1
    assert delivery.deliver_due() == 0
    (content,) = receiver.verified(endpoint.secret)
    assert content["type"] == "handoff.resolved"
    assert content["data"]["handoff_id"] == str(case.id)
    assert receiver.received[0].headers["webhook-id"] == str(webhook.id)
    assert receiver.received[0].body.decode() == webhook.body
    webhook.refresh_from_db()
    case.refresh_from_db()
    assert (webhook.state, webhook.attempts, webhook.last_status) == ("delivered", 1, 204)
    assert (case.delivery, case.version) == (Delivery.DELIVERED, content["data"]["version"])


def test_the_trace_of_the_handoff_comes_back(receiver, endpoint):
    case, _ = decided()
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    case.handoff.__class__.objects.filter(case=case).update(traceparent=trace)
    delivery.deliver_due()
    assert receiver.received[0].headers["traceparent"] == trace
    assert "tracestate" not in receiver.received[0].headers


def test_each_attempt_sends_the_same_bytes_under_the_same_id(receiver, endpoint):
    receiver.answers += [status(500), status(503)]
    _, webhook = decided()
    for _ in range(3):
        deliver_now(webhook)
    assert len({request.body for request in receiver.received}) == 1
    assert {request.headers["webhook-id"] for request in receiver.received} == {str(webhook.id)}
    assert len(receiver.verified(endpoint.secret)) == 3
    assert (webhook.state, webhook.attempts, webhook.last_error) == ("delivered", 3, "")


@pytest.mark.parametrize(
    ("answer", "seen", "pause"),
    [
        (status(500, b"<html><h1>Oops</h1>\0\n</html>"), "Answered 500: <html><h1>Oops</h1> </html>", (4, 6)),
        (status(404), "Answered 404:", (4, 6)),
        (
            status(200, b"\n<!DOCTYPE html><title>Sign in</title>"),
            "Answered 200 with a web page: <!D",
            (4, 6),
        ),
        (status(302, location="http://127.0.0.1:1/"), "Answered 302:", (4, 6)),
        (status(429), "Answered 429:", (59, 60)),
        (status(503, retry_after="7"), "Answered 503:", (7, 14)),
        (reset, "RemoteProtocolError:", (4, 6)),
        (status(500, b"x" * 5_000_000), "Answered 500: xxx", (4, 6)),
    ],
)
def test_a_failure_is_recorded_and_tried_again(receiver, endpoint, answer, seen, pause):
    receiver.answers.append(answer)
    _, webhook = decided()
    deliver_now(webhook)
    assert webhook.state == "pending"
    assert webhook.last_error.startswith(seen)
    assert len(webhook.last_error) <= 300
    assert pause[0] - 1 <= seconds_until_next(webhook) <= pause[1]
    assert delivery.deliver_due() == 0
    assert deliver_now(webhook).state == "delivered"


def test_a_redirect_is_not_followed(receiver, endpoint):
    with Receiver() as elsewhere:
        receiver.answers.append(status(307, location=elsewhere.url))
        _, webhook = decided()
        deliver_now(webhook)
        assert elsewhere.received == []


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_a_receiver_that_hangs_or_drips_is_cut_off(receiver, endpoint, monkeypatch, fault):
    monkeypatch.setattr(attempts, "TOTAL_SECONDS", 0.5)

    def cut_off() -> float:
        receiver.answers.append(getattr(receiver, fault))
        _, webhook = decided()
        took = seconds_of(lambda: deliver_now(webhook))
        assert webhook.last_error.startswith("No answer")
        assert 58 <= seconds_until_next(webhook) <= 60
        return took

    assert is_within(2, cut_off)


def test_a_receiver_that_takes_no_connection_is_cut_off_sooner(transactional_db, monkeypatch):
    monkeypatch.setattr(attempts, "CONNECT_SECONDS", 0.3)
    with full_port() as url:
        make_endpoint(url)
        _, webhook = decided()
        deliver_now(webhook)
    assert webhook.last_error == "No connection in 5 s."
    assert 58 <= seconds_until_next(webhook) <= 60


def test_an_answer_counts_even_if_its_body_never_ends(receiver, endpoint):
    def endless(request):
        request.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        receiver.released.wait(60)

    receiver.answers.append(endless)
    _, webhook = decided()
    assert deliver_now(webhook).state == "delivered"


def test_a_small_answer_that_is_only_called_html_is_a_success(receiver, endpoint):
    receiver.answers.append(status(200, b"<p>ok</p>", Content_Type="text/html"))
    _, webhook = decided()
    assert deliver_now(webhook).state == "delivered"


def test_nobody_there_is_a_failure_like_any_other(transactional_db):
    with unanswered_port() as url:
        make_endpoint(url)
        _, webhook = decided()
        deliver_now(webhook)
    assert webhook.state == "pending"
    assert webhook.last_error.startswith("ConnectError")


def test_a_private_address_is_not_called_unless_the_deployment_allows_it(receiver, endpoint, settings):
    settings.WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES = False
    _, webhook = decided()
    deliver_now(webhook)
    assert webhook.last_error == "Not called: 127.0.0.1 has the address 127.0.0.1, which is loopback."
    assert receiver.received == []


def test_proxies_of_the_environment_are_not_used(receiver, endpoint, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    _, webhook = decided()
    assert deliver_now(webhook).state == "delivered"


def test_410_turns_the_endpoint_off(receiver, endpoint):
    receiver.answers.append(status(410))
    _, first = decided()
    deliver_now(first)
    endpoint.refresh_from_db()
    assert (first.state, endpoint.is_active) == ("failed", False)
    assert delivery.deliver_due() == 0


def test_after_the_last_attempt_it_has_visibly_failed(receiver, endpoint):
    receiver.answers.append(status(500, b"still broken"))
    case, webhook = decided()
    WebhookDelivery.objects.update(attempts=11)
    deliver_now(webhook)
    assert (webhook.state, webhook.attempts) == ("failed", 12)
    assert webhook.last_error == "Answered 500: still broken"
    case.refresh_from_db()
    assert case.delivery == Delivery.UNDELIVERED


def test_the_result_of_a_deliverer_that_froze_changes_nothing(endpoint):
    decided()
    (frozen,) = outbox.claim(limit=10, share=10)
    assert outbox.claim(limit=10, share=10) == []
    WebhookDelivery.objects.update(lease_expires_at=Now())
    (successor,) = outbox.claim(limit=10, share=10)
    assert outbox.settle(successor, Outcome(status=500, error="Answered 500:"))
    before = WebhookDelivery.objects.values().get()
    assert not outbox.settle(frozen, Outcome(status=204))
    assert WebhookDelivery.objects.values().get() == before
    assert before["state"] == "pending"


def test_a_deliverer_that_died_is_followed_by_another_after_its_lease(receiver, endpoint):
    _, webhook = decided()
    outbox.claim(limit=10, share=10)
    assert delivery.deliver_due() == 0
    WebhookDelivery.objects.update(lease_expires_at=Now())
    assert delivery.deliver_due() == 1
    webhook.refresh_from_db()
    assert (webhook.state, webhook.attempts) == ("delivered", 2)


def test_a_late_webhook_of_a_reopened_case_does_not_mark_the_new_decision(receiver, endpoint):
    case, webhook = decided()
    transitions.reopen(case_id=case.id, operator=make_operator(), reason="a mistake")
    Escalation.objects.filter(id=case.id).update(delivery=Delivery.UNDELIVERED)
    assert deliver_now(webhook).state == "delivered"
    case.refresh_from_db()
    assert case.delivery == Delivery.UNDELIVERED


def test_an_endpoint_that_hangs_delays_no_other(receiver, endpoint, monkeypatch):
    monkeypatch.setattr(attempts, "TOTAL_SECONDS", 60.0)
    monkeypatch.setattr(delivery, "SHARE", 4)
    receiver.answers += [receiver.hang] * 12
    for _ in range(12):
        decided()
    with Receiver() as healthy, deliverer() as running:
        make_endpoint(healthy.url, agent="billing")
        wait_until(lambda: receiver.received, what="the first hangs")
        for _ in range(6):
            decided("billing")
        wait_until(lambda: len(healthy.received) == 6, what="the healthy one has its webhooks")
        assert 1 <= len(receiver.received) <= delivery.SHARE
        receiver.released.set()
        running.join(30)
        assert not running.is_alive()


def test_a_worker_waits_for_what_is_due_soon(receiver, endpoint):
    decided()
    WebhookDelivery.objects.update(next_attempt_at=Now() + timedelta(minutes=1))
    assert delivery.deliver_due() == 0
    WebhookDelivery.objects.update(next_attempt_at=Now() + timedelta(seconds=1))
    assert delivery.Deliverer().run(stays=5) == 1
    assert len(receiver.received) == 1


def test_a_worker_that_ends_finishes_what_is_under_way_and_starts_no_more(receiver, endpoint):
    receiver.answers.append(receiver.hang)
    ending = delivery.Deliverer()
    _, webhook = decided()
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(ending.run, stays=60)
        wait_until(lambda: receiver.received, what="the first is under way")
        finishing = pool.submit(ending.finish, within=30)
        wait_until(lambda: ending._stopping, what="it was told to end")
        decided()
        assert not finishing.done()
        receiver.released.set()
        assert running.result(30) == 1
        finishing.result(30)
    assert ending.run(stays=0) == 0
    assert len(receiver.received) == 1
    webhook.refresh_from_db()
    assert webhook.log.count() == 1


def test_two_threads_of_a_process_do_not_both_deliver(receiver, endpoint):
    receiver.answers.append(receiver.hang)
    decided()
    with deliverer() as running:
        wait_until(lambda: receiver.received, what="the first is under way")
        assert delivery.deliver_due() == 0
        receiver.released.set()
        running.join(30)


def test_concurrent_claims_share_no_webhook(endpoint):
    for _ in range(20):
        decided()

    threads = DatabaseThreads("claims", 4)

    async def claim_at_once():
        return await asyncio.gather(*(threads.run(outbox.claim, limit=8, share=8) for _ in range(4)))

    claimed = [one.id for batch in asyncio.run(claim_at_once()) for one in batch]
    assert len(claimed) == len(set(claimed))


def test_what_the_webhook_says_is_what_the_api_says(receiver, endpoint, client):
    case, _ = decided()
    delivery.deliver_due()
    key = make_key(case.agent)
    answer = client.get(f"/api/v1/handoffs/{case.id}", headers={"Authorization": f"Bearer {key}"})
    assert json.loads(receiver.received[0].body)["data"] == answer.json()["decision"]
