"""Erases the data of a person: their cases, and their rows in datasets, whose files are made again without.

An erasure is a row, so that one which was cut short goes on. Who it was about is forgotten when it is done.
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now

from escalations.auditing import audit
from escalations.datasets import leases
from escalations.models import (
    DatasetRow,
    DatasetVersion,
    Erasure,
    Escalation,
    Event,
    VersionState,
)
from escalations.retention import subjects
from escalations.transitions.erase import erase_case

_NOTED_AT_ONCE = 500


def ask(
    *, actor: str, customer_ref: str = "", case_id: UUID | None = None, created_by: Any = None
) -> Erasure:
    """Ask that a customer's cases, or one case, be erased. A sweep does it; `carry_out` does it at once."""
    with transaction.atomic():
        erasure = Erasure.objects.create(customer_ref=customer_ref, case=case_id, created_by=created_by)
        audit.write(actor=actor, action="erasure_asked", target=f"erasure:{erasure.pk}")
    return erasure


def carry_out_asked() -> int:
    """Carry out what was asked for. Returns how many erasures that were."""
    asked = list(Erasure.objects.filter(finished_at=None).order_by("id"))
    for erasure in asked:
        carry_out(erasure, actor="system")
    return len(asked)


def carry_out(erasure: Erasure, *, actor: str, tell: Callable[[int], object] = lambda more: None) -> Erasure:
    """Erase, and write down which dataset versions held the data. One that was cut short may run again."""
    cases = _cases(erasure)
    for case_id in cases:
        _erase(erasure, case_id, actor)
        tell(1)
    with transaction.atomic():
        open_ones = Escalation.objects.open().filter(id__in=cases).count()
        Erasure.objects.filter(pk=erasure.pk, finished_at=None).update(
            left_open=open_ones, finished_at=Now(), customer_ref=""
        )
        audit.write(actor=actor, action="erased", target=f"erasure:{erasure.pk}")
    erasure.refresh_from_db()
    return erasure


def let_go(case_id: UUID, *, actor: str) -> bool:
    """Erase a closed case whose time is over, with its rows in datasets. Returns whether it was."""
    with transaction.atomic():
        if not erase_case(case_id=case_id, actor=actor):
            return False
        _tombstone(case_id)
    return True


def _cases(erasure: Erasure) -> list[UUID]:
    if erasure.case is not None:
        return [erasure.case]
    while subjects.note_subjects(limit=_NOTED_AT_ONCE) == _NOTED_AT_ONCE:
        pass
    return subjects.cases_of(erasure.customer_ref)


def _erase(erasure: Erasure, case_id: UUID, actor: str) -> None:
    """Erase one case with its rows, and count both, all or nothing: once, whoever else is at it."""
    with transaction.atomic():
        fresh = Erasure.objects.select_for_update().get(pk=erasure.pk)
        done = Event.objects.filter(case=case_id, kind="erased", created_at__gte=fresh.created_at)
        if done.exists() or not erase_case(case_id=case_id, actor=actor):
            return
        held = _tombstone(case_id)
        fresh.held_by = _added(fresh.held_by, held)
        fresh.cases += 1
        fresh.save(update_fields=["held_by", "cases"])


def _tombstone(case_id: UUID) -> list[dict[str, Any]]:
    """Mark the rows of the case as erased, and have what holds them made again. Returns the versions."""
    leases.stop_builds()
    rows = DatasetRow.objects.filter(case=case_id, tombstoned_at=None)
    held = rows.values("version", "version__dataset__name", "version__number").annotate(rows=Count("id"))
    versions = list(held.order_by("version"))
    finished = DatasetVersion.objects.filter(
        pk__in=[each["version"] for each in versions], state=VersionState.READY
    )
    finished.update(state=VersionState.WAITING, done=0, lease_expires_at=None)
    rows.update(tombstoned_at=Now())
    return [
        {"dataset": each["version__dataset__name"], "number": each["version__number"], "rows": each["rows"]}
        for each in versions
    ]


def _added(known: list[dict[str, Any]], more: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The versions with their rows, those that are there already counted up."""
    rows = {(each["dataset"], each["number"]): each["rows"] for each in known}
    for each in more:
        key = (each["dataset"], each["number"])
        rows[key] = rows.get(key, 0) + each["rows"]
    return [{"dataset": name, "number": number, "rows": n} for (name, number), n in sorted(rows.items())]
