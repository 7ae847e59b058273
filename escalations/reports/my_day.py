"""What one person did since midnight, how long they were there, and whether reviewers agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncHour

from escalations.metrics import ENOUGH
from escalations.metrics.statistics import Percentiles
from escalations.models import (
    Availability,
    DecidedBy,
    Kind,
    Operator,
    Resolution,
    Review,
    ReviewState,
    Stay,
)
from escalations.reviews.comparing import Agreement

# How far back second looks are counted: there are few of them.
REVIEWED_WITHIN = timedelta(days=90)
# So many decisions are shown with what became of them.
LATEST = 10


@dataclass(frozen=True)
class Work:
    """Decisions of a day, and their handle time in seconds: `total`, and `median`, None under `ENOUGH`."""

    count: int
    total: float
    median: float | None
    by_hour: Sequence[tuple[datetime, int]]
    by_kind: Sequence[tuple[str, int]]

    @property
    def most(self) -> int:
        """The decisions of the busiest hour."""
        return max((count for _, count in self.by_hour), default=0)


def start_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """The last midnight in `zone`."""
    return datetime.combine(now.astimezone(zone).date(), time.min, zone)


def work(operator: Operator, since: datetime, zone: ZoneInfo) -> Work:
    """What `operator` decided since then. What was superseded later was work, too, unless it was undone."""
    made = Resolution.objects.filter(operator=operator, decided_by=DecidedBy.HUMAN, created_at__gte=since)
    mine = made.not_undone()
    whole = mine.aggregate(
        count=Count("pk"), total=Sum("handle_seconds"), median=Percentiles("handle_seconds", [0.5])
    )
    hours = mine.annotate(hour=TruncHour("created_at", tzinfo=zone)).values_list("hour").order_by("hour")
    kinds = mine.values_list("case__kind").annotate(count=Count("pk")).order_by("-count")
    is_enough = whole["count"] >= ENOUGH
    return Work(
        count=whole["count"],
        total=float(whole["total"] or 0),
        median=whole["median"][0] if is_enough else None,
        by_hour=list(hours.annotate(count=Count("pk"))),
        by_kind=[(str(Kind(kind).label), count) for kind, count in kinds],
    )


def latest(operator: Operator, since: datetime) -> Sequence[Resolution]:
    """The newest decisions of `operator` since then, each with its case."""
    mine = Resolution.objects.filter(operator=operator, decided_by=DecidedBy.HUMAN, created_at__gte=since)
    return list(mine.not_undone().select_related("case").order_by("-created_at", "-id")[:LATEST])


def time_in(operator: Operator, since: datetime, now: datetime) -> dict[Availability, timedelta]:
    """How long since then they had a page open, by the availability that they had meanwhile."""
    stays = Stay.objects.filter(operator=operator, ended_at__gt=since)
    spent = dict.fromkeys(Availability, timedelta())
    for availability, started_at, ended_at in stays.values_list("availability", "started_at", "ended_at"):
        spent[Availability(availability)] += max(timedelta(), min(ended_at, now) - max(started_at, since))
    return spent


def agreement(operator: Operator, now: datetime) -> Agreement:
    """Decisions of `operator` that somebody looked at again, not knowing their labels: were those the same?

    The same are labels that agree in all that decides (`reviews.comparing`).
    """
    seen = Review.objects.filter(
        compared__operator=operator, gold=None, submitted_at__gte=now - REVIEWED_WITHIN
    )
    found = seen.aggregate(n=Count("pk"), same=Count("pk", filter=Q(state=ReviewState.AGREED)))
    return Agreement(n=found["n"], same=found["same"])
