"""Open a case: one statement for the case that works, and a careful look only when it did not."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from escalations import signals, sql
from escalations.handoffs.line import AHEAD_LIMIT
from escalations.models import ApiKey, Escalation, IdempotencyRecord, Kind, Queue, Scope
from escalations.models.cases import INFEASIBLE, new_id
from escalations.models.people import SILENT
from escalations.people import notices
from escalations.sla import clocks


class Refusal(Enum):
    """Why a handoff was not opened; the door turns each into its status."""

    UNAUTHENTICATED = "unauthenticated"
    SCOPE_MISSING = "scope_missing"
    WRONG_AGENT = "wrong_agent"
    KEY_REUSED = "key_reused"
    UNKNOWN_QUEUE = "unknown_queue"
    UNKNOWN_PARENT = "unknown_parent"
    ALREADY_EXPIRED = "already_expired"
    UNKNOWN_CALLBACK = "unknown_callback"


class Refused(Exception):
    """The handoff was not opened and nothing was changed; `why` says for which reason."""

    def __init__(self, why: Refusal) -> None:
        self.why = why
        super().__init__(why.value)


@dataclass(frozen=True)
class HandoffInput:
    """A validated handoff. `body` is the request's text, stored as it came; the rest is read out of it.

    `callback` is JSON text (`Handoff.callback`). The door knows where callbacks may go and refuses others.
    """

    body: str
    request_sha256: str
    idempotency_key: str
    agent_name: str
    agent_version: str
    kind: str
    reason: str
    headline: str
    priority: int = 2
    category: str = ""
    conversation_id: str = ""
    run_id: str = ""
    parent_id: UUID | None = None
    queue: str | None = None
    skills: list[str] = field(default_factory=list)
    preferred_skills: list[str] = field(default_factory=list)
    confidence: float | None = None
    confidence_source: str = ""
    confidence_threshold: float | None = None
    turns: int | None = None
    context_tokens: int | None = None
    cost_usd: Decimal | None = None
    run_seconds: float | None = None
    retries: int | None = None
    respond_by: datetime | None = None
    expires_at: datetime | None = None
    on_expiry: str = "fail"
    normalised_messages: str | None = None
    traceparent: str = ""
    tracestate: str = ""
    request_id: str = ""
    callback: str | None = None
    callback_refused: bool = False


@dataclass(frozen=True)
class Opened:
    """The answer to give, word for word the same for each retry. `replayed` tells a retry from the first."""

    case_id: UUID
    answer: str
    replayed: bool
    # What the row of the agent says of its keys.
    requests_per_second: int | None = None


def open(*, key_prefix: str, key_digest: str, handoff: HandoffInput, links: Callable[[UUID], str]) -> Opened:
    """Open a case for the agent that the key belongs to, or give the stored answer to a retry.

    `links` makes the answer's links, as JSON text, from the new case's id: only the door knows addresses.

    Raises:
        Refused: bad key or one without the scope `handoffs`, another agent's name, a reused Idempotency-Key,
            an unknown queue or parent, a hard limit in the past, or a callback that may not be. Nothing was
            changed.
    """
    # Two first handoffs of a new version may race for its row; the loser finds it on the second go.
    for _ in range(2):
        case_id = new_id()
        told = _insert(case_id, key_prefix, key_digest, handoff, links(case_id))
        if told is not None:
            transaction.on_commit(partial(signals.tell_committed, case_id))
            return Opened(case_id=case_id, replayed=False, **told)
        if (replay := _replay_or_refuse(key_prefix, key_digest, handoff)) is not None:
            return replay
    raise RuntimeError("A valid handoff could not be opened twice in a row.")


def _insert(
    case_id: UUID, key_prefix: str, key_digest: str, handoff: HandoffInput, links: str
) -> dict[str, Any] | None:
    """What `Opened` tells of the new case; None if nothing was written."""
    pickup, resolution = clocks.DEFAULT_TARGETS[handoff.priority]
    rows = sql.run(
        "open_target",
        "able",
        "line",
        "open",
        *(["open_audit"] if handoff.kind == Kind.REVIEW and handoff.run_id else []),
        "open_told",
        case_id=case_id,
        key_prefix=key_prefix,
        key_digest=key_digest,
        links=links,
        ahead_limit=AHEAD_LIMIT,
        connected=SILENT,
        pickup_seconds=pickup,
        resolution_seconds=resolution,
        infeasible=INFEASIBLE,
        infeasible_words=notices.INFEASIBLE,
        **{name: getattr(handoff, name) for name in HandoffInput.__dataclass_fields__},
    )
    return rows[0] if rows else None


def _replay_or_refuse(key_prefix: str, key_digest: str, handoff: HandoffInput) -> Opened | None:
    """Find out why nothing was written: None means that another try may work."""
    key = (
        ApiKey.objects.valid()
        .filter(prefix=key_prefix, digest=key_digest, agent__is_active=True)
        .select_related("agent")
        .first()
    )
    if key is None:
        raise Refused(Refusal.UNAUTHENTICATED)
    if Scope.HANDOFFS not in key.scopes:
        raise Refused(Refusal.SCOPE_MISSING)
    if key.agent.name != handoff.agent_name:
        raise Refused(Refusal.WRONG_AGENT)
    kept = IdempotencyRecord.objects.filter(agent=key.agent, key=handoff.idempotency_key).first()
    if kept is not None:
        if kept.request_sha256 != handoff.request_sha256:
            raise Refused(Refusal.KEY_REUSED)
        limit = key.agent.requests_per_second
        return Opened(kept.case_id, kept.answer, replayed=True, requests_per_second=limit)
    _refuse(handoff, Escalation.objects.filter(agent=key.agent))
    return None


def _refuse(handoff: HandoffInput, own: QuerySet[Escalation]) -> None:
    if handoff.queue is not None and not Queue.objects.filter(name=handoff.queue).exists():
        raise Refused(Refusal.UNKNOWN_QUEUE)
    if handoff.parent_id is not None and not own.filter(id=handoff.parent_id).exists():
        raise Refused(Refusal.UNKNOWN_PARENT)
    if handoff.expires_at is not None and not _is_future(handoff.expires_at):
        raise Refused(Refusal.ALREADY_EXPIRED)
    if handoff.callback_refused:
        raise Refused(Refusal.UNKNOWN_CALLBACK)


def _is_future(moment: datetime) -> bool:
    """By the database's clock, the only one that counts."""
    return moment > clocks.database_now()
