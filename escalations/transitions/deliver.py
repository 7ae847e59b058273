"""Has the agent got the decision? An axis of its own: it never changes the state of a case."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from escalations.dispatch import as_agent_sees, dispatched
from escalations.models import Delivery, Escalation
from escalations.transitions.errors import CaseClosed
from escalations.transitions.recording import record

_DECIDED = [Delivery.UNDELIVERED, Delivery.DELIVERED, Delivery.ACKNOWLEDGED, Delivery.APPLIED, Delivery.LATE]


def mark_delivered(*, case_id: UUID, how: str) -> bool:
    """Note that the decision reaches the agent (`how`: "get", "wait", "webhook").

    False if it had before, or if it can still be undone. Only after this may the agent be shown it.
    """
    with transaction.atomic():
        undelivered = Escalation.objects.filter(dispatched(), id=case_id, delivery=Delivery.UNDELIVERED)
        moved = undelivered.update(delivery=Delivery.DELIVERED, delivered_at=Now())
        if moved:
            _record(case_id, "delivered", {"how": how}, actor="system")
    return bool(moved)


def acknowledge(*, case_id: UUID, outcome: Delivery, detail: str, actor: str) -> Escalation:
    """Note what the agent did with the decision: `acknowledged`, `applied` or `late`.

    Saying the same again changes nothing; `applied` and `late` are final.

    Raises:
        CaseClosed: there is no decision to acknowledge, or another outcome was reported before.
        Escalation.DoesNotExist: there is no such case.
    """
    with transaction.atomic():
        case = Escalation.objects.with_dispatch().select_for_update(of=("self",)).get(id=case_id)
        as_agent_sees(case)
        if case.delivery == outcome:
            return case
        if case.delivery not in _DECIDED or case.delivery in (Delivery.APPLIED, Delivery.LATE):
            raise CaseClosed(case_id, case.delivery or case.state)
        case.delivery = outcome
        case.delivered_at = case.delivered_at or case.closed_at
        case.save(update_fields=["delivery", "delivered_at"])
        _record(case_id, "acknowledged", {"outcome": outcome.value, "detail": detail}, actor=actor)
    return case


def _record(case_id: UUID, kind: str, data: dict[str, Any], *, actor: str) -> None:
    version = Escalation.objects.values_list("version", flat=True).get(id=case_id)
    record(case_id=case_id, version=version, kind=kind, actor=actor, data=data)
