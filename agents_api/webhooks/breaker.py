"""The circuit breaker of each endpoint, in its row: who fails again and again is asked less and less.

It opens after failures, and webhooks then wait without spending attempts. Once its time is over the claim
(`outbox.claim`) lets one webhook through, the probe, whose result closes it or keeps it open for longer.
"""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from agents_api.models import TurnedOff, WebhookEndpoint
from escalations.auditing import audit
from escalations.models import NoticeKind
from escalations.people import notices
from escalations.sla.clocks import database_now

OPENS_AFTER = 5
REMEMBERED = 20
FIRST_PAUSE = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(minutes=15)
GIVES_UP_AFTER = timedelta(days=5)
_MOST_DOUBLINGS = 4
_CLOSED = {"failures": 0, "recent": "", "openings": 0, "open_until": None, "probe": None}
_TOLD = {TurnedOff.GONE: notices.WEBHOOK_GONE, TurnedOff.FAILING: notices.WEBHOOK_FAILING}
_NOTHING_TO_FORGET = Q(failures=0, open_until=None, failing_since=None) & ~Q(recent__contains="x")
WELL = {**_CLOSED, "failing_since": None, "turned_off": ""}


def note(endpoint_id: int, webhook: UUID, *, failed: bool) -> None:
    """Count how an attempt of `webhook` ended. Call it last in a transaction: it locks the endpoint's row.

    While the breaker is open only the probe's result moves it; what was on its way before does not.
    """
    row = WebhookEndpoint.objects.filter(id=endpoint_id)
    if not failed and row.filter(_NOTHING_TO_FORGET).exists():
        return  # without the lock, which would have the webhooks of an endpoint commit one after the other
    endpoint = row.select_for_update(no_key=True).get()
    decides = endpoint.open_until is None or endpoint.probe == webhook
    if failed:
        _note_failure(row, endpoint, decides=decides)
    elif endpoint.open_until is None:
        row.update(failures=0, recent=_remember(endpoint, "."), failing_since=None)
    else:
        row.update(failing_since=None, **(_CLOSED if decides else {}))


def turn_off(endpoint_id: int, why: TurnedOff) -> None:
    """Send nothing more to an endpoint until a person turns it on again, and tell admins.

    Its webhooks wait.
    """
    row = WebhookEndpoint.objects.filter(id=endpoint_id)
    if row.filter(is_active=True).update(is_active=False, turned_off=why):
        endpoint = row.select_related("agent").get()
        # The host alone: the rest of a URL may hold what lets its owner in.
        words = {"agent": endpoint.owner, "host": urlsplit(endpoint.url).hostname or ""}
        notices.tell_admins(NoticeKind.WEBHOOK_OFF, _TOLD[why] % words)
        audit.write(actor="system", action=f"webhook.{why}", target=f"webhookendpoint:{endpoint_id}")


def turn_on(endpoint_id: int) -> bool:
    """Send to an endpoint again that was turned off; it starts as if it had never failed."""
    return bool(
        WebhookEndpoint.objects.filter(id=endpoint_id, is_active=False).update(is_active=True, **WELL)
    )


def _note_failure(row: QuerySet[WebhookEndpoint], endpoint: WebhookEndpoint, *, decides: bool) -> None:
    since = endpoint.failing_since or database_now()
    failures = endpoint.failures + 1
    row.update(failing_since=since, failures=failures)
    if decides:
        recent = _remember(endpoint, "x")
        row.update(recent=recent)
        if endpoint.open_until or failures >= OPENS_AFTER or recent.count("x") * 2 >= REMEMBERED:
            _open(row, endpoint)
    if database_now() - since >= GIVES_UP_AFTER:
        turn_off(endpoint.pk, TurnedOff.FAILING)


def _open(row: QuerySet[WebhookEndpoint], endpoint: WebhookEndpoint) -> None:
    doublings = min(endpoint.openings, _MOST_DOUBLINGS)
    pause = min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)
    row.update(openings=doublings + 1, open_until=Now() + pause, probe=None)


def _remember(endpoint: WebhookEndpoint, ended: str) -> str:
    return (endpoint.recent + ended)[-REMEMBERED:]
