"""What is done in the background, by one process at a time."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

# Nobody has the lease, or whoever had it died.
FREE = Q(lease_expires_at=None) | Q(lease_expires_at__lte=Now())


class Job(models.Model):
    """Work that waits for a process, of which `done` is through.

    Who does it has the lease, until it runs out unless it is prolonged, and every write of theirs names the
    token (`escalations/jobs.py`).
    """

    done = models.PositiveIntegerField(default=0)
    lease_token = models.PositiveIntegerField(default=0, db_default=0)
    lease_expires_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
