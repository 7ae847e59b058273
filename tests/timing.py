"""Whether something is quick, on a machine that is busy with other tests."""

import time
from collections.abc import Awaitable, Callable

# What is slow by itself is slow each time; a machine that is busy makes a few times long, not all.
_TRIES = 4


def is_within(seconds: float, measure: Callable[[], float]) -> bool:
    """Whether one of a few tries takes less than `seconds`; `measure` does one and gives its time."""
    return any(measure() < seconds for _ in range(_TRIES))


async def comes_within(seconds: float, measure: Callable[[], Awaitable[float]]) -> bool:
    """The same of what an event loop does."""
    for _ in range(_TRIES):
        if await measure() < seconds:
            return True
    return False


def seconds_of(act: Callable[[], object]) -> float:
    """How long `act` takes."""
    started = time.monotonic()
    act()
    return time.monotonic() - started
