"""When an alert begins and ends: one function of what was measured, for the sweep and for the past alike."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Reading:
    """What was measured at a moment, of `n` facts. Without a value there was not enough to say anything."""

    at: datetime
    value: float | None
    n: int = 0
    detail: str = ""


@dataclass(frozen=True)
class Limits:
    """Beyond `threshold` is above it, or under it if `is_below`."""

    threshold: float
    is_below: bool
    cooldown: timedelta

    def is_beyond(self, value: float | None) -> bool:
        """Whether that calls for attention. What could not be measured does not."""
        return value is not None and (value < self.threshold if self.is_below else value > self.threshold)

    def is_worse(self, one: float, other: float) -> bool:
        """Whether the first is further beyond."""
        return one < other if self.is_below else one > other


@dataclass(frozen=True)
class Episode:
    """An alert from its beginning on, with what was furthest beyond the limit, and when."""

    began: Reading
    worst: float
    worst_at: datetime
    ended_at: datetime | None = None


def follow(last: Episode | None, reading: Reading, limits: Limits) -> Episode | None:
    """The newest episode after another reading: the same one, it ended or worse, or a new one.

    After an end none begins until the cool-down is over, so that what swings around the limit tells once.
    """
    beyond = reading.value if limits.is_beyond(reading.value) else None
    if last is None or last.ended_at is not None:
        rests = (
            last is not None and last.ended_at is not None and reading.at < last.ended_at + limits.cooldown
        )
        return last if beyond is None or rests else Episode(reading, beyond, reading.at)
    if beyond is None:
        return replace(last, ended_at=reading.at)
    return replace(last, worst=beyond, worst_at=reading.at) if limits.is_worse(beyond, last.worst) else last


def episodes(readings: Iterable[Reading], limits: Limits) -> list[Episode]:
    """All episodes of these readings, which come in the order of time."""
    found: list[Episode] = []
    for reading in readings:
        last = found[-1] if found else None
        now = follow(last, reading, limits)
        if now is not None and now is not last:
            if last is not None and last.ended_at is None:
                found[-1] = now
            else:
                found.append(now)
    return found
