"""A new signing secret for an endpoint, with time to bring it to the receiver."""

from datetime import timedelta

from django.db.models import F, Q
from django.db.models.functions import Now

from agents_api.models import WebhookEndpoint
from agents_api.webhooks import signing

BOTH_SIGN_FOR = timedelta(hours=24)


def rotate(endpoint_id: int) -> str | None:
    """Give the endpoint a new secret and return it; the old one signs beside it for 24 hours.

    None, and nothing changes, while an earlier change is that young: a third secret would cut off
    a receiver that still has the first.
    """
    secret = signing.new_secret()
    settled = Q(old_secret_until=None) | Q(old_secret_until__lte=Now())
    changed = WebhookEndpoint.objects.filter(settled, id=endpoint_id).update(
        old_secret=F("secret"), old_secret_until=Now() + BOTH_SIGN_FOR, secret=secret
    )
    return secret if changed else None
