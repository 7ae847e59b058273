"""What of the audit stream is left to do."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from escalations.models import Escalation, Kind, Review, ReviewState, Run


@dataclass(frozen=True)
class Left:
    """How many there are, and since when the oldest waits; None where there is none."""

    count: int
    since: datetime | None


@dataclass(frozen=True)
class Backlog:
    """Runs drawn whose full state has not come, audits nobody decided, reviews to give, and to settle."""

    owed: Left
    audits: Left
    reviews: Left
    settling: Left

    @property
    def count(self) -> int:
        """All that waits for people of the desk. Runs wait for their agents."""
        return self.audits.count + self.reviews.count + self.settling.count

    @property
    def since(self) -> datetime | None:
        """Since when the oldest of these waits."""
        waits = [left.since for left in (self.audits, self.reviews, self.settling) if left.since]
        return min(waits, default=None)


def backlog() -> Backlog:
    """What is left at this moment. Gold items do not count: they are no work of the desk's."""
    reviews = Review.objects.filter(gold=None, resolution__superseded_at=None)
    by_state = {
        row["state"]: Left(row["count"], row["since"])
        for row in reviews.filter(state__in=[ReviewState.WAITING, ReviewState.DIFFERS])
        .values("state")
        .annotate(count=Count("pk"), since=Min("created_at"))
    }
    nothing = Left(0, None)
    owed = Run.objects.filter(drawn=True, case=None).aggregate(count=Count("pk"), since=Min("received_at"))
    open_audits = Escalation.objects.open().filter(kind=Kind.REVIEW)
    audits = open_audits.aggregate(count=Count("pk"), since=Min("received_at"))
    return Backlog(
        owed=Left(**owed),
        audits=Left(**audits),
        reviews=by_state.get(ReviewState.WAITING, nothing),
        settling=by_state.get(ReviewState.DIFFERS, nothing),
    )
