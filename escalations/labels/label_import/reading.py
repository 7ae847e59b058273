"""Reads the files that wait, some lines in each transaction, under a lease.

What a transaction wrote and how far it came are kept together, so a reader that died leaves nothing half
done: the next one goes on. No transaction takes long, because live pages wait for all that began earlier.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from escalations.jobs import JobLease, JobLost, claim
from escalations.labels.label_import import lines
from escalations.labels.label_import.lines import Outcome
from escalations.models import ImportedFile, ImportedLabels, ImportRefusal, ImportState, LabelImport
from escalations.models.label_imports import UNREAD

_TERM = timedelta(seconds=60)
_BATCH = 50
Lease = JobLease[LabelImport]


def read_waiting() -> int:
    """Read the files that wait, one after the other. Returns how many."""
    done = 0
    while lease := _claim():
        try:
            _read(lease)
        except JobLost:
            continue
        done += 1
    return done


def _claim() -> Lease | None:
    """The right to read the oldest file, unless somebody reads it.

    One file is read at a time: two that name the same decisions in another order would wait for each other.
    """
    unread = LabelImport.objects.filter(state__in=UNREAD).order_by("id").select_related("operator")
    label_import = claim(unread, _TERM, alone=True, state=ImportState.RUNNING)
    return JobLease(label_import, _TERM) if label_import else None


def _read(lease: Lease) -> None:
    label_import = lease.job
    body = bytes(ImportedFile.objects.get(pk=label_import.pk).body)
    numbered = lines.of_file(body)
    while label_import.done < label_import.steps:
        is_trial = label_import.all_or_nothing and label_import.done < label_import.lines
        at = label_import.done % label_import.lines
        some = numbered[at : at + _BATCH]
        if is_trial:
            _try_out(lease, some)
            if label_import.done == label_import.lines and label_import.refused:
                return _finish(lease, ImportState.REFUSED)
        else:
            _carry_out(lease, some)
    return _finish(lease, ImportState.DONE)


def _try_out(lease: Lease, some: Sequence[tuple[int, bytes]]) -> None:
    """Note what would be refused, and write nothing else."""
    with transaction.atomic():
        outcomes = _outcomes(lease.job, some)
        transaction.set_rollback(True)
    refused = [(number, outcome) for number, outcome in outcomes if outcome.refusals]
    with transaction.atomic():
        _count(lease, done=len(some), refused=len(refused))
        _note_refusals(lease.job, refused)


def _carry_out(lease: Lease, some: Sequence[tuple[int, bytes]]) -> None:
    with transaction.atomic():
        outcomes = _outcomes(lease.job, some)
        refused = [(number, outcome) for number, outcome in outcomes if outcome.refusals]
        written = [(number, outcome.revision) for number, outcome in outcomes if outcome.revision]
        _count(
            lease,
            done=len(some),
            imported=len(written),
            refused=len(refused),
            unchanged=len(outcomes) - len(written) - len(refused),
        )
        _note_refusals(lease.job, refused)
        ImportedLabels.objects.bulk_create(
            ImportedLabels(revision=revision, label_import=lease.job, line=number)
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


def _count(lease: Lease, **more: int) -> None:
    """Add to what is counted."""
    lease.write(**{name: getattr(lease.job, name) + count for name, count in more.items()})


def _finish(lease: Lease, state: ImportState) -> None:
    """The file goes; what became of it stays."""
    with transaction.atomic():
        lease.end(state=state, finished_at=Now())
        ImportedFile.objects.filter(pk=lease.job.pk).delete()
