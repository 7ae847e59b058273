"""Standard Webhooks signatures, https://www.standardwebhooks.com (1.0)."""

import base64
import secrets
from datetime import datetime
from uuid import UUID

from standardwebhooks import Webhook


def new_secret() -> str:
    """A `whsec_…` secret of 32 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(
    *, secret: str, webhook_id: UUID, sent_at: datetime, body: str, old_secret: str = ""
) -> dict[str, str]:
    """The three headers that identify, date and sign `body`, with each secret. `sent_at` is in UTC."""
    keys = [Webhook(one) for one in (secret, old_secret) if one]
    return {
        "webhook-id": str(webhook_id),
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": " ".join(key.sign(str(webhook_id), sent_at, body) for key in keys),
    }
