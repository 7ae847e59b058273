"""Who builds a version."""

from datetime import timedelta

from escalations.jobs import JobLease, claim
from escalations.models import DatasetVersion, VersionState
from escalations.models.datasets import UNFINISHED

# A builder says each second, where it can, that it is alive. Telling what a million rows are, and what
# changed in them, takes less than that.
_TERM = timedelta(seconds=120)


class BuildLease(JobLease[DatasetVersion]):
    """The right to build `version`."""

    @property
    def version(self) -> DatasetVersion:
        return self.job


def claim_version() -> BuildLease | None:
    """The right to build the version that waits longest, or whose builder is dead; None if there is none."""
    unfinished = DatasetVersion.objects.filter(state__in=UNFINISHED).order_by("created_at")
    waiting = unfinished.select_related("dataset", "parent")
    version = claim(waiting, _TERM, state=VersionState.BUILDING, done=0, problem="", hits=[])
    return BuildLease(version, _TERM) if version else None
