"""Who held a case, from when to when."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from escalations.models.cases import Escalation
from escalations.models.people import Operator


class How(models.TextChoices):
    PULLED = "pulled", _("Took the next one")
    PICKED = "picked", _("Picked it")
    OFFERED = "offered", _("Accepted an offer")
    MOVED = "moved", _("Was given it")
    TAKEN = "taken", _("Took it over")
    UNDONE = "undone", _("Took a decision back")


class Outcome(models.TextChoices):
    RELEASED = "released", _("Released")
    LOST = "lost", _("The lease ran out")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Withdrawn or expired under them")
    PASSED = "passed", _("Passed on")
    WAITING = "waiting", _("Waits for a reply")
    SNOOZED = "snoozed", _("Snoozed")


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
        indexes = [
            models.Index(fields=["started_at"], name="claim_started"),
            models.Index(fields=["ended_at"], name="claim_passed_on", condition=Q(outcome=Outcome.PASSED)),
        ]

    def __str__(self) -> str:
        return f"{self.operator} on {self.case_id}"
