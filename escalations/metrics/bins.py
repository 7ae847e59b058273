"""Percentiles out of how many values lie in each bin; see `RollupBin`.

Bin i holds the values from 2^(i/16) until before 2^((i + 1)/16): each is 4.4% wider than the one below it.
"""

from collections.abc import Sequence
from math import floor, log2

PER_OCTAVE = 16
# The bin of all that is not above 0, which has no logarithm.
NOTHING = -32_768


def number(value: float) -> int:
    """Which bin a value lies in; `rolling.BIN` says the same in SQL."""
    return floor(PER_OCTAVE * log2(value)) if value > 0 else NOTHING


def edges(number: int) -> tuple[float, float]:
    """From where to where a bin goes."""
    if number == NOTHING:
        return 0.0, 0.0
    return 2.0 ** (number / PER_OCTAVE), 2.0 ** ((number + 1) / PER_OCTAVE)


def percentiles(bins: Sequence[tuple[int, int]], fractions: Sequence[float]) -> list[float]:
    """The values under which these fractions of all lie, as if those of a bin were spread evenly over it.

    `bins` are (number, count). No further from the exact ones, as `percentile_cont` has them, than 4.5%.
    """
    ordered = sorted((number, count) for number, count in bins if count)
    total = sum(count for _, count in ordered)
    return [_between(ordered, fraction * (total - 1)) for fraction in fractions] if total else []


def _between(ordered: Sequence[tuple[int, int]], rank: float) -> float:
    """The value at a rank, counted from 0; between two, as far between their values."""
    below, rest = int(rank), rank - int(rank)
    value = _at(ordered, below)
    return value + rest * (_at(ordered, below + 1) - value) if rest else value


def _at(ordered: Sequence[tuple[int, int]], rank: int) -> float:
    before = 0
    for number, count in ordered:
        if rank < before + count:
            low, high = edges(number)
            return low + (high - low) * (rank - before + 0.5) / count
        before += count
    return edges(ordered[-1][0])[1]
