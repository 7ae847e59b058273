"""How the demo desk labels: its guideline, and what became of second looks, gold items among them."""

import random

from django.db import connection

from escalations.labels import guidelines
from escalations.models import (
    AgentCorrect,
    DecidedBy,
    FailureMode,
    Guideline,
    LabelRevision,
    Operator,
    Resolution,
    Review,
    ReviewState,
    Stratum,
)
from escalations.reviews import drawing, gold, line
from escalations.reviews.rates import Rates, set_rates
from escalations.transitions import Labels

_SEED = 20_260_303
_GUIDELINE = """\
# How we label

Say what happened, not who should have known better. When you hesitate for more than ten seconds, choose \
*Unsure*: such cases teach nobody, and a wrong label teaches everybody.

## Was the agent right?

- **Yes**: you would have done the same, to the cent and to the day.
- **Partly**: the right thing with a wrong detail, such as another amount or a missing word of apology.
- **No**: the customer would have come back, or somebody would have had to undo it.

## What went wrong

Label the *first* thing that went wrong, not the one you saw first. If a tool sent nonsense and the agent \
believed it, that is **integration**; if it then booked on that date, it is still integration.

## First error and root cause

The first error is the step that you would have stopped. The root cause is the step that made it wrong, \
often one earlier.
"""
# Of the second looks: how many agree, and how many are left for whoever opens the page.
_AGREES = 0.88
_LEFT_WAITING, _LEFT_TO_SETTLE = 6, 3
_GOLD = 3


def write_guideline() -> None:
    """The guideline of a desk that has none."""
    if not Guideline.objects.exists():
        guidelines.save(text=_GUIDELINE, note="To begin with", operator=None, based_on=0)


def look_again() -> int:
    """Let the reviewers look at a share of what was decided, mark gold items, settle. Says how many looks."""
    dice = random.Random(_SEED)
    ruth, sam = (Operator.objects.get(username=name) for name in ("ruth", "sam"))
    set_rates(Rates(right=0.25, ordinary=0.15, gold=0.15), sam)
    while drawing.draw(limit=1_000):
        pass
    _mark_gold(sam)
    looks = max(0, Review.objects.filter(state=ReviewState.WAITING).count() - _LEFT_WAITING)
    for _ in range(looks):
        _look(dice, dice.choices((ruth, sam), (3, 1))[0])
    _settle(ruth, sam)
    _move_into_the_past()
    return looks


def _mark_gold(admin: Operator) -> None:
    # Of those that nobody looks at a second time: who did would know the item and never get it.
    wrong = Resolution.objects.current().filter(decided_by=DecidedBy.HUMAN, agent_correct=AgentCorrect.NO)
    for resolution in wrong.filter(reviews=None).order_by("created_at")[:_GOLD]:
        known = line.in_force(resolution)
        gold.mark(in_force=known, operator=admin, labels=line.labels_of(known, note="Known for sure."))


def _look(dice: random.Random, reviewer: Operator) -> None:
    review_id = line.take(operator=reviewer, state=ReviewState.WAITING)
    if review_id is None:
        return
    resolution = Review.objects.get(pk=review_id).resolution
    first = line.in_force(resolution)
    labels = line.labels_of(first, active_seconds=dice.uniform(20, 90))
    if dice.random() > _AGREES:
        labels = line.labels_of(first, active_seconds=labels.active_seconds, **_otherwise(labels))
    line.submit(review_id=review_id, operator=reviewer, labels=labels)


def _otherwise(labels: Labels) -> dict[str, str]:
    """What another person might have said instead."""
    if labels.agent_correct == AgentCorrect.YES:
        return {"agent_correct": AgentCorrect.PARTIAL, "failure_primary": FailureMode.EDGE_CASE}
    if labels.failure_primary in (FailureMode.EDGE_CASE, FailureMode.NONE):
        return {"agent_correct": AgentCorrect.PARTIAL}
    return {"failure_primary": FailureMode.EDGE_CASE}


def _settle(ruth: Operator, sam: Operator) -> None:
    """Each settles what the other reviewed; the last ones stay open."""
    open_ones = Review.objects.filter(state=ReviewState.DIFFERS).count()
    for person in (sam, ruth):
        while open_ones > _LEFT_TO_SETTLE:
            review_id = line.take(operator=person, state=ReviewState.DIFFERS)
            if review_id is None:
                break
            review = Review.objects.get(pk=review_id)
            both = LabelRevision.objects.filter(pk__in=[review.compared_id, review.blind_id])
            first, second = both.order_by("number")
            # What was found right in an audit was right: then the second look was too strict.
            is_first = review.stratum == Stratum.RIGHT or open_ones % 3 == 0
            line.settle(
                review_id=review_id,
                operator=person,
                seen=line.in_force(review.resolution),
                labels=line.labels_of(first if is_first else second),
            )
            open_ones -= 1


def _move_into_the_past() -> None:
    """Looks come a day after the decision, or just now where that is not over."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE escalations_review review
            SET submitted_at = least(statement_timestamp(), first.submitted_at + interval '26 hours')
            FROM escalations_labelrevision first
            WHERE first.id = review.compared_id AND review.submitted_at IS NOT NULL
            """
        )
        cursor.execute(
            """
            UPDATE escalations_labelrevision blind SET submitted_at = review.submitted_at
            FROM escalations_review review
            WHERE review.blind_id = blind.id
            """
        )
