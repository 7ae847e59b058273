from datetime import UTC, datetime
from uuid import uuid4

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from agents_api.webhooks import signing


def test_the_public_library_verifies_what_we_sign():
    secret, body = signing.new_secret(), '{"a": "ä"}'
    headers = signing.headers(secret=secret, webhook_id=uuid4(), sent_at=datetime.now(UTC), body=body)
    assert Webhook(secret).verify(body.encode(), headers) == {"a": "ä"}


def test_other_bytes_or_another_secret_fail():
    secret, other = signing.new_secret(), signing.new_secret()
    headers = signing.headers(secret=secret, webhook_id=uuid4(), sent_at=datetime.now(UTC), body="{}")
    for key, body in ((secret, b"{ }"), (other, b"{}")):
        with pytest.raises(WebhookVerificationError):
            Webhook(key).verify(body, headers)
