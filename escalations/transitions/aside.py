"""A case that was put aside, and how it comes back: to the queue, and to the same person first."""

from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from escalations.models import Escalation, State
from escalations.models.offers import AFFINITY
from escalations.sla import clocks
from escalations.transitions.tokens import LeaseToken


def begun(lease: LeaseToken) -> dict[str, Any]:
    """The fields to update when the holder puts a case aside: nobody has it, they have the first call."""
    return {
        "affinity": lease.operator,
        "affinity_until": None,
        "holder": None,
        "lease_expires_at": None,
        "version": F("version") + 1,
    }


def bring_back(case: Escalation) -> int:
    """Put a case that is locked and aside back in the queue; its clocks go on. Returns its new version."""
    Escalation.objects.filter(id=case.id).update(
        state=State.QUEUED,
        snoozed_until=None,
        waiting_for="",
        reply_due_at=None,
        affinity_until=Now() + AFFINITY,
        version=F("version") + 1,
        **clocks.resumed(case, clocks.database_now()),
    )
    if case.paused_at:
        clocks.restart_timers(case.id)
    return case.version + 1


def over(before: Escalation) -> dict[str, Any]:
    """The fields to update when a case is put aside no more: its clocks go on, nobody has a first call."""
    return {
        "snoozed_until": None,
        "waiting_for": "",
        "reply_due_at": None,
        "affinity": None,
        "affinity_until": None,
        **clocks.resumed(before, clocks.database_now()),
    }
