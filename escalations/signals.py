"""How the doors hear of a change without the domain knowing them."""

from uuid import UUID

import structlog
from django.dispatch import Signal

log = structlog.get_logger(__name__)

# Sent inside the transaction, with `case_id`, `kind` and `data` of the event just written: what receivers
# write (webhooks to send) stands or falls with it.
recorded = Signal()

# Sent after the commit, with `case_id`: a hint without content that something may be worth reading.
committed = Signal()


def tell_committed(case_id: UUID) -> None:
    """Send `committed`. A hint that fails is logged, never raised: readers find the event by themselves."""
    for receiver, outcome in committed.send_robust(sender=None, case_id=case_id):
        if isinstance(outcome, Exception):
            log.warning("hint_failed", receiver=getattr(receiver, "__qualname__", ""), error=repr(outcome))
