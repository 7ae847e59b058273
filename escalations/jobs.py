"""Who does a job: one process at a time, for as long as it says so. A dead one is followed by another."""

import time
from datetime import timedelta
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from escalations.models.jobs import FREE, Job

_EVERY_SECONDS = 1.0

Done = TypeVar("Done", bound=Job)


class JobLost(Exception):
    """Somebody else does the job now. What was not yet written is for nothing."""


class JobLease(Generic[Done]):
    """The right to do `job`. Every write goes through it, and is refused once the lease is lost.

    Each write prolongs it by `term`; without a word for so long its holder counts as dead.
    """

    def __init__(self, job: Done, term: timedelta) -> None:
        self.job = job
        self._term = term
        self._told_at = time.monotonic()

    def progress(self, done: int) -> None:
        """Say how far it is, at most once a second.

        Raises:
            JobLost: the lease passed on.
        """
        if time.monotonic() - self._told_at >= _EVERY_SECONDS:
            self._told_at = time.monotonic()
            self.write(done=done)

    def write(self, **fields: Any) -> None:
        """Change the job; the lease goes on.

        Raises:
            JobLost: the lease passed on.
        """
        self._update(fields | {"lease_expires_at": Now() + self._term})

    def end(self, **fields: Any) -> None:
        """Change the job for the last time.

        Raises:
            JobLost: the lease passed on.
        """
        self._update(fields | {"lease_expires_at": None})

    def _update(self, fields: dict[str, Any]) -> None:
        jobs = type(self.job)._default_manager
        mine = jobs.filter(pk=self.job.pk, lease_token=self.job.lease_token, lease_expires_at__isnull=False)
        if not mine.update(**fields):
            raise JobLost(str(self.job))
        for name, value in fields.items():
            if name != "lease_expires_at":
                setattr(self.job, name, value)


def claim(unfinished: QuerySet[Done], term: timedelta, *, alone: bool = False, **begun: Any) -> Done | None:
    """Take the first of `unfinished` that nobody does for `term`, with `begun` set; None if there is none.

    `alone`: one is done at a time, in this order; while the first is done none is taken.
    """
    with transaction.atomic():
        due = unfinished if alone else unfinished.filter(FREE)
        job = due.select_for_update(skip_locked=not alone, of=("self",)).first()
        if job is None:
            return None
        token = {"lease_token": F("lease_token") + 1, "lease_expires_at": Now() + term}
        free = type(job)._default_manager.filter(FREE, pk=job.pk)
        if not free.update(**token, **begun):
            return None
        job.refresh_from_db(fields=["lease_token", *begun])
    return job
