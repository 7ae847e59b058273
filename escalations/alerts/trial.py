"""What a rule would have told last month: the same measures, beginnings and ends, at past times."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from escalations.alerts import kinds
from escalations.alerts.episodes import Episode, Reading, episodes
from escalations.models import AlertRule
from escalations.sla import clocks

MONTH = timedelta(days=30)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Trial:
    """What was measured in the month, and when the alert would have been on."""

    readings: list[Reading]
    episodes: list[Episode]
    since: datetime
    until: datetime

    @property
    def measured(self) -> int:
        """At how many moments there were facts enough."""
        return sum(reading.value is not None for reading in self.readings)


def last_month(rule: AlertRule) -> Trial:
    """Try a rule, which need not be saved, on the last 30 days."""
    now = clocks.database_now()
    moments = moments_until(now, kinds.of(rule).step)
    readings = kinds.of(rule).read(rule, moments)
    return Trial(readings, episodes(readings, kinds.limits(rule)), moments[0], now)


def moments_until(now: datetime, step: timedelta) -> list[datetime]:
    """The moments of the month, a step apart, at whole hours or parts of them: so it is counted ahead."""
    last, count = now - (now - _EPOCH) % step, MONTH // step
    return [last - step * back for back in range(count, -1, -1)]
