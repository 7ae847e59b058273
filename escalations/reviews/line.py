"""Give reviews to people, and take what they say. One person has one review at a time."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from escalations import sql, transitions
from escalations.auditing import audit
from escalations.models import (
    AgentCorrect,
    Escalation,
    LabelRevision,
    Operator,
    Quality,
    Resolution,
    Review,
    ReviewState,
    RevisionKind,
    Stratum,
)
from escalations.people import capacity
from escalations.reviews import gold
from escalations.reviews.comparing import is_same
from escalations.sla import clocks
from escalations.transitions import Labels

# How long a person may take over one.
LEASE = timedelta(minutes=30)


class ReviewLost(transitions.TransitionError):
    """The person does not have the review any more. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__(_("You do not have this review any more. Take the next one."))


def take(*, operator: Operator, state: ReviewState) -> UUID | None:
    """The review that `operator` has, or else the next one in `state`, or None where none is left for them.

    An operator gets those of cases that they may see. Among those to review are gold items, so that
    nobody knows which is one.
    """
    with transaction.atomic():
        capacity.lock_desk(operator.pk)
        mine = Review.objects.filter(holder=operator)
        # Who has given labels of it since, by correcting them, can look at it as a second one no more.
        if held := mine.filter(~gold.has_labelled(operator), lease_expires_at__gt=Now()).first():
            return held.id
        mine.update(holder=None, lease_expires_at=None)
        rows = sql.run(
            "review_next",
            operator_id=operator.pk,
            sees_all=operator.is_supervisor,
            state=state,
            lease=LEASE,
        )
        if not rows:
            return None
        taken: UUID = rows[0]["id"]
        if state == ReviewState.WAITING and (met := gold.meet(operator, lease=LEASE, instead_of=taken)):
            taken = met
        audit.write(actor=audit.operator_actor(operator), action="review.take", target=f"review:{taken}")
    return taken


def left_for(operator: Operator, state: ReviewState) -> int:
    """How many in `state` there are that nobody has on their screen and that `operator` may do."""
    free = Q(holder=None) | Q(lease_expires_at__lte=Now())
    unknown = ~gold.has_labelled(operator)
    left = Review.objects.filter(free, unknown, gold=None, state=state, resolution__superseded_at=None)
    if not operator.is_supervisor:
        left = left.filter(resolution__case__in=Escalation.objects.visible_to(operator))
    return left.count()


def put_back(*, review_id: UUID, operator: Operator) -> bool:
    """Let somebody else have it. Says whether `operator` had it."""
    held = Review.objects.filter(id=review_id, holder=operator)
    return bool(held.update(holder=None, lease_expires_at=None))


def submit(*, review_id: UUID, operator: Operator, labels: Labels) -> Review:
    """Keep what `operator` said without having seen the labels in force, and hold it against those.

    It is theirs to give while nobody else took the review, even after the lease.

    Raises:
        ReviewLost: they do not have it, or they gave the labels that are in force by now.
        InvalidDecision: the labels do not fit the case.
    """
    with transaction.atomic():
        review = _held(review_id, operator, ReviewState.WAITING)
        said = transitions.judge_blind(
            resolution=review.resolution,
            operator=operator,
            labels=_within(labels, review.taken_at),
            opened_at=review.taken_at,
        )
        first = review.gold.revision if review.gold else in_force(review.resolution)
        if first.operator_id == operator.pk:
            raise ReviewLost
        Review.objects.filter(pk=review.pk).update(
            state=_outcome(review, same=is_same(first, said)),
            holder=None,
            lease_expires_at=None,
            reviewer=operator,
            blind=said,
            compared=first,
            submitted_at=Now(),
            **_drawn_as(review, first),
        )
        review.refresh_from_db()
        if review.state == ReviewState.AGREED and not review.gold_id:
            single = Resolution.objects.filter(pk=review.resolution_id, quality=Quality.SINGLE)
            single.update(quality=Quality.AGREED)
    return review


def settle(*, review_id: UUID, operator: Operator, seen: LabelRevision, labels: Labels) -> LabelRevision:
    """Put the labels in force that a third person settled on, in place of those that they have `seen`.

    Raises:
        ReviewLost: they do not have the review.
        InvalidDecision: the labels do not fit the case.
        RevisionOutdated: other labels are in force by now.
    """
    with transaction.atomic():
        review = _held(review_id, operator, ReviewState.DIFFERS)
        if seen.resolution_id != review.resolution_id:
            raise ReviewLost
        revision = transitions.revise(
            revision=seen,
            operator=operator,
            kind=RevisionKind.ADJUDICATED,
            labels=labels,
            opened_at=review.taken_at,
            quality=_settled_quality(review.resolution),
        )
        Review.objects.filter(pk=review.pk).update(
            state=ReviewState.SETTLED, holder=None, lease_expires_at=None, settled=revision
        )
    return revision


def labels_of(revision: LabelRevision, **changed: Any) -> Labels:
    """What the revision says, but for what is `changed`. The time that somebody took over it is theirs."""
    said = {field.name: getattr(revision, field.name) for field in fields(Labels)}
    return Labels(**said | {"active_seconds": 0} | changed)


def in_force(resolution: Resolution) -> LabelRevision:
    """The labels that count for the decision."""
    return LabelRevision.objects.in_force().get(resolution=resolution)


def _held(review_id: UUID, operator: Operator, state: ReviewState) -> Review:
    """The review, locked. What changes it goes on from here, so that it is given once."""
    found = Review.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "resolution", "gold__revision"
    )
    review = found.filter(id=review_id, holder=operator, state=state).first()
    if review is None:
        raise ReviewLost
    return review


def _within(labels: Labels, since: datetime | None) -> Labels:
    """The labels, with no more active time than has passed since the person took the review."""
    passed = (clocks.database_now() - since).total_seconds() if since else 0
    return replace(labels, active_seconds=min(labels.active_seconds, passed))


def _outcome(review: Review, *, same: bool) -> ReviewState:
    if same:
        return ReviewState.AGREED
    return ReviewState.MISSED if review.gold_id else ReviewState.DIFFERS


def _drawn_as(review: Review, first: LabelRevision) -> dict[str, Any]:
    """What it stands for, if that is another thing by now: an audit that somebody has found wrong since.

    Had it not been drawn before, it would have been drawn then, for sure.
    """
    is_found_wrong = first.agent_correct != AgentCorrect.YES and first.kind != RevisionKind.ADJUDICATED
    if review.stratum != Stratum.RIGHT or not is_found_wrong:
        return {}
    return {"stratum": Stratum.WRONG, "probability": 1.0}


def _settled_quality(resolution: Resolution) -> Quality:
    """What is known for sure stays so."""
    return Quality.GOLD if resolution.quality == Quality.GOLD else Quality.ADJUDICATED
