"""Agreement as it was measured: the pairs of labels, and what each field of them comes to.

What was drawn seldom weighs more, so that the figures stand for all audits and not for those that were drawn.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from uuid import UUID

from escalations.models import LabelRevision, Operator, Review, ReviewState
from escalations.reviews.agreement import (
    Estimate,
    cohen_kappa,
    estimate,
    krippendorff_alpha,
    masi,
    same_step,
    share,
)
from escalations.reviews.comparing import FIELDS, Field, Scale

# The newest so many are read.
MOST = 5_000


@dataclass(frozen=True)
class Pair:
    """Two looks at one decision: `first` is what was in force, `second` was given without knowing it.

    It `waits` while a third person is to settle what they differ in.
    """

    review_id: UUID
    case_id: UUID
    headline: str
    first: LabelRevision
    second: LabelRevision
    weight: float
    waits: bool = False

    @property
    def people(self) -> tuple[Operator, Operator]:
        return self.first.operator, self.second.operator

    def differs(self, field: Field) -> bool:
        return field.read(self.first) != field.read(self.second)


@dataclass(frozen=True)
class Measured:
    """What the pairs come to in one field.

    `kappa` is None of sets, `near` (steps that are at most one apart) of all but steps.
    """

    field: Field
    same: Estimate
    kappa: Estimate | None
    alpha: Estimate
    near: Estimate | None

    @property
    def n(self) -> int:
        return self.same.n


def pairs(since: datetime, until: datetime) -> Sequence[Pair]:
    """The second looks that were given from `since` until `until`, the newest first. Gold is none of them."""
    given = Review.objects.filter(gold=None, submitted_at__gte=since, submitted_at__lt=until)
    rows = given.select_related("resolution__case", "compared__operator", "blind__operator")
    return [_pair(review) for review in rows.order_by("-submitted_at")[:MOST]]


def measure(found: Iterable[Pair], field: Field) -> Measured:
    """How far the pairs agree in the field, of those that count for it (`counting`)."""
    used = counting(found, field)
    units = [(_value(field, pair.first), _value(field, pair.second)) for pair in used]
    weights = [pair.weight for pair in used]
    is_set, is_step = field.scale is Scale.SET, field.scale is Scale.STEP
    alpha = krippendorff_alpha(masi) if is_set else krippendorff_alpha()
    return Measured(
        field=field,
        same=share([one == other for one, other in units], weights),
        kappa=None if is_set else estimate(cohen_kappa, units, weights),
        alpha=estimate(alpha, units, weights),
        near=share([_is_near(field, pair) for pair in used], weights) if is_step else None,
    )


def measure_all(found: Sequence[Pair]) -> list[Measured]:
    """Each field."""
    return [measure(found, field) for field in FIELDS]


def counting(found: Iterable[Pair], field: Field) -> list[Pair]:
    """The pairs in which both said something of the field; of steps, those in which one named any."""
    if field.scale is Scale.STEP:
        return [pair for pair in found if {field.read(pair.first), field.read(pair.second)} != {None}]
    return [pair for pair in found if None not in (field.read(pair.first), field.read(pair.second))]


def by_person(found: Iterable[Pair]) -> Mapping[Operator, list[Pair]]:
    """The pairs in which each person gave one of the labels, by their name."""
    grouped: dict[Operator, list[Pair]] = {}
    for pair in found:
        for person in pair.people:
            grouped.setdefault(person, []).append(pair)
    return dict(sorted(grouped.items(), key=lambda item: str(item[0]).casefold()))


def by_week(found: Iterable[Pair], zone: tzinfo) -> Mapping[date, list[Pair]]:
    """The pairs by the Monday of the week in which the second look was given, the latest week first."""
    grouped: dict[date, list[Pair]] = {}
    for pair in found:
        day = pair.second.submitted_at.astimezone(zone).date()
        grouped.setdefault(day - timedelta(days=day.weekday()), []).append(pair)
    return dict(sorted(grouped.items(), reverse=True))


def _pair(review: Review) -> Pair:
    if review.compared is None or review.blind is None:
        raise ValueError("A review that was given has both labels.")
    case = review.resolution.case
    return Pair(
        review_id=review.id,
        case_id=case.id,
        headline=case.headline,
        first=review.compared,
        second=review.blind,
        weight=1 / review.probability,
        waits=review.state == ReviewState.DIFFERS,
    )


def _value(field: Field, revision: LabelRevision) -> Hashable:
    """A label that is never missing: no step is an answer, too."""
    value = field.read(revision)
    return "no step" if value is None else value


def _is_near(field: Field, pair: Pair) -> bool:
    one, other = getattr(pair.first, field.name), getattr(pair.second, field.name)
    return same_step(one, other, apart=1)
