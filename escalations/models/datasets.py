"""Labelled decisions as datasets: what is asked for, its immutable versions, their rows and their files."""

import secrets

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from escalations.models.cases import Escalation
from escalations.models.jobs import Job

_PERCENT = [MaxValueValidator(90)]


def new_salt() -> str:
    """What the groups of a dataset are split by; public."""
    return secrets.token_hex(16)


def new_secret() -> str:
    """What placeholders and names of groups are made with; never leaves the desk."""
    return secrets.token_hex(32)


class Dataset(models.Model):
    """A choice of decisions under a name. Its splits never change: salt, shares and `test_from` are fixed.

    `filter` is a `escalations.datasets.Filter`. Groups first seen from `test_from` on are the forward test.
    """

    name = models.SlugField(max_length=60, unique=True)
    description = models.CharField(max_length=300, blank=True)
    filter = models.JSONField(default=dict)
    validation_percent = models.PositiveSmallIntegerField(default=10, validators=_PERCENT)
    test_percent = models.PositiveSmallIntegerField(default=10, validators=_PERCENT)
    test_from = models.DateTimeField(null=True, blank=True)
    drops_near_duplicates = models.BooleanField(default=True)
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    secret = models.CharField(max_length=64, default=new_secret, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="dataset_leaves_something_to_train_on",
                condition=Q(validation_percent__lt=100 - F("test_percent")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VersionState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("dataset", "Waits to be built")
    BUILDING = "building", pgettext_lazy("dataset", "Being built")
    READY = "ready", pgettext_lazy("dataset", "Ready")
    BLOCKED = "blocked", pgettext_lazy("dataset", "Blocked: personal data")
    FAILED = "failed", pgettext_lazy("dataset", "Failed")


UNFINISHED = (VersionState.WAITING, VersionState.BUILDING)


class DatasetVersion(Job):
    """A version: from `selected_at` on its rows are fixed, whatever becomes of the labels.

    `counts` says what was left out and why, and how many rows each split has. `manifest` is what can be told
    of it, `hits` where the second look found personal data. `folder` holds its files. Where data were erased
    the files are made again, without.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    filter = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=VersionState, default=VersionState.WAITING)
    expected = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    manifest = models.JSONField(default=dict)
    hits = models.JSONField(default=list)
    problem = models.CharField(max_length=300, blank=True)
    folder = models.CharField(max_length=100, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    selected_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["dataset", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="dataset_versions_are_numbered"),
            models.UniqueConstraint(
                fields=["dataset"],
                # Those with a folder are made again, because data in them were erased.
                condition=Q(state__in=UNFINISHED, folder=""),
                name="one_version_of_a_dataset_is_built_at_a_time",
            ),
            models.CheckConstraint(
                name="a_ready_version_has_its_rows_and_files",
                condition=~Q(state=VersionState.READY) | Q(selected_at__isnull=False) & ~Q(folder=""),
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="versions_to_build", condition=Q(state__in=UNFINISHED)),
        ]

    def __str__(self) -> str:
        return f"{self.dataset.name} {self.number}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED

    @property
    def row_count(self) -> int:
        """How many rows it has, without those that were erased."""
        return int(sum(self.counts.get("rows", {}).values()))


class DatasetRow(models.Model):
    """A decision in a version: which labels of it, under which hash, in which split.

    Keeps ids only, and outlives the case. A tombstone says that its person's data were erased.
    """

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="rows", db_index=False)
    position = models.PositiveIntegerField()
    resolution = models.UUIDField()
    case = models.UUIDField()
    revision = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    split = models.CharField(max_length=10)
    group = models.CharField(max_length=64)
    tombstoned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "resolution"], name="a_version_holds_a_decision_once"),
            models.UniqueConstraint(fields=["version", "sha256"], name="a_version_holds_no_row_twice"),
            models.UniqueConstraint(fields=["version", "position"], name="rows_of_a_version_are_in_order"),
        ]
        indexes = [models.Index(fields=["case"], name="dataset_rows_of_a_case")]

    def __str__(self) -> str:
        return f"{self.resolution} in {self.version_id}"


class DatasetLeftOut(models.Model):
    """A decision that is not in a version, though it was asked for, and why. Keeps ids only.

    Of each reason the first few are kept (`escalations.datasets.left_out`); `counts` of the version has all.
    """

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(
        DatasetVersion, on_delete=models.CASCADE, related_name="left_out", db_index=False
    )
    why = models.CharField(max_length=12)
    resolution = models.UUIDField()
    case = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["version", "why", "id"], name="left_out_of_a_version")]

    def __str__(self) -> str:
        return f"{self.resolution} not in {self.version_id}: {self.why}"


class DatasetGroup(models.Model):
    """Where the rows of a person, task or conversation go, in every version of a dataset, for ever."""

    id = models.BigAutoField(primary_key=True)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="+", db_index=False)
    group = models.CharField(max_length=64)
    split = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "group"], name="a_group_has_one_split"),
        ]

    def __str__(self) -> str:
        return f"{self.group[:8]} {self.split}"


class DatasetFile(models.Model):
    """A file of a version. What describes it (manifest, Croissant, datasheet, rows) has no split."""

    version = models.ForeignKey(DatasetVersion, on_delete=models.CASCADE, related_name="files")
    format = models.CharField(max_length=20)
    split = models.CharField(max_length=10, blank=True)
    name = models.CharField(max_length=80)
    rows = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="files_of_a_version_have_names"),
        ]

    def __str__(self) -> str:
        return self.name


class CaseSubject(models.Model):
    """Whose case it is, as its agent named the customer; found by this when a person's data are erased."""

    case = models.OneToOneField(
        Escalation, on_delete=models.CASCADE, primary_key=True, related_name="subject"
    )
    customer_ref = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["customer_ref"], name="cases_of_a_customer")]

    def __str__(self) -> str:
        return f"Customer of {self.case_id}"


class Erasure(models.Model):
    """A person's data are to be erased, or were. Whose they were is kept only until that is done."""

    customer_ref = models.CharField(max_length=200, blank=True)
    case = models.UUIDField(null=True)
    cases = models.PositiveIntegerField(default=0)
    # Cases that were open, and stay as they are.
    left_open = models.PositiveIntegerField(default=0)
    # The dataset versions that held the data: `{dataset, number, rows}`.
    held_by = models.JSONField(default=list)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="a_finished_erasure_forgets_whose_it_was",
                condition=Q(finished_at=None) | Q(customer_ref=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Erasure {self.pk}"
