"""Keys that belong to no agent: an admin gives them to programs that read figures or move labels."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from escalations.models.keys import Key, KeyQuerySet


class ReportScope(models.TextChoices):
    """What a report key may be good for. None of it opens a case or tells a decision."""

    METRICS = "metrics", _("Metrics: the figures of the desk and the rows behind them")
    DATASETS = "datasets", _("Datasets: making versions of labelled data, and downloading them")
    LABELS = "labels", _("Labels: importing labels that were made elsewhere")


class ReportKey(Key):
    """A key of an admin, for all queues and agents; agents' keys open none of what it does."""

    scopes = ArrayField(models.CharField(max_length=20))

    objects = KeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
