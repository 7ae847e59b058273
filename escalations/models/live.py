"""How the processes that keep open pages true do, by the minute; `escalations.live.measuring` writes it."""

from django.db import models


class LiveMinute(models.Model):
    """What one process measured in one minute: how late it read events, and how many pages started over.

    `lag_p95` is in seconds, and null where no event came.
    """

    process = models.UUIDField()
    minute = models.DateTimeField()
    events = models.PositiveIntegerField()
    lag_p95 = models.FloatField(null=True)
    resyncs = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["minute", "process"], name="one_live_minute_per_process")
        ]

    def __str__(self) -> str:
        return f"{self.minute}: {self.events} events"
