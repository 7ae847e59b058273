"""How far people agree who labelled the same thing apart from each other. Pure functions.

A *unit* is one thing with the labels that it got, one for each person, `None` where somebody gave none; of
two people it is a *pair*. A unit may weigh more than another, where it stands for more of what was not
looked at: by 1 / the probability that it was drawn with.

Sources: J. Cohen, "A coefficient of agreement for nominal scales", 1960. K. Krippendorff, "Computing
Krippendorff's alpha-reliability", 2011. R. Passonneau, "Measuring agreement on set-valued items (MASI) for
semantic and pragmatic annotation", 2006.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from escalations.metrics.statistics import wilson

Unit = Sequence[Hashable | None]
Floats = NDArray[np.float64]
# For units that are all different, and how often each came (one row for each sample): the statistic of each
# sample, NaN where it is not defined.
Statistic = Callable[[Sequence[Unit], Floats], Floats]

# So many samples are drawn, and fewer of many units: their intervals are narrow, and cost the more.
ROUNDS, _DRAWN_IN_ALL = 1_000, 2_000_000
# Any number would do; a fixed one shows the same interval each time.
_SEED = 20_260_101


@dataclass(frozen=True)
class Estimate:
    """A statistic of `n` units with its 95% interval; None where it is not defined.

    It is not where all labels are one and the same: then nothing could have been told apart.
    """

    n: int
    value: float | None = None
    low: float | None = None
    high: float | None = None


def nominal(one: Hashable, other: Hashable) -> float:
    """Labels are the same or not."""
    return float(one != other)


def masi(one: Hashable, other: Hashable) -> float:
    """The distance of two sets of labels: 1 - J M, where J is what they share of all that is in either.

    M is 1 for equal sets, 2/3 where one holds the other, 1/3 where they overlap, 0 where they share nothing.
    """
    if not isinstance(one, frozenset) or not isinstance(other, frozenset):
        raise TypeError("MASI compares sets.")
    if one == other:
        return 0.0
    shared = one & other
    if not shared:
        return 1.0
    monotonic = 2 / 3 if shared in (one, other) else 1 / 3
    return 1 - len(shared) / len(one | other) * monotonic


def cohen_kappa(units: Sequence[Unit], counts: Floats) -> Floats:
    """κ = (p_o - p_e) / (1 - p_e) of pairs, whose first labels are of one rater, the second of another."""
    values = list(dict.fromkeys(label for unit in units for label in unit))
    first, second = (_tally([[unit[rater]] for unit in units], values) for rater in (0, 1))
    total = counts.sum(axis=1)
    observed = counts @ (first * second).sum(axis=1) / total
    expected = ((counts @ first) * (counts @ second)).sum(axis=1) / total**2
    return _ratio(observed - expected, 1 - expected)


def krippendorff_alpha(distance: Callable[[Hashable, Hashable], float] = nominal) -> Statistic:
    """α = 1 - D_o / D_e, for any number of raters, of whom any may have left units out."""

    def alpha(units: Sequence[Unit], counts: Floats) -> Floats:
        given = [[label for label in unit if label is not None] for unit in units]
        # What one person alone labelled can be held against nothing.
        given = [labels if len(labels) > 1 else [] for labels in given]
        values = list(dict.fromkeys(label for labels in given for label in labels))
        far = np.array([distance(one, other) for one in values for other in values])
        each = counts @ _tally(given, values)
        observed = counts @ np.array([_apart(labels, distance) for labels in given])
        expected = np.einsum("bi,ij,bj->b", each, far.reshape(len(values), len(values)), each)
        return 1 - _ratio(observed * (each.sum(axis=1) - 1), expected)

    return alpha


def estimate(
    statistic: Statistic, units: Sequence[Unit], weights: Sequence[float] | None = None, rounds: int = ROUNDS
) -> Estimate:
    """The statistic with its bootstrap interval: the middle 95% of what samples of the units come to.

    Units that are alike make one cell, of which each sample only says how often it has it.
    """
    if not units:
        return Estimate(0)
    weighed = list(zip(map(tuple, units), weights or [1.0] * len(units), strict=True))
    cells = {cell: at for at, cell in enumerate(dict.fromkeys(weighed))}
    of_units = np.array([cells[cell] for cell in weighed])
    times = np.bincount(of_units).astype(float)
    weighs = np.array([weight for _, weight in cells], dtype=float)
    # The weights mean 1, for α counts its labels.
    weighs *= len(units) / (times @ weighs)
    samples = _samples(of_units, len(cells), min(rounds, max(100, _DRAWN_IN_ALL // len(units))))
    counts = np.vstack([times, samples]) * weighs
    # Nothing but missing labels, or one label alone, is told by a NaN.
    found = statistic([unit for unit, _ in cells], counts)
    value, sampled = found[0], found[1:][~np.isnan(found[1:])]
    if np.isnan(value):
        return Estimate(len(units))
    low, high = np.quantile(sampled, [0.025, 0.975]) if len(sampled) else (value, value)
    return Estimate(len(units), float(value), float(low), float(high))


def share(same: Sequence[bool], weights: Sequence[float] | None = None) -> Estimate:
    """How many of them are so, with Wilson's interval. Weighted ones count as Kish's effective number."""
    if not same:
        return Estimate(0)
    weighs = weights or [1.0] * len(same)
    total = sum(weighs)
    value = sum(weight for is_same, weight in zip(same, weighs, strict=True) if is_same) / total
    effective = total**2 / sum(weight**2 for weight in weighs)
    low, high = wilson(value * effective, effective)
    return Estimate(len(same), value, low, high)


def same_step(one: int | None, other: int | None, *, apart: int = 0) -> bool:
    """Whether two people named the same step, or ones at most so far apart. None stands for no step."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= apart


def _samples(of_units: NDArray[np.intp], cells: int, rounds: int) -> Floats:
    """How often each cell is among as many units as there are, drawn with replacement, `rounds` times."""
    drawn = np.random.default_rng(_SEED).integers(len(of_units), size=(rounds, len(of_units)), dtype=np.int32)
    offsets = cells * np.arange(rounds)[:, None]
    counted = np.bincount((of_units[drawn] + offsets).ravel(), minlength=rounds * cells)
    return counted.reshape(rounds, cells).astype(float)


def _tally(given: Sequence[Sequence[Hashable]], values: Sequence[Hashable]) -> Floats:
    """How often each unit was given each of the values."""
    places = {value: at for at, value in enumerate(values)}
    table = np.zeros((len(given), len(values)))
    for at, labels in enumerate(given):
        for label in labels:
            table[at, places[label]] += 1
    return table


def _apart(labels: Sequence[Hashable], distance: Callable[[Hashable, Hashable], float]) -> float:
    """How far the m labels of one unit are apart: over all pairs of them, by 1/(m - 1)."""
    return sum(distance(one, other) for one in labels for other in labels) / max(1, len(labels) - 1)


def _ratio(above: Floats, below: Floats) -> Floats:
    """`above / below`, NaN where `below` is nothing, but for what rounding leaves."""
    is_something = below > 1e-12
    return np.where(is_something, above / np.where(is_something, below, 1), np.nan)
