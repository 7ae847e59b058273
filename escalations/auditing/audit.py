"""Who did what to which row. Ids, never content."""

import structlog

from escalations.models import AuditEntry, Operator

# Who runs a command on the machine itself.
COMMAND = "command"


def write(*, actor: str, action: str, target: str) -> None:
    """Add an entry in the current transaction, under the request that is being served, if any."""
    AuditEntry.objects.create(actor=actor, action=action, target=target, request_id=current_request_id())


def current_request_id() -> str:
    """The id of the request being served, or empty outside one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def operator_actor(operator: Operator) -> str:
    """How an operator is named in events and audit entries."""
    return f"operator:{operator.pk}"
