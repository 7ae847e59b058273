"""What was decided and what it teaches. Append-only: a revision supersedes, it never overwrites."""

from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from escalations.models.cases import Escalation, new_id
from escalations.models.claims import Claim, How
from escalations.models.people import Operator


class Decision(models.TextChoices):
    APPROVE = "approve", _("Approve")
    EDIT = "edit", _("Edit and approve")
    REJECT = "reject", _("Deny")
    RESPOND = "respond", pgettext_lazy("verb", "Answer")
    TAKEOVER = "takeover", _("Take over")
    CANCEL = "cancel", _("Cancel")


class DecidedBy(models.TextChoices):
    HUMAN = "human", _("A person")
    POLICY = "policy", _("A policy")
    TIMEOUT = "timeout", _("The time limit")


class Disposition(models.TextChoices):
    APPROVE = "approve", _("Right as proposed")
    EDIT = "edit", _("Right after an edit")
    REPLACE = "replace", _("Replaced by something else")
    TAKE_OVER = "take_over", _("A person took over")
    NOT_NEEDED = "not_needed", _("No person was needed")
    UNRESOLVABLE = "unresolvable", _("Could not be resolved")


class AgentCorrect(models.TextChoices):
    YES = "yes", _("Yes")
    NO = "no", _("No")
    PARTIAL = "partial", _("Partly")
    UNSURE = "unsure", _("Unsure")


class FailureMode(models.TextChoices):
    EDGE_CASE = "edge_case", _("Edge case")
    CONTEXT_DILUTION = "context_dilution", _("Context dilution")
    ERROR_CASCADE = "error_cascade", _("Error cascade")
    INTEGRATION = "integration", _("Integration")
    COST = "cost", _("Cost")
    OTHER = "other", _("Other")
    NONE = "none", _("Nothing went wrong")


class Quality(models.TextChoices):
    """How sure one may be of the labels."""

    SINGLE = "single", _("One person")
    AGREED = "agreed", _("Two agreed")
    ADJUDICATED = "adjudicated", _("Adjudicated")
    GOLD = "gold", _("Gold")


class ResolutionQuerySet(models.QuerySet["Resolution"]):
    def current(self) -> "ResolutionQuerySet":
        return self.filter(superseded_at=None)

    def not_undone(self) -> "ResolutionQuerySet":
        """Decisions that counted once: all but those that were undone, which the next claim tells."""
        undone = Claim.objects.filter(
            case=OuterRef("case"), token=OuterRef("lease_token") + 1, how=How.UNDONE
        )
        return self.exclude(Exists(undone))

    def trainable(self) -> "ResolutionQuerySet":
        """Human decisions that an export may teach from (labels.md, "Rules")."""
        return (
            self.current()
            .filter(decided_by=DecidedBy.HUMAN, training_allowed=True)
            .exclude(disposition=Disposition.UNRESOLVABLE)
            .exclude(agent_correct=AgentCorrect.UNSURE)
        )

    def behind(self, created_at: datetime, id: UUID) -> "ResolutionQuerySet":
        """Those that come after a place in the order of deciding."""
        # The first part is redundant with the rest, but it is what the index can start from.
        later = Q(created_at__gt=created_at) | Q(id__gt=id)
        return self.filter(Q(created_at__gte=created_at) & later)


class Resolution(models.Model):
    """One decision with its labels. The labels never leave the desk through the agents' API.

    The labels here are a copy of the revision in force (`escalations.labels`), for lists and figures.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="resolutions")
    cycle = models.PositiveSmallIntegerField(default=1)
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, null=True, related_name="resolutions")
    lease_token = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=8, choices=DecidedBy, default=DecidedBy.HUMAN)
    superseded_at = models.DateTimeField(null=True)

    decision = models.CharField(max_length=10, choices=Decision)
    actions = models.JSONField(default=list)
    response = models.JSONField(null=True)
    message = models.TextField(blank=True)
    resume = models.JSONField(default=dict)

    disposition = models.CharField(max_length=14, choices=Disposition, blank=True)
    agent_correct = models.CharField(max_length=8, choices=AgentCorrect, blank=True)
    failure_primary = models.CharField(max_length=16, choices=FailureMode, blank=True)
    first_error_index = models.PositiveIntegerField(null=True)
    note = models.TextField(blank=True)
    training_allowed = models.BooleanField(default=True)
    quality = models.CharField(
        max_length=12, choices=Quality, default=Quality.SINGLE, db_default=Quality.SINGLE
    )
    # Whether the person decided otherwise than the agent proposed; null where nothing was proposed.
    overrode = models.BooleanField(null=True)

    # Of an edit: how much of the proposal it changed, from 0 to 1 (`escalations.transitions.edit_distance`).
    edit_distance = models.FloatField(null=True)

    opened_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    handle_seconds = models.FloatField(default=0)

    objects = ResolutionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "cycle"],
                condition=Q(superseded_at=None),
                name="one_resolution_per_case_and_cycle",
            ),
            models.CheckConstraint(
                name="resolution_by_human_has_operator",
                condition=~Q(decided_by=DecidedBy.HUMAN) | Q(operator__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="resolution_latest"),
            models.Index(
                fields=["superseded_at"],
                name="resolution_superseded",
                condition=Q(superseded_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} ({self.get_decided_by_display().lower()})"
