"""SLA time. Only the database's clock counts; the host's may be wrong."""

from datetime import datetime

from django.db import connection

from escalations.models import Priority, Queue, SlaTarget

# Seconds to (pickup, resolution) where a queue sets no target of its own.
DEFAULT_TARGETS: dict[int, tuple[int, int]] = {
    Priority.URGENT: (120, 900),
    Priority.HIGH: (600, 3_600),
    Priority.NORMAL: (1_800, 14_400),
    Priority.LOW: (7_200, 86_400),
}


def database_now() -> datetime:
    """The database's time, zone-aware."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def targets(queue: Queue, priority: int) -> tuple[int, int]:
    """Seconds to pickup and to resolution for a case of `priority` in `queue`."""
    target = SlaTarget.objects.filter(queue=queue, priority=priority).first()
    return (target.pickup_seconds, target.resolution_seconds) if target else DEFAULT_TARGETS[priority]


def rank(queue: Queue, priority: int, since: datetime) -> int:
    """The ageing class of a case that waits since `since`: smaller is called first (docs/decisions/0002)."""
    return priority + int(since.timestamp() // queue.aging_seconds)
