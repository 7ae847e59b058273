"""From which confidence on at most a share alpha of the runs is wrong, and how sure that is.

The choice follows Learn-then-Test (A. N. Angelopoulos et al., "Learn then test", 2021) with a fixed sequence:
the candidates are fixed before any label is seen, are tested from the safest to the boldest, each at the
full delta, and testing stops at the first that fails. So the chosen one breaks its promise with a probability
of at most delta, however many candidates there are.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np
from scipy.stats import beta, binom

from escalations.calibration.measures import Bools, Floats
from escalations.calibration.values import Choice, Short, Tested

CANDIDATES = 100
# The first candidate is expected to have this many times the audits that tolerate so many errors.
MARGIN, TOLERATED = 1.1, 3
# More audits than this are asked of nobody: the errors are too near alpha.
AUDITS_MAX = 100_000
_DIGITS = 4


def upper_bound(errors: int, n: int, delta: float) -> float:
    """U(τ): what the share of errors is below with a confidence of 1 - delta.

    Source: C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits", 1934, one-sided.
    """
    return 1.0 if errors >= n else float(beta.ppf(1 - delta, errors + 1, n - errors))


def p_value(errors: int, n: int, alpha: float) -> float:
    """p(τ): the probability of at most so many errors in n runs of which a share of alpha is wrong.

    The exact binomial test of "more than alpha is wrong", which holds for every n, not only for large ones.
    """
    return float(binom.cdf(errors, n, alpha))


def audits_needed(errors: int, alpha: float, delta: float) -> int:
    """The fewest runs among which so many errors are still few enough to pass at delta."""
    low, high = errors, max(2 * errors, 1)
    while p_value(errors, high, alpha) > delta:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if p_value(errors, middle, alpha) <= delta else (middle, high)
    return high


def candidates(traffic: Floats) -> Floats:
    """The thresholds that come into question, the highest first: quantiles of the unlabelled traffic.

    They are cut to four digits, which people can write down.
    """
    quantiles = np.quantile(traffic, np.linspace(0, 1, CANDIDATES + 1), method="lower")
    return np.unique(np.floor(quantiles * 10**_DIGITS) / 10**_DIGITS)[::-1]


def choose(confidence: Floats, wrong: Bools, traffic: Floats, *, alpha: float, delta: float) -> Choice:
    """The lowest threshold that the fixed sequence reaches.

    `confidence` and `wrong` are those of a uniform sample of the runs whose confidences are `traffic`.
    """
    least = ceil(MARGIN * audits_needed(TOLERATED, alpha, delta))
    if not len(traffic) or len(confidence) < least:
        return Choice([], Short.AUDITS, least - len(confidence))
    tests: list[Tested] = []
    for test in _sequence(confidence, wrong, traffic, least, alpha, delta):
        tests.append(test)
        if not test.passed:
            break
    return Choice(tests) if tests[0].passed else _short(tests, len(confidence), alpha, delta)


def _sequence(
    confidence: Floats, wrong: Bools, traffic: Floats, least: int, alpha: float, delta: float
) -> Iterator[Tested]:
    """All candidates that expect enough audits, the highest first. The labels have no say in which."""
    found = candidates(traffic)
    shares = np.searchsorted(np.sort(traffic), found) / len(traffic)
    expected = (1 - shares) * len(confidence) >= least
    found, shares = found[expected], shares[expected]
    counts = len(confidence) - np.searchsorted(np.sort(confidence), found)
    errors = wrong.sum() - np.searchsorted(np.sort(confidence[wrong]), found)
    ps = binom.cdf(errors, counts, alpha)
    for threshold, share, n, k, p in zip(found, shares, counts, errors, ps, strict=True):
        bound = upper_bound(int(k), int(n), delta)
        yield Tested(float(threshold), float(share), int(n), int(k), bound, float(p), bool(p <= delta))


def _short(tests: Sequence[Tested], n: int, alpha: float, delta: float) -> Choice:
    """How many more audits would do if errors stay as frequent as they are at the first candidate."""
    first = tests[0]
    rate = first.errors / max(first.n, 1)
    if p_value(ceil(rate * AUDITS_MAX), AUDITS_MAX, alpha) > delta:
        return Choice(tests, Short.ERRORS)
    wanted = bisect_left(
        range(AUDITS_MAX), True, lo=first.n, key=lambda n: p_value(ceil(rate * n), n, alpha) <= delta
    )
    return Choice(tests, Short.AUDITS, max(1, ceil(wanted / (1 - first.share)) - n))
