"""Second looks at decisions, by people who do not know what the first one said; and what is known surely."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from escalations.models.cases import new_id
from escalations.models.labels import LabelRevision
from escalations.models.people import Operator
from escalations.models.resolutions import Resolution


class ReviewState(models.TextChoices):
    WAITING = "waiting", _("Waits for a second look")
    AGREED = "agreed", _("Both said the same")
    DIFFERS = "differs", _("To be settled")
    SETTLED = "settled", _("Settled")
    MISSED = "missed", _("Missed the gold labels")
    DROPPED = "dropped", _("Dropped")


class Stratum(models.TextChoices):
    """Out of which decisions a review was drawn."""

    WRONG = "wrong", _("Audits not marked right")
    RIGHT = "right", _("Audits marked right")
    ORDINARY = "ordinary", _("Other cases")
    GOLD = "gold", _("Gold items")


class GoldItem(models.Model):
    """A decided case whose labels are known for sure: `revision` holds them.

    It comes up among the reviews of people as if it were one, to see how well they label.
    """

    resolution = models.OneToOneField(Resolution, on_delete=models.CASCADE, related_name="gold")
    revision = models.ForeignKey(LabelRevision, on_delete=models.CASCADE, related_name="+")
    created_by = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Gold {self.pk}"


class Review(models.Model):
    """One second look at one decision, and what became of it.

    It was drawn out of its `stratum` with `probability`: 1 / that is how many decisions it stands for.
    `holder` has it on their screen until `lease_expires_at`, to review it or to settle it. `reviewer` is who
    gave it the second look: `blind` is what they said, `compared` what it was held against, `settled` what
    a third person made of it. A review with `gold` is held against that, and its reviewer known from the
    start.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resolution = models.ForeignKey(Resolution, on_delete=models.CASCADE, related_name="reviews")
    gold = models.ForeignKey(GoldItem, on_delete=models.CASCADE, null=True, related_name="reviews")
    stratum = models.CharField(max_length=8, choices=Stratum)
    probability = models.FloatField()
    state = models.CharField(max_length=8, choices=ReviewState, default=ReviewState.WAITING)
    holder = models.ForeignKey(
        Operator, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    lease_expires_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    reviewer = models.ForeignKey(Operator, on_delete=models.PROTECT, null=True, related_name="reviews")
    blind = models.OneToOneField(LabelRevision, on_delete=models.CASCADE, null=True, related_name="+")
    compared = models.ForeignKey(LabelRevision, on_delete=models.CASCADE, null=True, related_name="+")
    settled = models.OneToOneField(LabelRevision, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resolution"], condition=Q(gold=None), name="one_second_look_per_decision"
            ),
            models.UniqueConstraint(
                fields=["gold", "reviewer"],
                condition=Q(gold__isnull=False),
                name="everybody_meets_a_gold_item_once",
            ),
            models.UniqueConstraint(fields=["holder"], name="a_person_reviews_one_at_a_time"),
            models.CheckConstraint(name="review_state_is_known", condition=Q(state__in=ReviewState.values)),
            models.CheckConstraint(
                name="review_is_drawn_with_a_probability", condition=Q(probability__gt=0, probability__lte=1)
            ),
            models.CheckConstraint(
                name="review_held_has_a_lease",
                condition=Q(holder=None, lease_expires_at=None)
                | Q(holder__isnull=False, lease_expires_at__isnull=False, state__in=["waiting", "differs"]),
            ),
            models.CheckConstraint(
                name="review_that_was_given_is_kept",
                condition=Q(state__in=["waiting", "dropped"])
                | Q(
                    reviewer__isnull=False,
                    blind__isnull=False,
                    compared__isnull=False,
                    submitted_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="review_that_is_settled_says_how",
                condition=Q(state="settled", settled__isnull=False) | (~Q(state="settled") & Q(settled=None)),
            ),
            models.CheckConstraint(
                name="gold_is_met_and_never_settled",
                condition=Q(gold=None, stratum__in=["wrong", "right", "ordinary"]) & ~Q(state="missed")
                | Q(gold__isnull=False, stratum="gold", reviewer__isnull=False)
                & ~Q(state__in=["differs", "settled"]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "created_at", "id"],
                name="review_line",
                condition=Q(gold=None, state__in=["waiting", "differs"]),
            ),
            models.Index(
                fields=["submitted_at"], name="review_latest", condition=Q(submitted_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.resolution_id}"


_SHARE = [MinValueValidator(0), MaxValueValidator(1)]


class ReviewRates(models.Model):
    """How many decisions get a second look, as shares. One row, with id 1; without it the defaults count.

    `drawn_until` and `drawn_id` name the last revision of labels that was drawn from.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    right = models.FloatField(default=0.1, db_default=0.1, validators=_SHARE)
    ordinary = models.FloatField(default=0, db_default=0, validators=_SHARE)
    gold = models.FloatField(default=0.1, db_default=0.1, validators=_SHARE)
    drawn_until = models.DateTimeField(null=True)
    drawn_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="review_rates_are_one_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="review_rates_are_shares",
                condition=Q(
                    right__gte=0, right__lte=1, ordinary__gte=0, ordinary__lte=1, gold__gte=0, gold__lte=1
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.right:.0%} of what was right, {self.ordinary:.0%} of the rest, {self.gold:.0%} gold"
