"""User and agent turns that arrive while the case is open."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from escalations.models import Escalation, NoticeKind, Turn
from escalations.people import notices
from escalations.sla import clocks
from escalations.transitions import aside, giving
from escalations.transitions.errors import CaseClosed
from escalations.transitions.recording import record


def add_message(*, case_id: UUID, messages: list[dict[str, Any]], actor: str) -> Escalation:
    """Append turns (OpenAI chat messages) to an open case. One that was put aside comes back with them.

    Raises:
        CaseClosed: it is resolved, expired or cancelled; the turns were not kept.
        Escalation.DoesNotExist: there is no such case.
    """
    with transaction.atomic():
        before = giving.locked(case_id)
        if not before.is_open:
            raise CaseClosed(case_id, before.state)
        if before.is_aside:
            _bring_back(before)
        else:
            Escalation.objects.filter(id=case_id).update(version=F("version") + 1)
        of_user = sum(message["role"] == "user" for message in messages)
        if of_user:
            _user_wrote(before)
        case = Escalation.objects.get(id=case_id)
        Turn.objects.bulk_create([Turn(case=case, message=message) for message in messages])
        data = {"turns": len(messages), "of_user": of_user}
        record(case_id=case_id, version=case.version, kind="message", actor=actor, data=data)
    return case


def _user_wrote(case: Escalation) -> None:
    """They type no more, and are owed an answer once a person holds the case or has spoken with them.

    Until then the clock of the pickup runs.
    """
    if case.user_typing_until:
        Escalation.objects.filter(id=case.id).update(user_typing_until=None)
    if case.response_due_at or not (case.is_held or _was_spoken_in(case)):
        return
    if due_at := clocks.response_due(case, clocks.database_now()):
        Escalation.objects.filter(id=case.id).update(response_due_at=due_at)
        clocks.restart_timers(case.id)


def _was_spoken_in(case: Escalation) -> bool:
    """Whether a person of the desk said something to the user in this cycle."""
    said = Turn.objects.filter(case=case, author__isnull=False, message__role="assistant")
    return said.filter(created_at__gte=case.clock_started_at).exists()


def _bring_back(case: Escalation) -> None:
    aside.bring_back(case)
    if case.affinity:
        giving.tell(case.affinity, case, NoticeKind.REPLY, notices.NEWS)
