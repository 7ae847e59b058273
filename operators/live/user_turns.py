"""Tells the holder of a case who does not look at it that the user wrote, once until they have read it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.dispatch import receiver

from escalations.models import Escalation, Notice, NoticeKind, Turn
from escalations.people import notices
from escalations.signals import recorded, tell_desk_changed
from escalations.transitions import giving
from operators import viewings

# A page counts as open for some seconds after it was closed. What came in them nobody saw.
_OVERLOOKED = timedelta(seconds=10)


@receiver(recorded)
def hear(*, case_id: UUID, kind: str, data: dict[str, Any], **_: object) -> None:
    """The user wrote: in the transaction that keeps the turn, which holds the lock of the case."""
    if kind != "message" or not data.get("of_user"):
        return
    case = Escalation.objects.with_liveness().select_related("holder").get(id=case_id)
    if case.is_held and case.holder and not viewings.looks(case.id, case.holder.pk):
        _tell(case)


def left(case_id: UUID, operator_id: int) -> None:
    """The person's last page of the case was closed: were words of the user for a page that is gone?"""
    if not viewings.leave(case_id, operator_id):
        return
    with transaction.atomic():
        case = giving.locked(case_id)
        if not case.is_held or case.holder_id != operator_id or viewings.looks(case_id, operator_id):
            return
        last = case.turns_since.filter(created_at__gt=Now() - _OVERLOOKED).order_by("-id").first()
        if last and _is_of_user(last):
            _tell(case)
            transaction.on_commit(tell_desk_changed)


def _is_of_user(turn: Turn) -> bool:
    return turn.author_id is None and turn.message["role"] == "user"


def _tell(case: Escalation) -> None:
    about = Notice.objects.filter(operator=case.holder, case=case, kind=NoticeKind.USER_WROTE)
    if case.holder and not about.filter(read_at=None).exists():
        giving.tell(case.holder, case, NoticeKind.USER_WROTE, notices.USER_WROTE)
