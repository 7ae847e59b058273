"""Say anew how urgent a case is."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from escalations.auditing import audit
from escalations.models import Escalation, Operator, Priority
from escalations.sla import clocks
from escalations.transitions import giving
from escalations.transitions.errors import CaseClosed
from escalations.transitions.recording import record


def set_priority(*, case_id: UUID, priority: Priority, by: Operator) -> Escalation:
    """Give an open case another priority: place and due times as if it had had it from the start.

    Nobody's claim ends. The priority that it has already is no change.

    Raises:
        NotAllowed: `by` is not a reviewer or an admin.
        CaseClosed: it is resolved, expired or cancelled.
        Escalation.DoesNotExist: there is no such case.
    """
    giving.require_supervisor(by)
    with transaction.atomic():
        before = giving.locked(case_id)
        if before.is_open and before.priority == priority:
            return before
        moved = (
            Escalation.objects.open()
            .filter(id=case_id, version=before.version)
            .update(version=F("version") + 1, **_changed(before, priority))
        )
        if not moved:
            raise CaseClosed(case_id, before.state)
        clocks.restart_timers(case_id)
        case = Escalation.objects.get(id=case_id)
        record(
            case_id=case_id,
            version=case.version,
            kind="priority_set",
            actor=audit.operator_actor(by),
            data={"priority": priority.value, "before": before.priority},
        )
    return case


def _changed(case: Escalation, priority: Priority) -> dict[str, Any]:
    """The new clocks; nobody sleeps past them."""
    fields = clocks.reprioritised(case, priority)
    if case.snoozed_until is not None:
        fields["snoozed_until"] = min(case.snoozed_until, fields["due_at"])
    return fields
