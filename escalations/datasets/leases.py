"""Who builds a version."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F

from escalations.jobs import JobLease, claim
from escalations.models import DatasetVersion, VersionState
from escalations.models.datasets import UNFINISHED

# A builder says each second, where it can, that it is alive. Telling what a million rows are, and what
# changed in them, takes less than that.
_TERM = timedelta(seconds=120)
# Whoever begins a build waits for the transactions that erase, of which there may be several at once.
_BEGIN = "SELECT pg_advisory_xact_lock(hashtext('builds of datasets'))"
_ERASE = "SELECT pg_advisory_xact_lock_shared(hashtext('builds of datasets'))"


class BuildLease(JobLease[DatasetVersion]):
    """The right to build `version`."""

    @property
    def version(self) -> DatasetVersion:
        return self.job


def claim_version() -> BuildLease | None:
    """The right to build the version that waits longest, or whose builder is dead; None if there is none."""
    unfinished = DatasetVersion.objects.filter(state__in=UNFINISHED).order_by("created_at")
    waiting = unfinished.select_related("dataset", "parent")
    with transaction.atomic():
        _lock(_BEGIN)
        version = claim(waiting, _TERM, state=VersionState.BUILDING, done=0, problem="", hits=[])
    return BuildLease(version, _TERM) if version else None


def stop_builds() -> None:
    """Take the lease from whoever builds, for they may have read what this transaction erases.

    Until it ends nobody begins. A version that is shown at this moment is shown when this returns: look at
    the rows of versions that are ready only then.
    """
    _lock(_ERASE)
    DatasetVersion.objects.filter(state=VersionState.BUILDING).update(
        state=VersionState.WAITING, lease_token=F("lease_token") + 1, lease_expires_at=None
    )


def _lock(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
