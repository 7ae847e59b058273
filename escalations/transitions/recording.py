"""What every transition leaves behind: an event, an audit entry, and word to the doors."""

from typing import Any
from uuid import UUID

from django.db import transaction

from escalations import signals
from escalations.auditing import audit
from escalations.models import Event


def record(*, case_id: UUID, version: int, kind: str, actor: str, data: dict[str, Any] | None = None) -> None:
    """Write event and audit entry in the current transaction, then `announce`."""
    data = data or {}
    Event.objects.create(case_id=case_id, kind=kind, version=version, actor=actor, data=data)
    audit.write(actor=actor, action=kind, target=f"case:{case_id}")
    announce(case_id=case_id, kind=kind, data=data)


def announce(*, case_id: UUID, kind: str, data: dict[str, Any] | None = None) -> None:
    """Tell the doors: those that write outbox rows now, the others after the commit."""
    signals.recorded.send(sender=None, case_id=case_id, kind=kind, data=data or {})
    transaction.on_commit(lambda: signals.tell_committed(case_id))
