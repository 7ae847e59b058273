"""Which cases a figure is about: a period, and what they were narrowed to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.functions import TruncDay, TruncHour

_HOURLY_UP_TO = timedelta(hours=36)


@dataclass(frozen=True)
class Scope:
    """From `since` until before `until`. Agent, version and queue are names; empty means all.

    Days are those of `zone`.
    """

    since: datetime
    until: datetime
    zone: ZoneInfo
    agent: str = ""
    version: str = ""
    queue: str = ""

    @property
    def is_hourly(self) -> bool:
        """Whether the period is short enough to be shown by the hour; else it is by the day."""
        return self.until - self.since <= _HOURLY_UP_TO

    def condition(self) -> Q:
        """What the cases were narrowed to; the period is up to the metric's clock."""
        names = {
            "agent__name": self.agent,
            "agent_version__name": self.version,
            "queue__name": self.queue,
        }
        return Q(**{field: name for field, name in names.items() if name})

    def bucket(self, clock: str) -> TruncDay | TruncHour:
        """The start of the hour or day that `clock` falls into, as `buckets` has it."""
        return TruncHour(clock, tzinfo=UTC) if self.is_hourly else TruncDay(clock, tzinfo=self.zone)

    def buckets(self) -> Iterator[datetime]:
        """The start of each hour (in UTC, where none comes twice) or day (in `zone`) of the period.

        The first may lie before `since`.
        """
        if self.is_hourly:
            start = self.since.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        else:
            start = datetime.combine(self.since.astimezone(self.zone).date(), time.min, self.zone)
        while start < self.until:
            yield start
            start = self.after(start)

    def after(self, start: datetime) -> datetime:
        """The start of the next bucket. A day has as many hours as the zone gives it."""
        if self.is_hourly:
            return start + timedelta(hours=1)
        return datetime.combine(start.date() + timedelta(days=1), time.min, self.zone)
