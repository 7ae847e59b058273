"""What the client takes for a webhook of the desk is what the public library takes for one."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from agents_api.models import WebhookDelivery
from agents_api.webhooks import signing
from handrail_client import Unverified, webhooks
from tests.agents_api.webhooks.conftest import make_endpoint
from tests.factories import claim, decide, make_case, make_operator

ID = UUID("0199a0b0-0000-7000-8000-000000000001")
SENT = datetime(2026, 5, 1, 12, tzinfo=UTC)
BODY = '{"type":"handoff.claimed","timestamp":"2026-05-01T12:00:00Z","data":{"name":"Zoë"}}'
OLD, NEW, OTHER = (signing.new_secret() for _ in range(3))


def headers(secret: str = NEW, *, sent_at: datetime = SENT, body: str = BODY, **more: Any) -> dict[str, str]:
    return signing.headers(secret=secret, webhook_id=ID, sent_at=sent_at, body=body, **more)


def verify(given: dict[str, str], secrets: Any = NEW, *, body: bytes = BODY.encode()) -> webhooks.Webhook:
    return webhooks.verify(body, given, secrets, now=SENT.timestamp())


def test_a_webhook_of_the_desk_is_taken_and_read():
    told = verify({name.title(): value for name, value in headers().items()})
    assert (told.id, told.type, told.timestamp, told.data) == (
        str(ID),
        "handoff.claimed",
        SENT,
        {"name": "Zoë"},
    )
    assert told.decision is None


def test_while_the_secret_changes_either_is_good():
    both = headers(NEW, old_secret=OLD)
    for secrets in (OLD, NEW, [OTHER, OLD], [NEW, OTHER]):
        assert verify(both, secrets)
    with pytest.raises(Unverified):
        verify(both, [OTHER])


@pytest.mark.parametrize("minutes", [-5, 5])
def test_clocks_may_be_five_minutes_apart_and_no_more(minutes):
    assert verify(headers(sent_at=SENT + timedelta(minutes=minutes)))
    with pytest.raises(Unverified, match="apart"):
        verify(headers(sent_at=SENT + timedelta(minutes=minutes) * 1.01))


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": str(int(SENT.timestamp()) + 1)},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "1" * 5000},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1a," + headers()["webhook-signature"].partition(",")[2]},
        {"webhook-signature": "ü v1,ü"},
    ],
)
def test_what_was_changed_is_refused(changed):
    with pytest.raises(Unverified):
        verify(headers() | changed)
    with pytest.raises(Unverified):
        verify({name: value for name, value in headers().items() if name not in changed})


def test_other_bytes_of_the_same_document_are_refused():
    with pytest.raises(Unverified):
        verify(headers(), body=json.dumps(json.loads(BODY)).encode())


def test_a_page_that_somebody_signed_is_no_webhook():
    page = "<html>"
    with pytest.raises(Unverified, match="none of the desk's"):
        verify(headers(body=page), body=page.encode())


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_ä", "plain text"])
def test_what_is_no_secret_is_an_error_and_not_a_signature_that_fits(secret):
    with pytest.raises(ValueError, match="secret"):
        verify(headers(), secret)


@pytest.mark.parametrize("body", [BODY, "", "{}", "ü" * 1000])
def test_the_public_library_and_the_client_agree(body):
    now = datetime.now(UTC)
    for secret in (NEW, OTHER):
        signed = headers(secret, sent_at=now, body=body)
        assert _takes(lambda signed=signed: Webhook(NEW).verify(body, signed)) == (secret == NEW)
        assert _takes(lambda signed=signed: webhooks.verify(body, signed, NEW)) == (secret == NEW)


@pytest.mark.django_db
def test_a_decision_in_a_webhook_is_read():
    make_endpoint("https://one.example/")
    case = make_case()
    decide(claim(case, make_operator()))
    body = WebhookDelivery.objects.get().body
    decision = verify(headers(body=body), body=body.encode()).decision
    assert decision is not None
    assert (decision.handoff_id, decision.decision) == (case.id, "approve")


def _takes(check: Any) -> bool:
    """Whether the signature is good, whatever is in the body."""
    try:
        check()
    except WebhookVerificationError:
        return False
    except Unverified as error:
        return "none of the desk's" in str(error)
    except ValueError:  # the library reads the body, too
        return True
    return True
