"""The first half of a build: which rows a version holds: redacted, each once, in the split of its group."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction

from escalations.datasets import dedupe, splits
from escalations.datasets.batches import in_batches
from escalations.datasets.dedupe import NearIndex
from escalations.datasets.filters import Filter
from escalations.datasets.frozen import Frozen, freeze
from escalations.datasets.leases import BuildLease
from escalations.datasets.left_out import LeftOut
from escalations.models import (
    Dataset,
    DatasetGroup,
    DatasetLeftOut,
    DatasetRow,
    DatasetVersion,
    Resolution,
)
from escalations.redaction import UnreadablePath

# What is kept of each row, in the folder of its version; all files are made from it.
KEPT = "kept.jsonl"
# Why a decision that may train is not in it.
PATHS, CHANGED, DUPLICATE, NEAR, TIME = "paths", "changed", "duplicate", "near", "time"
_DELETED_AT_ONCE = 5_000

# A row, and when its case was decided.
Decided = tuple[Frozen, datetime]


def select(lease: BuildLease, folder: Path) -> Counter[str]:
    """Write the rows of a version, and what is kept of each into `folder`. Returns what it left out.

    What an earlier attempt left is removed first. Each write is under the lease, and refused without it.
    """
    version = lease.version
    _forget_rows(lease)
    wanted, out = Filter.read(version.filter), LeftOut(version)
    done = rows = 0
    with (folder / KEPT).open("wb") as kept, NearIndex(folder / "near") as near:
        for batch in in_batches(wanted.trainable()):
            frozen = list(_frozen(batch, version.dataset, out))
            done += len(batch)
            with transaction.atomic():
                lease.write(done=done)
                lines = _placed(version, frozen, out, near, first=rows)
                out.save()
            kept.writelines(lines)
            rows += len(lines)
    with transaction.atomic():
        lease.write()
        out.add_untrainable(wanted)
        out.save()
    return +out.counts


def _forget_rows(lease: BuildLease) -> None:
    """Remove the rows of a version, and what was left out of it, some at a time."""
    for kind in (DatasetRow, DatasetLeftOut):
        of_version = kind._default_manager.filter(version=lease.version)
        while some := list(of_version.values_list("id", flat=True)[:_DELETED_AT_ONCE]):
            with transaction.atomic():
                lease.write()
                kind._default_manager.filter(id__in=some).delete()


def _frozen(batch: Iterable[Resolution], dataset: Dataset, out: LeftOut) -> Iterator[tuple[Frozen, datetime]]:
    secret = bytes.fromhex(dataset.secret)
    for resolution in batch:
        try:
            row = freeze(resolution, secret)
        except UnreadablePath:
            out.add(PATHS, resolution=resolution.pk, case=resolution.case_id)
            continue
        if row is None:
            out.add(CHANGED, resolution=resolution.pk, case=resolution.case_id)
        else:
            yield row, resolution.created_at


def _placed(
    version: DatasetVersion, frozen: Sequence[Decided], out: LeftOut, near: NearIndex, *, first: int
) -> list[bytes]:
    """Those of a batch that are new and have a split, as they are kept. `first` is their first position."""
    digests = [row.sha256 for row, _ in frozen]
    seen = set(
        DatasetRow.objects.filter(version=version, sha256__in=digests).values_list("sha256", flat=True)
    )
    known = _splits(version.dataset, frozen)
    lines: list[bytes] = []
    written = []
    for row, decided_at in frozen:
        split = _split(version.dataset, known[row.group], decided_at)
        if row.sha256 in seen or split is None:
            why = DUPLICATE if row.sha256 in seen else TIME
            out.add(why, resolution=row.resolution, case=row.case)
        elif version.dataset.drops_near_duplicates and near.has_like(_signature(row)):
            out.add(NEAR, resolution=row.resolution, case=row.case)
        else:
            seen.add(row.sha256)
            position = first + len(lines)
            lines.append(row.line(position, split))
            written.append(_row(version, row, position, split))
    DatasetRow.objects.bulk_create(written)
    return lines


def _row(version: DatasetVersion, row: Frozen, position: int, split: str) -> DatasetRow:
    return DatasetRow(
        version=version,
        position=position,
        resolution=row.resolution,
        case=row.case,
        revision=row.revision,
        sha256=row.sha256,
        split=split,
        group=row.group,
    )


def _splits(dataset: Dataset, frozen: Iterable[Decided]) -> dict[str, str]:
    """The split of each group; of a new one it is settled now, for every version to come."""
    first_seen: dict[str, datetime] = {}
    for row, decided_at in frozen:
        first_seen.setdefault(row.group, decided_at)
    known = _known(dataset, first_seen)
    shares = splits.Shares(validation=dataset.validation_percent, test=dataset.test_percent)
    new = []
    for group in first_seen.keys() - known.keys():
        is_forward = dataset.test_from is not None and first_seen[group] >= dataset.test_from
        split = splits.FORWARD if is_forward else splits.split_of(group, dataset.salt, shares)
        new.append(DatasetGroup(dataset=dataset, group=group, split=split))
    if new:
        DatasetGroup.objects.bulk_create(new, ignore_conflicts=True)
    return _known(dataset, first_seen) if new else known


def _known(dataset: Dataset, groups: Iterable[str]) -> dict[str, str]:
    found = DatasetGroup.objects.filter(dataset=dataset, group__in=list(groups))
    return dict(found.values_list("group", "split"))


def _split(dataset: Dataset, split: str, decided_at: datetime) -> str | None:
    """The split of a row; None where its time forbids it.

    Nothing from the time of the forward test is trained on, and nothing from before is in it.
    """
    if dataset.test_from is None or split == splits.TEST:
        return split
    is_late = decided_at >= dataset.test_from
    return split if is_late == (split == splits.FORWARD) else None


def _signature(row: Frozen) -> bytes:
    return dedupe.signature(dedupe.shingles(row.example["prompt"], row.example["proposal"]))
