"""Last week once more under other rules: what was asked, how far it came, what came out."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Replay(models.Model):
    """A week of arrivals routed again. `asked` is `replay.Settings`, `findings` what `replay.run` made of it.

    `queue` is the name of the one that it is about, empty for all. `done` of `total` moments were played.
    """

    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    started_at = models.DateTimeField(db_default=Now())
    queue = models.CharField(max_length=60, blank=True)
    asked = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    findings = models.JSONField(null=True)
    problem = models.CharField(max_length=200, blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["id"], name="replay_unfinished", condition=models.Q(finished_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return self.done / self.total if self.total else 0.0
