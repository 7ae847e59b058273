"""Nothing personal stays in the log of attempts: not of what we sent, nor of what a receiver says."""

import json
import logging

import pytest
from django.urls import reverse

from agents_api.models import WebhookAttempt, WebhookDelivery
from agents_api.webhooks import delivery, masking
from tests.agents_api.webhooks.conftest import make_endpoint
from tests.agents_api.webhooks.receiver import Receiver
from tests.factories import claim, decide, make_admin, make_case, make_operator

pytestmark = pytest.mark.django_db(transaction=True)

MAIL, CARD = "kim.miller@mail.example", "4111 1111 1111 1111"
IBAN, PHONE = "DE89370400440532013000", "+49 30 1234567"
NAME, ALIAS = "Kim Müller", "Quetzalcoatl"
STORY = "She moved to Lüneburg after the divorce and pays by her mother's account."
SEEDED = [MAIL, CARD, IBAN, PHONE, NAME, ALIAS, "Lüneburg", "mother's account"]


class Echoing(Receiver):
    """Answers with what came."""

    shape = staticmethod(json.dumps)
    code = 200

    def answer(self, request) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        text = self.shape(json.loads(body)).encode()
        request.send_response(self.code)
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)


def decided_about_kim():
    context = {"facts": {"name": NAME, "alias": {"first": ALIAS}, "mail": MAIL, "story": STORY}}
    paths = ["$.context.facts.name", "$.context.facts['alias'][*]", "$.context.facts.alias.*"]
    case = make_case(context=context, sensitive_paths=paths[:1] + paths[2:])
    decide(claim(case, make_operator()), message=f"{STORY} {MAIL} {CARD} {IBAN} {PHONE} {NAME}")
    return case


@pytest.mark.parametrize("code", [200, 500])
@pytest.mark.parametrize(
    "shape",
    [
        json.dumps,
        lambda sent: json.dumps(sent, ensure_ascii=False, indent=2),
        lambda sent: f"<p>Sorry, {NAME.upper()} ({ALIAS}, {MAIL}, {PHONE}): {CARD} of {IBAN}.</p> {STORY}",
        lambda sent: "x" * 1000 + f" we know {NAME} {ALIAS}",
    ],
)
def test_what_was_seeded_is_in_no_attempt_error_or_log(transactional_db, caplog, client, code, shape):
    caplog.set_level(logging.DEBUG)
    with Echoing() as receiver:
        receiver.code, receiver.shape = code, shape
        make_endpoint(receiver.url)
        decided_about_kim()
        assert delivery.deliver_due() == 1
    record, webhook = WebhookAttempt.objects.get(), WebhookDelivery.objects.get()
    client.force_login(make_admin("boss"))
    page = client.get(reverse("admin:agents_api_webhookdelivery_change", args=[webhook.pk])).content.decode()
    kept = record.excerpt + record.error + webhook.last_error + caplog.text
    assert masking.GAP in record.excerpt
    for one in SEEDED:
        for form in (one, json.dumps(one)[1:-1], one[:6]):
            assert form.lower() not in kept.lower()
    for one in (MAIL, CARD, IBAN, PHONE, NAME, ALIAS):
        assert one not in page
        assert json.dumps(one)[1:-1] not in page


def test_a_path_that_cannot_be_read_hides_all(transactional_db):
    with Echoing() as receiver:
        receiver.shape = lambda sent: "a secret of ours"
        make_endpoint(receiver.url)
        decide(claim(make_case(sensitive_paths=["$..card"]), make_operator()))
        delivery.deliver_due()
    assert WebhookAttempt.objects.get().excerpt == masking.GAP


def test_what_says_what_went_wrong_stays():
    text = "Error 1042 at 2026-03-01T12:00:00Z: table users_v2 is locked, see https://status.example/incidents/77"
    body = json.dumps({"type": "handoff.resolved", "data": {"handoff_id": "0", "messages": []}})
    assert masking.without_personal(masking.without_echo(text, body), []) == text


def test_erasing_a_case_erases_its_webhooks_and_attempts(receiver, endpoint):
    case = decided_about_kim()
    delivery.deliver_due()
    assert WebhookAttempt.objects.exists()
    case.delete()
    assert not WebhookDelivery.objects.exists()
    assert not WebhookAttempt.objects.exists()
