"""How well a confidence tells right from wrong: Brier score, calibration error, AUROC, risk and coverage.

Everywhere `confidence` lies in [0, 1], one of each of n runs, and `wrong` says of the same runs in the same
order whether people found the agent wrong. Equal confidences are never told apart, so no figure depends on
that order.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from escalations.calibration.values import Bin, Estimate

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Bools = NDArray[np.bool_]

BIN_MIN, BINS_MAX = 20, 10
RESAMPLES = 500
_SEED = 20_250
# So many counts of a bootstrap, runs times draws, are in memory together.
_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Curve:
    """What would be done alone from each threshold on: three arrays, the highest threshold first.

    Of the `counts` runs from a threshold on, `errors` were wrong. The last threshold has all runs.
    """

    thresholds: Floats
    counts: Counts
    errors: Counts

    @property
    def coverage(self) -> Floats:
        """The share of all runs that would be done alone."""
        coverage: Floats = self.counts / self.counts[-1]
        return coverage

    @property
    def risk(self) -> Floats:
        """R(τ) = k/n over the runs whose confidence is τ or more."""
        risk: Floats = self.errors / self.counts
        return risk

    @property
    def area(self) -> float:
        """The mean of the risks that each run has if its own confidence is the threshold.

        Source: Y. Geifman, G. Uziel, R. El-Yaniv, "Bias-reduced uncertainty estimation", ICLR 2019.
        """
        steps = np.diff(self.counts, prepend=0)
        return float((steps * self.risk).sum() / self.counts[-1])


def brier(confidence: Floats, wrong: Bools) -> float:
    """The mean squared distance of the confidence from 1 where the agent was right, else from 0; 0 is best.

    Source: G. W. Brier, "Verification of forecasts expressed in terms of probability", 1950.
    """
    return float(np.mean((confidence - ~wrong) ** 2))


def auroc(confidence: Floats, wrong: Bools) -> float | None:
    """How often a right run has more confidence than a wrong one, ties as half; None without both kinds.

    Source: J. A. Hanley, B. J. McNeil, "The meaning and use of the area under a receiver operating
    characteristic (ROC) curve", 1982.
    """
    return _auroc_of(np.ones((1, len(confidence)), dtype=np.int64), confidence, wrong)[0]


def bins(confidence: Floats, wrong: Bools) -> list[Bin]:
    """Bins of about equal size, at most 10 and with at least 20 runs each, the lowest confidence first.

    The edges are quantiles. Ties can leave a bin too small: it joins its neighbour. Few runs make one bin.
    """
    place = _places(confidence)
    return [
        Bin(
            float(confidence[inside].mean()),
            float(confidence[inside].min()),
            float(confidence[inside].max()),
            int((~wrong[inside]).sum()),
            int(inside.sum()),
        )
        for inside in (place == each for each in range(place.max(initial=-1) + 1))
    ]


def ece(confidence: Floats, wrong: Bools) -> float:
    """The expected calibration error over `bins`: the mean gap of accuracy and confidence, by their sizes.

    Source: M. P. Naeini, G. F. Cooper, M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
    binning", AAAI 2015.
    """
    return sum(one.n * abs(one.accuracy - one.confidence) for one in bins(confidence, wrong)) / len(wrong)


def risk_coverage(confidence: Floats, wrong: Bools) -> Curve:
    """The errors among the runs from each confidence on that occurs.

    Source: R. El-Yaniv, Y. Wiener, "On the foundations of noise-free selective classification", 2010.
    """
    order = np.argsort(-confidence, kind="stable")
    sorted_, errors = confidence[order], np.cumsum(wrong[order])
    last = np.append(np.flatnonzero(np.diff(sorted_)), len(sorted_) - 1)
    return Curve(sorted_[last], last + 1, errors[last].astype(np.int64))


def brier_interval(confidence: Floats, wrong: Bools) -> Estimate:
    """The Brier score with its bootstrap interval."""
    losses = (confidence - ~wrong) ** 2
    return _estimate(brier(confidence, wrong), len(wrong), lambda counts: counts @ losses / len(wrong))


def ece_interval(confidence: Floats, wrong: Bools) -> Estimate:
    """The calibration error with its bootstrap interval; the bins stay those of all runs."""
    place, gaps = _places(confidence), ~wrong - confidence
    # A row for each run, a column for each bin: the gap of the run stands in its bin.
    members = np.eye(place.max() + 1)[place] * gaps[:, None]
    return _estimate(
        ece(confidence, wrong),
        len(wrong),
        lambda counts: np.abs(counts @ members).sum(axis=1) / len(wrong),
    )


def auroc_interval(confidence: Floats, wrong: Bools) -> Estimate | None:
    """The AUROC with its bootstrap interval, None if all runs were right or all wrong."""
    found = auroc(confidence, wrong)
    if found is None:
        return None
    return _estimate(found, len(wrong), lambda counts: _known(_auroc_of(counts, confidence, wrong)))


def _places(confidence: Floats) -> Counts:
    """In which bin each run is, from 0 on and without gaps."""
    wanted = max(1, min(BINS_MAX, len(confidence) // BIN_MIN))
    edges = np.quantile(confidence, np.linspace(0, 1, wanted + 1)[1:-1])
    place = np.searchsorted(edges, confidence).astype(np.int64)
    sizes = np.bincount(place)
    joined, current, size = [], 0, 0
    for own in sizes:
        if size >= BIN_MIN:
            current, size = current + 1, 0
        joined.append(current)
        size += own
    if size < BIN_MIN and current:
        joined = [min(each, current - 1) for each in joined]
    return np.array(joined, dtype=np.int64)[place]


def _auroc_of(counts: Counts, confidence: Floats, wrong: Bools) -> list[float | None]:
    """The AUROC for each row of `counts` (draws × n), which says how often each run is counted."""
    order = np.argsort(confidence, kind="stable")
    starts = np.append(0, np.flatnonzero(np.diff(confidence[order])) + 1)
    right = np.add.reduceat(counts[:, order] * ~wrong[order], starts, axis=1)
    bad = np.add.reduceat(counts[:, order] * wrong[order], starts, axis=1)
    below = np.cumsum(bad, axis=1) - bad / 2
    won, pairs = (right * below).sum(axis=1), right.sum(axis=1) * bad.sum(axis=1)
    return [float(one / of) if of else None for one, of in zip(won, pairs, strict=True)]


def _known(found: list[float | None]) -> Floats:
    """Without the draws that had no right run, or no wrong one."""
    return np.array([one for one in found if one is not None])


def _estimate(value: float, n: int, figure: Callable[[Counts], Floats]) -> Estimate:
    """With the percentile interval over `RESAMPLES` draws with replacement, the same ones each time.

    `figure` is given counts (draws × n), and returns the figure of each draw.
    Draws add noise to the gaps of a calibration error, so nearly all of them can lie above it: the interval
    is widened to hold the figure.

    Source: B. Efron, R. Tibshirani, "An introduction to the bootstrap", 1993.
    """
    draws = np.random.default_rng(_SEED)
    rows = max(1, min(RESAMPLES, _AT_ONCE // n))
    found = [figure(_counts(draws, n, min(rows, RESAMPLES - start))) for start in range(0, RESAMPLES, rows)]
    low, high = np.quantile(np.concatenate(found), [0.025, 0.975])
    return Estimate(value, min(value, float(low)), max(value, float(high)))


def _counts(draws: np.random.Generator, n: int, rows: int) -> Counts:
    """How often each of n runs is among n that are drawn with replacement: `rows` draws × n."""
    taken = (np.bincount(draws.integers(n, size=n), minlength=n) for _ in range(rows))
    return np.stack(list(taken)).astype(np.int64)
