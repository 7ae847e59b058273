"""Builds the versions that wait. Safe to run alongside itself: each version has one builder, under a lease.

The rows and files of a version appear at once, when all of them are there. A builder that died leaves
nothing that counts: the next one starts again.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Count
from django.db.models.functions import Now

from escalations.auditing import audit
from escalations.datasets import croissant, datasheet, folders, manifests, rendering
from escalations.datasets.filters import Filter
from escalations.datasets.formats.registry import FORMATS
from escalations.datasets.leases import BuildLease, claim_version
from escalations.datasets.selecting import select
from escalations.jobs import JobLost
from escalations.models import DatasetFile, DatasetRow, VersionState

log = structlog.get_logger(__name__)

# Why a build failed, as it is kept.
EMPTY, DISK, ERROR = "empty", "disk", "error"


def build_waiting() -> int:
    """Build the versions that wait, one after the other. Returns how many."""
    built = 0
    while lease := claim_version():
        build(lease)
        built += 1
    return built


def build(lease: BuildLease) -> None:
    """Build the version of the lease, whatever becomes of it: it ends ready, blocked or failed."""
    folder = ""
    try:
        folder = folders.new_folder(lease.version)
        _build(lease, folder)
    except JobLost:
        log.warning("build_lost", version=str(lease.version))
        folders.remove(folder)
    except (OperationalError, InterfaceError):
        folders.remove(folder)
        raise  # no state could be written either: the lease runs out, and another one starts again
    except OSError as error:
        log.error("build_failed", version=str(lease.version), error=repr(error))
        _fail(lease, folder, DISK)
    except Exception:
        log.exception("build_failed", version=str(lease.version))
        _fail(lease, folder, ERROR)


def _build(lease: BuildLease, folder: str) -> None:
    here = folders.root() / folder
    if lease.version.folder:
        # Steps are counted anew, or their number would grow each time until no column holds it.
        lease.write(expected=0)
        old, without = folders.root() / lease.version.folder, _tombstoned(lease)
        rendering.copy_kept(old, here, without, tick=lambda: lease.progress(0))
        left_out = Counter(lease.version.counts["left_out"])
    else:
        decided = Filter.read(lease.version.filter)
        lease.write(expected=decided.trainable().count())
        left_out = select(lease, here)
    counted = _counts(lease)
    if not counted and not lease.version.folder:
        return _fail(lease, folder, EMPTY)
    lease.write(counts={"left_out": dict(+left_out), "rows": counted})
    step = _steps(lease, sum(counted.values()))
    if hits := rendering.stage(here, step):
        return _block(lease, folder, hits)
    _publish(lease, folder, list(rendering.render(lease.version, folder, step)))
    return None


def _block(lease: BuildLease, folder: str, hits: list[dict[str, Any]]) -> None:
    """Say where personal data are, and leave no file that holds them."""
    old = lease.version.folder
    lease.end(state=VersionState.BLOCKED, hits=hits, folder="")
    folders.remove(folder)
    folders.remove(old)


def _publish(lease: BuildLease, folder: str, rendered: list[rendering.Rendered]) -> None:
    """Describe the files, and show them in place of what was there."""
    version = lease.version
    rows = _described(lease, folder, rendering.ROWS, "rows", rendering.row_list(version))
    manifest = manifests.manifest(version, rendered, rows)
    loadable, sheet = croissant.metadata(manifest), datasheet.text(manifest)
    described = [
        rows,
        _described(lease, folder, "manifest.json", "manifest", [manifests.as_text(manifest)]),
        _described(lease, folder, "croissant.json", "croissant", [manifests.as_text(loadable)]),
        _described(lease, folder, "datasheet.md", "datasheet", [sheet.encode(errors="replace")]),
    ]
    old = version.folder
    with transaction.atomic():
        moments = {"ready_at": Now()} | ({} if version.selected_at else {"selected_at": Now()})
        told = {"folder": folder, "manifest": manifest, "done": version.expected}
        lease.end(state=VersionState.READY, **told, **moments)
        version.files.all().delete()
        DatasetFile.objects.bulk_create([*(each.file for each in rendered), *described])
        audit.write(actor="system", action="dataset_built", target=f"dataset_version:{version.pk}")
    folders.remove(old)


def _described(
    lease: BuildLease, folder: str, name: str, format_: str, chunks: Iterable[bytes]
) -> DatasetFile:
    written = folders.write(folder, name, chunks)
    return DatasetFile(
        version=lease.version, format=format_, name=name, bytes=written.bytes, sha256=written.sha256
    )


def _fail(lease: BuildLease, folder: str, problem: str) -> None:
    """Leave the version failed; one that is made again without what was erased is tried again."""
    folders.remove(folder)
    if lease.version.folder:
        return
    try:
        lease.end(state=VersionState.FAILED, problem=problem)
    except JobLost:
        log.warning("build_lost", version=str(lease.version))


def _tombstoned(lease: BuildLease) -> frozenset[int]:
    rows = DatasetRow.objects.filter(version=lease.version, tombstoned_at__isnull=False)
    return frozenset(rows.values_list("position", flat=True))


def _counts(lease: BuildLease) -> dict[str, int]:
    """How many rows each split has, without those that were erased."""
    rows = DatasetRow.objects.filter(version=lease.version, tombstoned_at=None).order_by("split")
    return dict(rows.values_list("split").annotate(rows=Count("id")))


def _steps(lease: BuildLease, rows: int) -> Callable[[], None]:
    """Counts on from what is done: each row is looked at once, and written in each format."""
    done = lease.version.expected
    lease.write(expected=done + rows * (1 + len(FORMATS)), done=done)

    def step() -> None:
        nonlocal done
        done += 1
        lease.progress(min(done, lease.version.expected))

    return step
