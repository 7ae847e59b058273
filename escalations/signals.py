"""How the doors hear of a change without the domain knowing them."""

from uuid import UUID

import structlog
from django.dispatch import Signal

log = structlog.get_logger(__name__)

# Sent inside the transaction, with `case_id`, `kind` and `data` of the event just written: what receivers
# write (webhooks to send) stands or falls with it.
recorded = Signal()

# Sent inside the transaction that erases the content of a case, with its `case_id`: receivers erase theirs.
erased = Signal()

# Sent inside the transaction in which an alert began or ended, with the `alert` and what `happened`.
alerted = Signal()

# Sent after the commit, with `case_id`: a hint without content that something may be worth reading.
committed = Signal()

# Sent after the commit: what a desk shows has changed, and no event tells of it (availability, notices read).
desk_changed = Signal()


def tell_committed(case_id: UUID) -> None:
    """Send `committed`. A hint that fails is logged, never raised: readers find the event by themselves."""
    _hint(committed, case_id=case_id)


def tell_desk_changed() -> None:
    """Send `desk_changed`; no more depends on it than on `committed`."""
    _hint(desk_changed)


def _hint(signal: Signal, **content: object) -> None:
    for receiver, outcome in signal.send_robust(sender=None, **content):
        if isinstance(outcome, Exception):
            log.warning("hint_failed", receiver=getattr(receiver, "__qualname__", ""), error=repr(outcome))
