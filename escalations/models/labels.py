"""What people teach: the revisions of labels, what detectors proposed, and what the words mean."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from escalations.models.cases import new_id
from escalations.models.people import Operator
from escalations.models.resolutions import AgentCorrect, Disposition, FailureMode, Resolution


class RevisionKind(models.TextChoices):
    FIRST = "first", _("Decided with")
    BLIND = "blind", _("Blind review")
    CORRECTION = "correction", _("Correction")
    ADJUDICATED = "adjudicated", _("Adjudicated")
    IMPORTED = "imported", _("Imported")


class Responsible(models.TextChoices):
    """Whose fault it was."""

    AGENT = "agent", _("The agent")
    USER = "user", _("The user")
    TOOL = "tool", _("A tool")
    ENVIRONMENT = "environment", _("The environment")
    POLICY = "policy", _("A policy")


class StepLabel(models.TextChoices):
    GOOD = "good", _("Good")
    BAD = "bad", _("Bad")
    NEUTRAL = "neutral", _("Neutral")


class Taxonomy(models.Model):
    """What the labels mean, in numbered, immutable versions; the newest is in force."""

    number = models.PositiveIntegerField(unique=True)
    content = models.JSONField(default=dict)
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-number"]
        verbose_name_plural = "taxonomies"

    def __str__(self) -> str:
        return str(self.number)


class Guideline(models.Model):
    """How to label, as Markdown, in numbered, immutable versions; the newest is in force."""

    number = models.PositiveIntegerField(unique=True)
    text = models.TextField()
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return str(self.number)


class LabelRevisionQuerySet(models.QuerySet["LabelRevision"]):
    def in_force(self) -> "LabelRevisionQuerySet":
        """The newest of each decision that is not blind."""
        return self.filter(superseded_at=None).exclude(kind=RevisionKind.BLIND)


class LabelRevision(models.Model):
    """All that one person said of one decision, at one time (labels.md). Append-only.

    Of those that are not blind, one is in force: the newest. What the decision itself keeps of the labels
    is a copy of it. A blind revision never is in force; it is compared, and an adjudication follows.
    Steps count from 0; `step_labels` maps them, as text, to `StepLabel`. `tool_fault` is `{tool, kind}`.
    `taxonomy` and `guideline` pin what the words meant then; null is the built-in meaning. Whoever allowed
    training counted on the redaction of then, whose version is `pii_policy_version`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resolution = models.ForeignKey(Resolution, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField(default=1)
    kind = models.CharField(max_length=12, choices=RevisionKind, default=RevisionKind.FIRST)
    supersedes = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="+")
    superseded_at = models.DateTimeField(null=True)
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="revisions")
    taxonomy = models.ForeignKey(Taxonomy, on_delete=models.PROTECT, null=True, related_name="+")
    guideline = models.ForeignKey(Guideline, on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(db_default=Now())
    active_seconds = models.FloatField(default=0, db_default=0)

    disposition = models.CharField(max_length=14, choices=Disposition, blank=True)
    agent_correct = models.CharField(max_length=8, choices=AgentCorrect, blank=True)
    failure_primary = models.CharField(max_length=16, choices=FailureMode, blank=True)
    failure_modes = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    external_codes = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    responsible = models.CharField(max_length=12, choices=Responsible, blank=True)
    first_error_index = models.PositiveIntegerField(null=True)
    root_cause_index = models.PositiveIntegerField(null=True)
    missed_checkpoint = models.CharField(max_length=200, blank=True)
    step_labels = models.JSONField(default=dict, blank=True)
    tool_fault = models.JSONField(null=True)
    escalation_needed = models.BooleanField(null=True)
    category_correct = models.BooleanField(null=True)
    deterministic_rule = models.TextField(blank=True)
    must = ArrayField(models.TextField(), default=list, blank=True)
    must_not = ArrayField(models.TextField(), default=list, blank=True)
    pair_at_index = models.PositiveIntegerField(null=True)
    preference_strength = models.PositiveSmallIntegerField(null=True)
    note = models.TextField(blank=True)
    training_allowed = models.BooleanField(default=True)
    pii_policy_version = models.PositiveIntegerField(null=True)

    objects = LabelRevisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resolution", "number"], name="revisions_are_numbered"),
            models.UniqueConstraint(
                fields=["resolution"],
                condition=Q(superseded_at=None) & ~Q(kind=RevisionKind.BLIND),
                name="one_revision_in_force_per_resolution",
            ),
        ]
        indexes = [models.Index(fields=["submitted_at", "id"], name="revision_latest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def is_blind(self) -> bool:
        """Whether it was said without a look at what others said."""
        return self.kind == RevisionKind.BLIND


class LabelSuggestion(models.Model):
    """A label that a detector proposed when the decision was made, and whether the person took it.

    Kept apart from the labels: nothing that a machine said is ever taken for a person's word.
    """

    id = models.BigAutoField(primary_key=True)
    resolution = models.ForeignKey(Resolution, on_delete=models.CASCADE, related_name="suggestions")
    field = models.CharField(max_length=30)
    value = models.JSONField()
    detector = models.CharField(max_length=40)
    accepted = models.BooleanField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["detector", "created_at"], name="suggestion_by_detector")]

    def __str__(self) -> str:
        return f"{self.detector}: {self.field}"
