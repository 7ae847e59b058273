"""User and agent turns that arrive while the case is open."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from escalations.models import Escalation, Turn
from escalations.transitions.errors import CaseClosed
from escalations.transitions.recording import record


def add_message(*, case_id: UUID, messages: list[dict[str, Any]], actor: str) -> Escalation:
    """Append turns (OpenAI chat messages) to an open case.

    Raises:
        CaseClosed: it is resolved, expired or cancelled; the turns were not kept.
        Escalation.DoesNotExist: there is no such case.
    """
    with transaction.atomic():
        moved = Escalation.objects.filter(id=case_id).open().update(version=F("version") + 1)
        case = Escalation.objects.get(id=case_id)
        if not moved:
            raise CaseClosed(case_id, case.state)
        Turn.objects.bulk_create([Turn(case=case, message=message) for message in messages])
        record(
            case_id=case_id, version=case.version, kind="message", actor=actor, data={"turns": len(messages)}
        )
    return case
