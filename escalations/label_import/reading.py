"""Reads the files that wait, some lines in each transaction, under a lease.

What a transaction wrote and how far it came are kept together, so a reader that died leaves nothing half
done: the next one goes on. No transaction takes long, because live pages wait for all that began earlier.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from escalations.label_import import lines
from escalations.label_import.lines import Outcome
from escalations.models import ImportedFile, ImportedLabels, ImportRefusal, ImportState, LabelImport
from escalations.models.label_imports import UNREAD

LEASE = timedelta(seconds=60)
_BATCH = 50


class LeaseGone(Exception):
    """Somebody else reads the file now. What was not yet written is for nothing."""


def read_waiting() -> int:
    """Read the files that wait, one after the other. Returns how many."""
    done = 0
    while label_import := _claim():
        try:
            _read(label_import)
        except LeaseGone:
            continue
        done += 1
    return done


def _claim() -> LabelImport | None:
    """The right to read the oldest file, unless somebody reads it.

    One file is read at a time: two that name the same decisions in another order would wait for each other.
    """
    with transaction.atomic():
        unread = LabelImport.objects.filter(state__in=UNREAD).order_by("id")
        oldest = unread.select_for_update(of=("self",)).first()
        if oldest is None:
            return None
        is_read = Q(state=ImportState.RUNNING, lease_expires_at__gt=Now())
        claimed = LabelImport.objects.filter(pk=oldest.pk).exclude(is_read)
        if not claimed.update(
            state=ImportState.RUNNING, lease_token=F("lease_token") + 1, lease_expires_at=Now() + LEASE
        ):
            return None
    return LabelImport.objects.select_related("operator").get(pk=oldest.pk)


def _read(label_import: LabelImport) -> None:
    body = bytes(ImportedFile.objects.get(pk=label_import.pk).body)
    numbered = lines.of_file(body)
    while label_import.done < label_import.steps:
        is_trial = label_import.all_or_nothing and label_import.done < label_import.lines
        at = label_import.done % label_import.lines
        some = numbered[at : at + _BATCH]
        if is_trial:
            _try_out(label_import, some)
            if label_import.done == label_import.lines and label_import.refused:
                return _finish(label_import, ImportState.REFUSED)
        else:
            _carry_out(label_import, some)
    return _finish(label_import, ImportState.DONE)


def _try_out(label_import: LabelImport, some: Sequence[tuple[int, bytes]]) -> None:
    """Note what would be refused, and write nothing else."""
    with transaction.atomic():
        outcomes = _outcomes(label_import, some)
        transaction.set_rollback(True)
    refused = [(number, outcome) for number, outcome in outcomes if outcome.refusals]
    with transaction.atomic():
        _write(label_import, done=len(some), refused=len(refused))
        _note_refusals(label_import, refused)


def _carry_out(label_import: LabelImport, some: Sequence[tuple[int, bytes]]) -> None:
    with transaction.atomic():
        outcomes = _outcomes(label_import, some)
        refused = [(number, outcome) for number, outcome in outcomes if outcome.refusals]
        written = [(number, outcome.revision) for number, outcome in outcomes if outcome.revision]
        _write(
            label_import,
            done=len(some),
            imported=len(written),
            refused=len(refused),
            unchanged=len(outcomes) - len(written) - len(refused),
        )
        _note_refusals(label_import, refused)
        ImportedLabels.objects.bulk_create(
            ImportedLabels(revision=revision, label_import=label_import, line=number)
            for number, revision in written
        )


def _outcomes(label_import: LabelImport, some: Sequence[tuple[int, bytes]]) -> list[tuple[int, Outcome]]:
    return [(number, lines.carry_out(line, label_import)) for number, line in some]


def _note_refusals(label_import: LabelImport, refused: Sequence[tuple[int, Outcome]]) -> None:
    ImportRefusal.objects.bulk_create(
        ImportRefusal(
            label_import=label_import,
            line=number,
            code=refusal.why,
            pointer=refusal.pointer,
            detail=refusal.detail,
        )
        for number, outcome in refused
        for refusal in outcome.refusals
    )


def _write(label_import: LabelImport, **more: int) -> None:
    """Add to what is counted, under the lease, which goes on.

    Raises:
        LeaseGone: the lease passed on.
    """
    added = {name: F(name) + count for name, count in more.items()}
    if not _mine(label_import).update(lease_expires_at=Now() + LEASE, **added):
        raise LeaseGone
    for name, count in more.items():
        setattr(label_import, name, getattr(label_import, name) + count)


def _finish(label_import: LabelImport, state: ImportState) -> None:
    """The file goes; what became of it stays."""
    with transaction.atomic():
        if not _mine(label_import).update(state=state, finished_at=Now(), lease_expires_at=None):
            raise LeaseGone
        ImportedFile.objects.filter(pk=label_import.pk).delete()


def _mine(label_import: LabelImport) -> QuerySet[LabelImport]:
    return LabelImport.objects.filter(
        pk=label_import.pk, lease_token=label_import.lease_token, state=ImportState.RUNNING
    )
