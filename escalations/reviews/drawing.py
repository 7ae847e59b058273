"""Which decisions somebody looks at a second time.

Each audit that was not marked right, and a share of the others, drawn as audits are: by a number that is the
same whenever it is asked (`draws`). Labels that a person corrects or imports are drawn from anew, so that an
audit found wrong later gets its second look, too.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from escalations import sql
from escalations.models import AgentCorrect, Kind, Resolution, Review, ReviewRates, ReviewState, Stratum
from escalations.reviews import draws
from escalations.reviews.rates import row_of_rates

_SALT = "escalations.reviews.second_look"
# By then a decision cannot be undone, and no transaction is open that began before.
_SETTLES = timedelta(minutes=2)
_START = (datetime(2000, 1, 1, tzinfo=UTC), UUID(int=0))


def draw(*, limit: int) -> int:
    """Draw from the next `limit` labels; says how many there were."""
    rates = row_of_rates()
    since, since_id = (rates.drawn_until, rates.drawn_id) if rates.drawn_until else _START
    lag = timedelta(seconds=settings.UNDO_SECONDS) + _SETTLES
    rows = sql.run("review_candidates", since=since, since_id=since_id, lag=lag, limit=limit)
    if rows:
        Review.objects.bulk_create(_drawn(rows, rates), ignore_conflicts=True)
        ReviewRates.objects.update_or_create(
            id=1, defaults={"drawn_until": rows[-1]["submitted_at"], "drawn_id": rows[-1]["id"]}
        )
    return len(rows)


def drop() -> int:
    """Give up the reviews of decisions whose case was taken up again, or erased while it was drawn."""
    of_it = Resolution.objects.filter(pk=OuterRef("resolution"))
    gone = of_it.filter(Q(superseded_at__isnull=False) | Q(case__erased_at__isnull=False))
    left = Review.objects.filter(
        Exists(gone), gold=None, holder=None, state__in=[ReviewState.WAITING, ReviewState.DIFFERS]
    )
    return left.update(state=ReviewState.DROPPED)


def stratum_of(kind: str, agent_correct: str) -> Stratum:
    """Out of which decisions this one is drawn."""
    if kind != Kind.REVIEW:
        return Stratum.ORDINARY
    return Stratum.RIGHT if agent_correct == AgentCorrect.YES else Stratum.WRONG


def _drawn(rows: Sequence[Mapping[str, Any]], rates: ReviewRates) -> Iterable[Review]:
    shares = {Stratum.WRONG: 1.0, Stratum.RIGHT: rates.right, Stratum.ORDINARY: rates.ordinary}
    for row in rows:
        stratum = stratum_of(row["kind"], row["agent_correct"])
        share = shares[stratum]
        if row["is_open"] and draws.uniform(_SALT, str(row["resolution_id"])) < share:
            yield Review(resolution_id=row["resolution_id"], stratum=stratum, probability=share)
