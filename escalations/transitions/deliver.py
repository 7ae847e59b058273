"""Has the agent got the decision? An axis of its own: it never changes the state of a case."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce, Now

from escalations.handoffs.dispatch import as_agent_sees, dispatched
from escalations.models import Decision, Delivery, Escalation, NoticeKind, Resolution, State
from escalations.people import notices
from escalations.transitions import decisions, giving
from escalations.transitions.errors import (
    AlreadyApplied,
    AlreadyTaken,
    CaseClosed,
    Flaw,
    NotAsDecided,
    PastValidity,
)
from escalations.transitions.recording import record

_NOTHING: Mapping[str, str] = MappingProxyType({})
# What a person decided is good until the hard limit of the agent. What counts after it has no limit itself.
PAST_VALIDITY = Q(state=State.RESOLVED, expires_at__isnull=False, expires_at__lte=Now())
# From where each outcome can be reached. `applied` and `late` are final.
_BEFORE = {
    Delivery.ACKNOWLEDGED: [Delivery.UNDELIVERED, Delivery.DELIVERED],
    Delivery.APPLIED: [Delivery.UNDELIVERED, Delivery.DELIVERED, Delivery.ACKNOWLEDGED],
    Delivery.LATE: [Delivery.UNDELIVERED, Delivery.DELIVERED, Delivery.ACKNOWLEDGED],
}

# What each outcome is told that was there before and counts once.
_BEFORE_ONCE = {Delivery.ACKNOWLEDGED: AlreadyTaken, Delivery.APPLIED: AlreadyApplied}


def mark_delivered(*, case_id: UUID, how: str) -> bool:
    """Note that the decision reaches the agent (`how`: "get", "wait", "webhook", "MCP", …).

    False if it had before, or if it can still be undone. Only after this may the agent be shown it.
    """
    with transaction.atomic():
        undelivered = Escalation.objects.filter(dispatched(), id=case_id, delivery=Delivery.UNDELIVERED)
        moved = undelivered.update(delivery=Delivery.DELIVERED, delivered_at=Now())
        if moved:
            _record(case_id, "delivered", {"how": how}, actor="system")
    return bool(moved)


def acknowledge(
    *,
    case_id: UUID,
    outcome: Delivery,
    detail: str,
    actor: str,
    carried_out: Mapping[str, str] = _NOTHING,
    once: bool = False,
) -> Escalation:
    """Note what the agent did with the decision: `acknowledged`, `applied` or `late`.

    Saying the same again changes nothing, unless it was said that it counts `once`: then `acknowledged` takes
    the decision up for whoever says so first. `carried_out` are digests of the arguments of calls that were
    made, by the ids of the calls.

    Raises:
        CaseClosed: there is no decision to acknowledge, or another outcome was reported before.
        AlreadyApplied: the decision was applied before, and is good for once.
        AlreadyTaken: it was taken up before.
        PastValidity: the decision was good until the agent's hard limit, which has passed.
        NotAsDecided: a call was made that was not decided, or with other arguments.
        Escalation.DoesNotExist: there is no such case.
    """
    with transaction.atomic():
        undone = Escalation.objects.filter(dispatched(), id=case_id, delivery__in=_BEFORE[outcome])
        uses_it = outcome == Delivery.APPLIED or (once and outcome == Delivery.ACKNOWLEDGED)
        valid = undone.exclude(PAST_VALIDITY) if uses_it else undone
        moved = valid.update(delivery=outcome, delivered_at=Coalesce("delivered_at", Now()))
        case = as_agent_sees(Escalation.objects.with_dispatch().get(id=case_id))
        if not moved:
            _say_why_not(case, outcome, once=once)
            return case
        if flaws := carried_out and _flaws(case, carried_out):
            raise NotAsDecided(case_id, flaws)
        if outcome == Delivery.LATE:
            _tell_who_decided(case)
        _record(case_id, "acknowledged", {"outcome": outcome.value, "detail": detail}, actor=actor)
    return case


def _tell_who_decided(case: Escalation) -> None:
    decided = Resolution.objects.current().filter(case=case).select_related("operator").first()
    if decided and decided.operator:
        giving.tell(decided.operator, case, NoticeKind.TOO_LATE, notices.TOO_LATE)


def _say_why_not(case: Escalation, outcome: Delivery, *, once: bool) -> None:
    """Raise what kept the acknowledgement from being noted; nothing did if it was noted before."""
    if case.delivery == outcome:
        if once and outcome in _BEFORE_ONCE:
            raise _BEFORE_ONCE[outcome](case.id)
        return
    if case.delivery in _BEFORE[outcome]:
        raise PastValidity(case.id)
    raise CaseClosed(case.id, case.delivery or case.state)


def _flaws(case: Escalation, carried_out: Mapping[str, str]) -> list[Flaw]:
    """What of the calls that were made is not as the decision that stands allows it."""
    decided = Resolution.objects.current().get(case=case).actions
    allowed = {action["tool_call_id"]: _allowed_digest(action) for action in decided}
    return [
        Flaw(f"/carried_out/{index}/{name}", words)
        for index, (call, digest) in enumerate(carried_out.items())
        for name, words in _faults(allowed, call, digest)
    ]


def _faults(allowed: Mapping[str, str], call: str, digest: str) -> Iterator[tuple[str, str]]:
    if not allowed.get(call):
        yield "tool_call_id", "The decision does not allow this call."
    elif digest != allowed[call]:
        yield "digest", f"The decision is about other arguments: {allowed[call]}."


def _allowed_digest(action: Mapping[str, Any]) -> str:
    """Of the arguments that a call may be made with; empty if it may not be made."""
    if action["decision"] == Decision.EDIT:
        return decisions.digest(action["arguments"])
    return str(action["digest_seen"]) if action["decision"] == Decision.APPROVE else ""


def _record(case_id: UUID, kind: str, data: dict[str, Any], *, actor: str) -> None:
    version = Escalation.objects.values_list("version", flat=True).get(id=case_id)
    record(case_id=case_id, version=version, kind=kind, actor=actor, data=data)
