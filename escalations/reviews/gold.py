"""Labels that are known for sure, met by people among their reviews without being told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from escalations import transitions
from escalations.auditing import audit
from escalations.models import (
    DecidedBy,
    Escalation,
    GoldItem,
    LabelRevision,
    Operator,
    Quality,
    Resolution,
    Review,
    ReviewState,
    RevisionKind,
    Stratum,
)
from escalations.reviews import draws
from escalations.reviews.comparing import Agreement
from escalations.reviews.rates import rates
from escalations.transitions import Labels

_SALT = "escalations.reviews.gold"


@dataclass(frozen=True)
class Score:
    """Of the gold items that a person met, how many they labelled as is known."""

    person: Operator
    right: Agreement


def has_labelled(operator: Operator) -> Exists:
    """Of a review or a gold item: whether the person gave any labels of its decision."""
    return Exists(LabelRevision.objects.filter(resolution=OuterRef("resolution"), operator=operator))


def can_be_gold(resolution: Resolution) -> bool:
    """Whether people can meet it: a person decided it, it stands, and its case is not erased."""
    stands = resolution.decided_by == DecidedBy.HUMAN and resolution.superseded_at is None
    return stands and resolution.case.erased_at is None


def mark(*, in_force: LabelRevision, operator: Operator, labels: Labels) -> GoldItem:
    """Fix the labels of a decision: they are known for sure from now on.

    Raises:
        InvalidDecision: the labels do not fit the case.
        Erased: nothing is left of the case.
        RevisionOutdated: other labels than `in_force` count by now.
    """
    with transaction.atomic():
        revision = transitions.revise(
            revision=in_force,
            operator=operator,
            kind=RevisionKind.ADJUDICATED,
            labels=labels,
            quality=Quality.GOLD,
        )
        item, _ = GoldItem.objects.update_or_create(
            resolution_id=revision.resolution_id,
            defaults={"revision": revision, "created_by": operator, "retired_at": None},
        )
        audit.write(actor=audit.operator_actor(operator), action="gold.mark", target=f"gold:{item.pk}")
    return item


def retire(*, item_id: int, operator: Operator) -> bool:
    """Nobody meets it any more; what people said of it stays. Says whether it was in use."""
    with transaction.atomic():
        retired = GoldItem.objects.filter(pk=item_id, retired_at=None).update(retired_at=Now())
        if retired:
            audit.write(actor=audit.operator_actor(operator), action="gold.retire", target=f"gold:{item_id}")
    return bool(retired)


def meet(operator: Operator, *, lease: timedelta, instead_of: UUID) -> UUID | None:
    """The gold item that `operator` gets in place of a review, if it is time for one and they know it not.

    Whether it is time is drawn once for each review that they give, so putting one back changes nothing.
    """
    given = Review.objects.filter(reviewer=operator, submitted_at__isnull=False).count()
    if draws.uniform(_SALT, f"{operator.pk}:{given}") >= rates().gold:
        return None
    begun = Review.objects.filter(reviewer=operator, state=ReviewState.WAITING, gold__in=_in_use(operator))
    review = begun.first() or _new_meeting(operator)
    if review is None:
        return None
    Review.objects.filter(pk=instead_of).update(holder=None, lease_expires_at=None)
    Review.objects.filter(pk=review.pk).update(
        holder=operator, taken_at=Now(), lease_expires_at=Now() + lease
    )
    return review.id


def scores(since: datetime) -> Sequence[Score]:
    """How well each person labelled the gold items that they met since then, by name."""
    met = Review.objects.filter(gold__isnull=False, submitted_at__gte=since)
    counted = met.values("reviewer").annotate(
        n=Count("pk"), right=Count("pk", filter=Q(state=ReviewState.AGREED))
    )
    right = {row["reviewer"]: Agreement(row["n"], row["right"]) for row in counted}
    people = Operator.objects.filter(pk__in=right).order_by("username")
    return [Score(person, right[person.pk]) for person in people]


def met() -> QuerySet[Review]:
    """What people said of gold items: `compared` is what was known, `blind` what they said."""
    given = Review.objects.filter(gold__isnull=False, submitted_at__isnull=False)
    return given.select_related("resolution__case", "reviewer", "compared", "blind")


def _in_use(operator: Operator) -> QuerySet[GoldItem]:
    """The items that the person knows not, of decisions that stand and cases that they may see."""
    stands = Resolution.objects.current().filter(pk=OuterRef("resolution"))
    found = GoldItem.objects.filter(~has_labelled(operator), Exists(stands), retired_at=None)
    if not operator.is_supervisor:
        found = found.filter(resolution__case__in=Escalation.objects.visible_to(operator))
    return found


def _new_meeting(operator: Operator) -> Review | None:
    unknown = _in_use(operator).exclude(reviews__reviewer=operator)
    item = unknown.order_by("created_at", "pk").first()
    if item is None:
        return None
    return Review.objects.create(
        resolution_id=item.resolution_id,
        gold=item,
        stratum=Stratum.GOLD,
        probability=1,
        reviewer=operator,
    )
