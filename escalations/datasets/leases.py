"""Who builds a version: one process at a time, for as long as it says so."""

import time
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from escalations.models import DatasetVersion, VersionState

# A builder says so each second where it can; without a word for so long it is dead, and another one starts
# again. Sorting the signatures of a million rows, and writing down as many, take less.
LEASE = timedelta(seconds=120)
_EVERY_SECONDS = 1.0


class BuildLost(Exception):
    """Somebody else builds the version now. What was not yet told is for nothing."""


class BuildLease:
    """The right to build `version`. Every write goes through it, and is refused once the lease is lost."""

    def __init__(self, version: DatasetVersion) -> None:
        self.version = version
        self._told_at = time.monotonic()

    def progress(self, done: int) -> None:
        """Say how far it is, at most once a second.

        Raises:
            BuildLost: the lease passed on.
        """
        if time.monotonic() - self._told_at >= _EVERY_SECONDS:
            self._told_at = time.monotonic()
            self.write(done=done)

    def write(self, **fields: Any) -> None:
        """Change the version under the lease, which goes on.

        Raises:
            BuildLost: the lease passed on.
        """
        mine = DatasetVersion.objects.filter(
            pk=self.version.pk, lease_token=self.version.lease_token, state=VersionState.BUILDING
        )
        if not mine.update(**{"lease_expires_at": Now() + LEASE} | fields):
            raise BuildLost(str(self.version))
        for name, value in fields.items():
            setattr(self.version, name, value)


def claim_version() -> BuildLease | None:
    """The right to build the version that waits longest, or whose builder is dead; None if there is none."""
    dead = Q(state=VersionState.BUILDING, lease_expires_at__lte=Now())
    with transaction.atomic():
        due = DatasetVersion.objects.filter(Q(state=VersionState.WAITING) | dead).order_by("created_at")
        version = due.select_for_update(skip_locked=True, of=("self",)).first()
        if version is None:
            return None
        DatasetVersion.objects.filter(pk=version.pk).update(
            state=VersionState.BUILDING,
            lease_token=F("lease_token") + 1,
            lease_expires_at=Now() + LEASE,
            done=0,
            problem="",
            hits=[],
        )
    return BuildLease(DatasetVersion.objects.select_related("dataset", "parent").get(pk=version.pk))
