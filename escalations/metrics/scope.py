"""Which cases a figure is about: a period, and what they were narrowed to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

_HOURLY_UP_TO = timedelta(hours=36)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Scope:
    """From `since` until before `until`. Agent, version and queue are names; empty means all.

    Days are those of `zone`. `bucket` is "hour" or "day"; without one the length of the period decides.
    """

    since: datetime
    until: datetime
    zone: ZoneInfo
    agent: str = ""
    version: str = ""
    queue: str = ""
    bucket: str = ""

    @property
    def is_hourly(self) -> bool:
        """Whether the period is short enough to be shown by the hour; else it is by the day."""
        if self.bucket:
            return self.bucket == "hour"
        return self.until - self.since <= _HOURLY_UP_TO

    @property
    def step(self) -> str:
        """Of what length its buckets are, as PostgreSQL calls it."""
        return "hour" if self.is_hourly else "day"

    @property
    def clock_zone(self) -> tzinfo:
        """The zone that the starts of its buckets are in."""
        return UTC if self.is_hourly else self.zone

    @property
    def before(self) -> "Scope":
        """The period of the same length before.

        From a day on it begins with a whole hour (UTC), by which figures are counted ahead.
        """
        length = self.until - self.since
        start = self.since - length
        hour = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        if length >= _DAY and hour < start:
            start = hour + _HOUR
        return replace(self, since=start, until=self.since)

    def past(self, now: datetime) -> "Scope":
        """Without what is to come; its buckets are as long."""
        return replace(self, until=min(self.until, now), bucket=self.step)

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
