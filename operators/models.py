"""What the pages keep for people: drafts, views of the queue, macros, and who looks at what."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from escalations.models import Escalation, Kind, Resolution, Review, RevisionKind, Weekday


class Draft(models.Model):
    """A decision form as typed. It outlives the lease; the next holder starts with their own."""

    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="drafts")
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    fields = models.JSONField(default=dict)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "operator"], name="one_draft_per_case_and_operator")
        ]

    def __str__(self) -> str:
        return f"Draft of {self.operator} for {self.case_id}"


class NoteDraft(models.Model):
    """A private note as typed. It goes when the note is added, whatever becomes of the case."""

    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="+")
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    body = models.TextField()
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "operator"], name="one_note_draft_per_case_and_operator")
        ]

    def __str__(self) -> str:
        return f"Note draft of {self.operator} for {self.case_id}"


class ReviewDraft(models.Model):
    """The labels of a second look, or what settles two, as typed. It goes once they are given."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="+")
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    fields = models.JSONField(default=dict)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "operator"], name="one_review_draft_per_review_and_operator"
            )
        ]

    def __str__(self) -> str:
        return f"Draft of {self.operator} for review {self.review_id}"


class LabelsDraft(models.Model):
    """Labels of a decision that stand, as somebody changes them. It goes once they are in force.

    `kind` is that of the revision that they become: a correction, or an adjudication as gold.
    """

    resolution = models.ForeignKey(Resolution, on_delete=models.CASCADE, related_name="+")
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=RevisionKind)
    fields = models.JSONField(default=dict)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resolution", "operator", "kind"],
                name="one_labels_draft_per_decision_operator_and_kind",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} begun by {self.operator} for {self.resolution_id}"


class SavedView(models.Model):
    """A named choice of cases on the queue page. `params` are the parameters of `QueueView`."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    is_shared = models.BooleanField(default=False)
    params = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="view_names_are_unique_per_owner")
        ]

    def __str__(self) -> str:
        return self.name


class Dashboard(models.Model):
    """A page of the figures with its filters, under a name: that of its address, and what follows it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dashboards")
    name = models.CharField(max_length=40)
    is_shared = models.BooleanField(default=False)
    page = models.CharField(max_length=40)
    query = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="dashboard_names_are_unique_per_owner")
        ]

    def __str__(self) -> str:
        return self.name


class Macro(models.Model):
    """A decision in one step: its words, labels and action. `fields` are those of the decision form.

    Texts may hold variables (`operators.macros.filling`). Without an owner it is shared by the whole desk.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="macros"
    )
    name = models.CharField(max_length=40)
    key = models.CharField(max_length=1, blank=True)
    kinds = models.JSONField(default=list, blank=True)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], name="macro_names_are_unique_per_owner", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["owner", "key"],
                condition=~Q(key=""),
                name="macro_keys_are_unique_per_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_labels(self) -> list[str]:
        """The kinds of cases that it is for, as people read them; none means all."""
        return [str(Kind(kind).label) for kind in self.kinds]


class Viewing(models.Model):
    """Somebody has the page of a case open; the server's ping renews it, and a minute ends it."""

    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="viewings")
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "operator"], name="one_viewing_per_case_and_operator")
        ]

    def __str__(self) -> str:
        return f"{self.operator} looks at {self.case_id}"


class WeeklyMail(models.Model):
    """Who gets the report of each week by mail, and on which day of the next one.

    `sent_for` is the last week that it was sent for, as ISO 8601 has it: 2026-W47.
    """

    operator = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="weekly_mail"
    )
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    sent_for = models.CharField(max_length=8, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="weekly_mail_weekday_is_known", condition=Q(weekday__in=Weekday.values)
            )
        ]

    def __str__(self) -> str:
        return f"{self.operator} on {self.get_weekday_display()}"
