"""When to try again."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from random import SystemRandom

# Seconds before the first, second, … attempt: the schedule of Standard Webhooks, three and a half days.
PAUSES = (0, 5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
_SPREAD = 0.2
_OVERLOADED = {429, 502, 504}
_OVERLOADED_PAUSE = 60.0
_LONGEST = 86_400.0
_random = SystemRandom()


def pause_after(
    attempts: int, *, status: int | None = None, timed_out: bool = False, retry_after: float | None = None
) -> float | None:
    """Seconds to wait after failed attempt number `attempts`; None when it was the last.

    What the receiver asked for by Retry-After (seconds) counts, once to twice; else the schedule ±20%,
    and a minute at least for a receiver that is overloaded or too slow.
    """
    if attempts >= len(PAUSES):
        return None
    if retry_after is not None:
        return min(max(retry_after, 1.0), _LONGEST) * _random.uniform(1, 2)
    pause = PAUSES[attempts] * _random.uniform(1 - _SPREAD, 1 + _SPREAD)
    return max(pause, _OVERLOADED_PAUSE) if timed_out or status in _OVERLOADED else pause


def seconds_of(retry_after: str, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for: a number or an HTTP date; None if it is neither."""
    if retry_after.isdecimal():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - now).total_seconds())
    except (TypeError, ValueError):
        return None
