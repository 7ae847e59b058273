"""Audits that were decided, and second looks at them, made as the desk makes them."""

from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from escalations.models import LabelRevision, Operator, Resolution, Review, ReviewState
from escalations.reviews import drawing, line
from escalations.transitions import Labels
from tests.factories import claim, decide, make_case, make_operator

STEPS = [{"name": "search"}, {"name": "quote"}, {"name": "refund"}]
RIGHT = {"agent_correct": "yes", "failure_primary": "none", "first_error_index": None}
WRONG = {"agent_correct": "no", "failure_primary": "integration", "first_error_index": 1}
LONG_AGO = timedelta(hours=1)


def make_audit(
    operator: Operator | None = None, *, case: dict[str, Any] | None = None, **labels: Any
) -> Resolution:
    """A run that `operator` audited an hour ago: right, unless the labels say otherwise."""
    opened = make_case(**({"kind": "review", "steps": STEPS} | (case or {})))
    resolution = decide(claim(opened, operator or make_operator()), **(RIGHT | labels))
    LabelRevision.objects.filter(resolution=resolution).update(submitted_at=Now() - LONG_AGO)
    return resolution


def drawn(resolution: Resolution) -> Review:
    """The review of it, which is drawn now."""
    drawing.draw(limit=100)
    return Review.objects.get(resolution=resolution, gold=None)


def labels(**said: Any) -> Labels:
    return Labels(**({"disposition": "replace"} | WRONG | said))


def review_next(person: Operator, **said: Any) -> Review:
    """What `person` says of the review that they get next."""
    taken = line.take(operator=person, state=ReviewState.WAITING)
    assert taken
    return line.submit(review_id=taken, operator=person, labels=labels(**said))
