"""Work offered to people, and why: each decision of the router is kept with what it was made from."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from escalations.models.cases import Escalation
from escalations.models.people import Operator

# How long the search waits for somebody with the preferred skills, and for somebody of the case's own queue.
PREFERRED = timedelta(seconds=60)
OWN_QUEUE = timedelta(seconds=180)
# How long a case that came back waits for the person who put it aside, before anybody may have it.
AFFINITY = timedelta(seconds=30)


class Ring(models.IntegerChoices):
    """How far the search for a person has widened (lifecycle.md, "Rings")."""

    EXACT = 0, _("All skills")
    REQUIRED = 1, _("Required skills only")
    OVERFLOW = 2, _("The overflow queue, too")
    SEVERAL = 3, _("Three people at once")


class OfferOutcome(models.TextChoices):
    LIVE = "", pgettext_lazy("adjective", "Open")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    MISSED = "missed", _("Timed out")
    RESCINDED = "rescinded", _("Somebody else was first")
    GONE = "gone", _("The person went away")


class OfferQuerySet(models.QuerySet["Offer"]):
    def live(self) -> "OfferQuerySet":
        """Offers that can still be accepted; dead at read time, before any sweep."""
        return self.filter(ended_at=None, expires_at__gt=Now())


class Offer(models.Model):
    """A lease of 20 s on the right to claim a case that waits. The case itself stays queued."""

    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="offers")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="offers", db_index=False)
    ring = models.PositiveSmallIntegerField(choices=Ring)
    weight = models.PositiveSmallIntegerField()
    offered_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=OfferOutcome, blank=True, default="", db_default="")
    reason = models.CharField(max_length=200, blank=True, default="", db_default="")

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "operator"],
                condition=Q(ended_at=None),
                name="one_live_offer_per_case_and_operator",
            ),
            models.CheckConstraint(
                name="offer_ended_has_outcome",
                condition=Q(ended_at__isnull=True, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="offer_deadlines", condition=Q(ended_at=None)),
            models.Index(fields=["operator", "-offered_at"], name="offer_of_operator"),
        ]

    def __str__(self) -> str:
        return f"Offer of {self.case_id} to {self.operator}"


class RoutingDecision(models.Model):
    """What the router saw and did with a case at one moment. Only the latest few of a case are kept.

    `inputs` is JSON: what the rank is made of. `people` lists everybody looked at with the one reason
    why not, empty for those who were offered the case.
    """

    case = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="routing_decisions")
    ring = models.PositiveSmallIntegerField(choices=Ring)
    inputs = models.JSONField(default=dict)
    people = models.JSONField(default=list)
    offered = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="routing_decision_age")]

    def __str__(self) -> str:
        return f"{self.get_ring_display()}, {self.offered} offered"
