"""The rows of the outbox: leased before a request, settled after it, both under a fence.

The claim commits before anything is sent and the result counts only while the claim's token is the newest.
A deliverer that dies leaves a lease that ends by itself; one that froze and woke up changes nothing.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from agents_api.models import DECISIONS, TEST, DeliveryState, TurnedOff, WebhookAttempt, WebhookDelivery
from agents_api.webhooks import breaker, schedule
from escalations.models import Escalation
from escalations.transitions import mark_delivered

LEASE_SECONDS = 60
GONE = 410


@dataclass(frozen=True)
class Claimed:
    """A webhook that is this process's to send until its lease ends. `attempts` counts the one to make.

    `claimed_at` is by the database's clock: receivers refuse what a host with a wrong clock would date.
    """

    id: UUID
    token: int
    attempts: int
    endpoint_id: int
    case_id: UUID | None
    event_type: str
    url: str
    secret: str
    body: str
    traceparent: str
    tracestate: str
    old_secret: str
    claimed_at: datetime


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended. `error` is empty after a success; `retry_after` is in seconds, if asked for.

    `excerpt` is the beginning of what was answered, at most 1 KiB that can be printed.
    """

    status: int | None = None
    error: str = ""
    timed_out: bool = False
    retry_after: float | None = None
    ms: int = 0
    excerpt: str = ""


# The lateral joins give each endpoint its own small share, so that one with a long backlog holds up no other.
# An endpoint whose breaker has been open long enough gets one webhook, its probe. Its row is locked and
# looked at again for that, then open for another lease: no second one goes, and a lost probe is followed.
_CLAIM = """
    WITH half_open AS (
        SELECT id FROM agents_api_webhookendpoint
        WHERE is_active AND open_until <= now()
        LIMIT %(limit)s
        FOR NO KEY UPDATE SKIP LOCKED
    ), probes AS (
        SELECT half_open.id AS endpoint_id, delivery.id, delivery.case_id
        FROM half_open
        CROSS JOIN LATERAL (
            SELECT id, case_id
            FROM agents_api_webhookdelivery
            WHERE endpoint_id = half_open.id AND state = 'pending' AND next_attempt_at <= now()
              AND (lease_expires_at IS NULL OR lease_expires_at <= now())
            ORDER BY next_attempt_at
            LIMIT 1
            FOR UPDATE SKIP LOCKED
        ) delivery
    ), probed AS (
        UPDATE agents_api_webhookendpoint endpoint
        SET probe = probes.id, open_until = now() + make_interval(secs => %(seconds)s)
        FROM probes
        WHERE endpoint.id = probes.endpoint_id
    ), planned AS (
        SELECT delivery.id, delivery.case_id
        FROM agents_api_webhookendpoint endpoint
        CROSS JOIN LATERAL (
            SELECT id, case_id, next_attempt_at
            FROM agents_api_webhookdelivery
            WHERE endpoint_id = endpoint.id AND state = 'pending' AND next_attempt_at <= now()
              AND (lease_expires_at IS NULL OR lease_expires_at <= now())
            ORDER BY next_attempt_at
            LIMIT %(share)s
            FOR UPDATE SKIP LOCKED
        ) delivery
        WHERE endpoint.is_active AND endpoint.open_until IS NULL AND endpoint.id <> ALL (%(busy)s)
        ORDER BY delivery.next_attempt_at
        LIMIT greatest(0, %(limit)s - (SELECT count(*) FROM probes))
    ), due AS (
        SELECT id, case_id FROM planned UNION ALL SELECT id, case_id FROM probes
    )
    UPDATE agents_api_webhookdelivery delivery
    SET lease_token = lease_token + 1, lease_expires_at = now() + make_interval(secs => %(seconds)s),
        attempts = attempts + 1
    FROM agents_api_webhookendpoint endpoint,
         due LEFT JOIN escalations_handoff handoff ON handoff.case_id = due.case_id
    WHERE delivery.id = due.id AND endpoint.id = delivery.endpoint_id
    RETURNING delivery.id, delivery.lease_token, delivery.attempts, endpoint.id, delivery.case_id,
              delivery.event_type, coalesce(nullif(delivery.url, ''), endpoint.url), endpoint.secret,
              delivery.body,
              coalesce(handoff.traceparent, ''), coalesce(handoff.tracestate, ''),
              CASE WHEN endpoint.old_secret_until > now() THEN endpoint.old_secret ELSE '' END, now()
"""


# What is due already waits for something else: its lease, its endpoint's breaker or its share.
_NEXT = """
    SELECT extract(epoch FROM min(planned.at) - clock_timestamp())::float
    FROM (
        SELECT delivery.next_attempt_at
        FROM agents_api_webhookendpoint endpoint
        CROSS JOIN LATERAL (
            SELECT next_attempt_at
            FROM agents_api_webhookdelivery
            WHERE endpoint_id = endpoint.id AND state = 'pending' AND next_attempt_at > now()
            ORDER BY next_attempt_at
            LIMIT 1
        ) delivery
        WHERE endpoint.is_active AND endpoint.open_until IS NULL
        UNION ALL
        SELECT open_until FROM agents_api_webhookendpoint WHERE is_active AND open_until > now()
    ) planned (at)
"""


def claim(*, limit: int, share: int, busy: Collection[int] = ()) -> list[Claimed]:
    """Lease webhooks that are due: at most `limit`, `share` of each endpoint, none of `busy` endpoints."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"limit": limit, "share": share, "busy": list(busy), "seconds": LEASE_SECONDS})
        return [Claimed(*row) for row in cursor.fetchall()]


def seconds_until_due() -> float | None:
    """When the next webhook is planned for, or an endpoint may be probed; None if nothing is."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT)
        [(seconds,)] = cursor.fetchall()
    return None if seconds is None else max(0.0, seconds)


def settle(claimed: Claimed, outcome: Outcome) -> bool:
    """Keep the outcome of an attempt. False, and nothing changes, if the claim has passed on meanwhile."""
    with transaction.atomic():
        kept = WebhookDelivery.objects.filter(
            id=claimed.id, lease_token=claimed.token, state=DeliveryState.PENDING
        ).update(
            **_after(claimed, outcome),
            lease_expires_at=None,
            last_status=outcome.status,
            last_error=outcome.error,
        )
        if not kept:
            return False
        WebhookAttempt.objects.create(
            delivery_id=claimed.id,
            number=claimed.token,
            ms=outcome.ms,
            status=outcome.status,
            error=outcome.error,
            excerpt=outcome.excerpt,
        )
        if claimed.case_id and not outcome.error and claimed.event_type in DECISIONS:
            _tell_the_case(claimed.case_id, claimed.body)
        breaker.note(claimed.endpoint_id, claimed.id, failed=bool(outcome.error))
        if outcome.status == GONE:
            breaker.turn_off(claimed.endpoint_id, TurnedOff.GONE)
    return True


def _after(claimed: Claimed, outcome: Outcome) -> dict[str, object]:
    if not outcome.error:
        return {"state": DeliveryState.DELIVERED, "delivered_at": Now()}
    pause = None
    if outcome.status != GONE and claimed.event_type != TEST:
        pause = schedule.pause_after(
            claimed.attempts,
            status=outcome.status,
            timed_out=outcome.timed_out,
            retry_after=outcome.retry_after,
        )
    if pause is None:
        return {"state": DeliveryState.FAILED}
    return {"next_attempt_at": Now() + timedelta(seconds=pause)}


def _tell_the_case(case_id: UUID, body: str) -> None:
    """Note that the agent has the decision, unless the case was reopened since and this is an earlier one."""
    version = json.loads(body)["data"]["version"]
    if Escalation.objects.filter(id=case_id, version=version).exists():
        mark_delivered(case_id=case_id, how="webhook")
