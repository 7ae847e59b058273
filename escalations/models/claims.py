"""Who held a case, from when to when."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from escalations.models.cases import Escalation
from escalations.models.people import Operator


class How(models.TextChoices):
    PULLED = "pulled", "Took the next one"
    PICKED = "picked", "Picked it"
    OFFERED = "offered", "Accepted an offer"
    MOVED = "moved", "Was given it"
    TAKEN = "taken", "Took it over"
    UNDONE = "undone", "Took a decision back"


class Outcome(models.TextChoices):
    RELEASED = "released", "Released"
    LOST = "lost", "The lease ran out"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Withdrawn or expired under them"
    PASSED = "passed", "Passed on"
    WAITING = "waiting", "Waits for a reply"
    SNOOZED = "snoozed", "Snoozed"


class Claim(models.Model):
    """A lease on a case: the history of `Escalation.holder`, one row per `lease_token`."""

    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="claims", db_index=False)
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="claims")
    token = models.BigIntegerField()
    how = models.CharField(max_length=8, choices=How)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="one_live_claim_per_case"
            ),
            models.UniqueConstraint(fields=["case", "token"], name="one_claim_per_lease_token"),
            models.CheckConstraint(
                name="claim_ends_after_it_starts",
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
            ),
        ]
        indexes = [models.Index(fields=["started_at"], name="claim_started")]

    def __str__(self) -> str:
        return f"{self.operator} on {self.case_id}"
