"""Ends that no person decided: the agent withdraws, or its hard time limit passes."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from escalations.models import (
    DecidedBy,
    Decision,
    Delivery,
    Escalation,
    OnExpiry,
    Outcome,
    Resolution,
    State,
)
from escalations.transitions import aside, decisions, giving
from escalations.transitions.errors import CaseClosed
from escalations.transitions.lease import end_claim
from escalations.transitions.offer import rescind
from escalations.transitions.recording import record
from escalations.transitions.resolve import ActionDecision, stored


def cancel(*, case_id: UUID, actor: str, reason: str = "") -> Escalation:
    """Withdraw an open case. Whoever holds it is told by the event.

    Raises:
        CaseClosed: it is resolved, expired or cancelled already.
        Escalation.DoesNotExist: there is no such case.
    """
    with transaction.atomic():
        before = giving.locked(case_id)
        moved = (
            Escalation.objects.filter(id=case_id)
            .open()
            .update(
                state=State.CANCELLED,
                holder=None,
                lease_expires_at=None,
                closed_at=Now(),
                version=F("version") + 1,
                **aside.over(before),
            )
        )
        if not moved:
            raise CaseClosed(case_id, before.state)
        case = Escalation.objects.get(id=case_id)
        end_claim(case_id, Outcome.CLOSED)
        rescind(case_id, actor=actor)
        record(case_id=case_id, version=case.version, kind="cancelled", actor=actor, data={"reason": reason})
    return case


def expire(*, limit: int = 100) -> int:
    """Close open cases past their hard limit with the agent's default. Returns how many were closed."""
    with transaction.atomic():
        due = Escalation.objects.past_hard_limit().lock_first(limit, by="expires_at")
        for case in due:
            _expire_one(case)
    return len(due)


def _expire_one(case: Escalation) -> None:
    Escalation.objects.filter(id=case.id).update(
        state=State.EXPIRED,
        holder=None,
        lease_expires_at=None,
        closed_at=Now(),
        version=F("version") + 1,
        delivery=Delivery.UNDELIVERED,
        **aside.over(case),
    )
    end_claim(case.id, Outcome.CLOSED)
    rescind(case.id, actor="system")
    payload = case.handoff.payload
    default = (payload.get("sla") or {}).get("default_resolution") or {}
    use_default = case.on_expiry == OnExpiry.DEFAULT
    decision = _decision_on_expiry(case, default)
    Resolution.objects.create(
        case=case,
        cycle=case.cycle,
        decided_by=DecidedBy.TIMEOUT,
        decision=decision,
        actions=_actions_on_expiry(payload, decision),
        response=default.get("response") if use_default else None,
        message=default.get("message", "") if use_default else "",
    )
    record(case_id=case.id, version=case.version + 1, kind="expired", actor="system")


def _decision_on_expiry(case: Escalation, default: dict[str, str]) -> str:
    if case.on_expiry == OnExpiry.DEFAULT:
        return default["decision"]
    return Decision.REJECT if case.on_expiry == OnExpiry.REJECT else Decision.CANCEL


def _actions_on_expiry(payload: dict[str, Any], decision: str) -> list[dict[str, Any]]:
    """Each pending action decided alike. What is approved is bound to the arguments that were proposed."""
    if decision not in (Decision.APPROVE, Decision.REJECT):
        return []
    approved = decision == Decision.APPROVE
    return [
        stored(
            ActionDecision(
                tool_call_id=action["tool_call_id"],
                decision=decision,
                digest_seen=decisions.digest(action.get("arguments")) if approved else "",
            )
        )
        for action in payload.get("pending_actions") or []
    ]
