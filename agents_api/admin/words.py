"""What the models of this door are called on the settings' pages; see `escalations.admin.words`."""

from django.utils.translation import gettext_lazy

from agents_api.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from escalations.admin.words import call

call(
    WebhookEndpoint,
    gettext_lazy("webhook endpoint"),
    gettext_lazy("webhook endpoints"),
    agent=gettext_lazy("agent"),
    is_origin=gettext_lazy("is an origin of callbacks"),
    events=gettext_lazy("events"),
    is_active=gettext_lazy("is active"),
    created_at=gettext_lazy("created at"),
)
call(
    WebhookDelivery,
    gettext_lazy("webhook delivery"),
    gettext_lazy("webhook deliveries"),
    endpoint=gettext_lazy("endpoint"),
    case=gettext_lazy("case"),
    event_type=gettext_lazy("event type"),
    url=gettext_lazy("callback URL"),
    state=gettext_lazy("state"),
    attempts=gettext_lazy("attempts"),
    next_attempt_at=gettext_lazy("next attempt at"),
    created_at=gettext_lazy("created at"),
    delivered_at=gettext_lazy("delivered at"),
    last_status=gettext_lazy("last status"),
    last_error=gettext_lazy("last error"),
)
call(
    WebhookAttempt,
    gettext_lazy("attempt"),
    gettext_lazy("attempts"),
    number=gettext_lazy("number"),
    at=gettext_lazy("at"),
    ms=gettext_lazy("milliseconds"),
    status=gettext_lazy("status"),
    error=gettext_lazy("error"),
    excerpt=gettext_lazy("answer"),
)
