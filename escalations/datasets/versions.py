"""Versions of a dataset: asking for the next one, and what differs between two."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from escalations import sql
from escalations.auditing import audit
from escalations.models import UNFINISHED, Dataset, DatasetVersion, VersionState


class AlreadyBuilding(Exception):
    """A version of this dataset waits or is being built. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__(_("A version of this dataset is being built. Wait until it is ready."))


@dataclass(frozen=True)
class Change:
    """A decision that two versions hold otherwise; None where one does not hold it."""

    resolution: UUID
    case_id: UUID
    revision_before: int | None
    revision_after: int | None
    split_before: str | None
    split_after: str | None


def start(dataset: Dataset, *, actor: str, created_by: Any = None, note: str = "") -> DatasetVersion:
    """Ask for the next version of `dataset`, of what its filter finds when it is built.

    Raises:
        AlreadyBuilding: one at a time.
    """
    with transaction.atomic():
        locked = Dataset.objects.select_for_update().get(pk=dataset.pk)
        if locked.versions.filter(state__in=UNFINISHED, folder="").exists():
            raise AlreadyBuilding
        latest = locked.versions.aggregate(number=Max("number"))["number"] or 0
        version = DatasetVersion.objects.create(
            dataset=locked,
            number=latest + 1,
            parent=locked.versions.filter(state=VersionState.READY).order_by("-number").first(),
            filter=locked.filter,
            note=note,
            created_by=created_by,
        )
        audit.write(actor=actor, action="dataset_version", target=f"dataset_version:{version.pk}")
    return version


def change_counts(older: DatasetVersion, newer: DatasetVersion) -> dict[str, int]:
    """How many rows were added, removed and changed, and how many are the same."""
    [row] = sql.run("dataset_change_counts", older=older.pk, newer=newer.pk)
    return dict(row)


def changes(older: DatasetVersion, newer: DatasetVersion, *, limit: int) -> list[Change]:
    """The first rows that differ."""
    return [Change(**row) for row in sql.run("dataset_changes", older=older.pk, newer=newer.pk, limit=limit)]
