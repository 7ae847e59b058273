"""Labels that were made elsewhere: each file that came, how far it is, and what of it was refused."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from escalations.models.jobs import Job
from escalations.models.labels import LabelRevision


class ImportState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("import", "Waits to be read")
    RUNNING = "running", pgettext_lazy("import", "Being read")
    DONE = "done", pgettext_lazy("import", "Done")
    REFUSED = "refused", pgettext_lazy("import", "Refused: nothing was written")


UNREAD = (ImportState.WAITING, ImportState.RUNNING)


class LabelImport(Job):
    """A file of labels. `source` says where they come from; `operator` stands for them.

    `all_or_nothing`: every line is tried first, and nothing is written if one is refused. `over_settled`:
    labels that are adjudicated or gold may be replaced, too. `done` counts lines that were tried or written.
    """

    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=200, blank=True)
    all_or_nothing = models.BooleanField(default=False)
    over_settled = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=ImportState, default=ImportState.WAITING)
    lines = models.PositiveIntegerField()
    imported = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="an_import_ends_when_it_is_read",
                condition=Q(state__in=UNREAD, finished_at=None)
                | ~Q(state__in=UNREAD) & Q(finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="an_import_counts_each_line_once",
                condition=Q(lines__gte=F("imported") + F("unchanged") + F("refused")),
            ),
        ]
        indexes = [models.Index(fields=["id"], name="imports_to_read", condition=Q(state__in=UNREAD))]

    def __str__(self) -> str:
        return f"Import {self.pk}"

    @property
    def is_unread(self) -> bool:
        return self.state in UNREAD

    @property
    def steps(self) -> int:
        """How many times a line is looked at."""
        return self.lines * (2 if self.all_or_nothing else 1)


class ImportedFile(models.Model):
    """The bytes of a file, until they are read."""

    label_import = models.OneToOneField(
        LabelImport, on_delete=models.CASCADE, primary_key=True, related_name="file"
    )
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"File of import {self.pk}"


class ImportedLabels(models.Model):
    """Which line of which import a revision comes from."""

    revision = models.OneToOneField(
        LabelRevision, on_delete=models.CASCADE, primary_key=True, related_name="imported"
    )
    label_import = models.ForeignKey(LabelImport, on_delete=models.CASCADE, related_name="written")
    line = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"Line {self.line} of import {self.label_import_id}"


class ImportRefusal(models.Model):
    """What is wrong with a line, and where in it. `code` and `detail` are put into words when shown."""

    label_import = models.ForeignKey(
        LabelImport, on_delete=models.CASCADE, related_name="refusals", db_index=False
    )
    line = models.PositiveIntegerField()
    code = models.CharField(max_length=12)
    pointer = models.CharField(max_length=300, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["line", "id"]
        indexes = [models.Index(fields=["label_import", "line", "id"], name="refusals_by_line")]

    def __str__(self) -> str:
        return f"Line {self.line}: {self.code}"
