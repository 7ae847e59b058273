"""How often people say otherwise than a detector proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from escalations.labels.detectors import Detector
from escalations.metrics.statistics import ENOUGH, wilson
from escalations.models import LabelSuggestion, Resolution

# What people said of detectors longer ago says little of the rules of today.
WITHIN = timedelta(days=90)


@dataclass(frozen=True)
class Overridden:
    """Of `n` suggestions of a detector, those that people did not take."""

    detector: str
    n: int
    overridden: int

    @property
    def name(self) -> str:
        """What the detector looks for."""
        return str(Detector(self.detector).label) if self.detector in Detector else self.detector

    @property
    def is_enough(self) -> bool:
        return self.n >= ENOUGH

    @property
    def share(self) -> float:
        return self.overridden / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Of `share`, 95%."""
        return wilson(self.overridden, self.n)


def suggestions() -> QuerySet[LabelSuggestion]:
    """All suggestions of detectors, without those of decisions that were undone."""
    return LabelSuggestion.objects.filter(resolution__in=Resolution.objects.not_undone())


def by_detector() -> Sequence[Overridden]:
    """For each detector of the last days, how many of its suggestions were not taken."""
    recent = suggestions().filter(created_at__gte=Now() - WITHIN)
    counted = recent.values("detector").annotate(
        n=Count("pk"), overridden=Count("pk", filter=Q(accepted=False))
    )
    return [Overridden(**row) for row in counted.order_by("detector")]
