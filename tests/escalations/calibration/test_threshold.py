"""The promise of a threshold: known answers, the order of the tests, and that it is kept."""

from math import comb

import numpy as np
import pytest

from escalations.calibration.threshold import audits_needed, candidates, choose, p_value, upper_bound
from escalations.calibration.values import Short


@pytest.mark.parametrize(("errors", "bound"), [(10, 0.0196), (11, 0.0211)])
def test_the_upper_bound_has_its_known_answers(errors, bound):
    assert upper_bound(errors, 860, 0.05) == pytest.approx(bound, abs=5e-5)


def test_where_all_were_wrong_nothing_bounds_the_errors():
    assert upper_bound(5, 5, 0.05) == upper_bound(0, 0, 0.05) == 1


@pytest.mark.parametrize(
    ("alpha", "needed"),
    [(0.02, [149, 236, 313, 386, 523, 845]), (0.05, [59, 93, 124, 153, 208, 336])],
)
def test_the_audits_needed_have_their_known_answers(alpha, needed):
    assert [audits_needed(errors, alpha, 0.05) for errors in (0, 1, 2, 3, 5, 10)] == needed


@pytest.mark.parametrize(("errors", "n", "alpha"), [(0, 10, 0.1), (3, 200, 0.02), (40, 41, 0.9)])
def test_p_is_the_sum_of_the_binomial(errors, n, alpha):
    summed = sum(comb(n, i) * alpha**i * (1 - alpha) ** (n - i) for i in range(errors + 1))
    assert p_value(errors, n, alpha) == pytest.approx(summed)


@pytest.mark.parametrize(("errors", "n"), [(0, 148), (0, 149), (3, 385), (3, 386), (11, 860)])
def test_the_test_and_the_upper_bound_say_the_same(errors, n):
    assert (p_value(errors, n, 0.02) <= 0.05) == (upper_bound(errors, n, 0.05) <= 0.02)


def test_testing_stops_at_the_first_that_fails():
    confidence = np.linspace(0, 1, 1000, endpoint=False)
    wrong = (confidence >= 0.5) & (confidence < 0.6)
    found = choose(confidence, wrong, confidence, alpha=0.05, delta=0.05)
    assert [test.passed for test in found.tests] == [True] * (len(found.tests) - 1) + [False]
    assert found.tests[-1].threshold < found.chosen.threshold == found.tests[-2].threshold
    assert 0.55 < found.chosen.threshold < 0.6
    # Below the errors all is right again, but a later candidate that would pass is never reached.
    assert p_value(100, 1000, 0.05) > 0.05
    assert found.chosen.share == pytest.approx(found.chosen.threshold)


def test_candidates_are_of_the_traffic_and_the_first_has_the_audits_for_three_errors():
    random = np.random.default_rng(3)
    traffic = random.random(5000)
    confidence = traffic[:600]
    wrong = np.zeros(600, dtype=bool)
    first = choose(confidence, wrong, traffic, alpha=0.02, delta=0.05).tests[0]
    assert np.floor(traffic * 10**4).tolist().count(round(first.threshold * 10**4))
    assert first.bound == upper_bound(0, first.n, 0.05)
    assert 1.1 * 386 <= (1 - first.share) * 600 < 1.1 * 386 + 2 * 6
    assert list(candidates(traffic)) == sorted(candidates(traffic), reverse=True)


def test_too_few_audits_are_said_as_a_number_and_too_many_errors_as_that():
    confidence, right = np.linspace(0.5, 1, 400), np.zeros(400, dtype=bool)
    short = choose(confidence, right, confidence, alpha=0.02, delta=0.05)
    assert (short.chosen, short.short, short.more) == (None, Short.AUDITS, 425 - 400)
    assert choose(confidence, right, confidence[:0], alpha=0.1, delta=0.05).short == Short.AUDITS
    hopeless = choose(confidence, ~right, confidence, alpha=0.1, delta=0.05)
    assert (hopeless.chosen, hopeless.short, hopeless.more) == (None, Short.ERRORS, None)


def test_as_many_more_audits_as_are_asked_for_would_do():
    confidence, wrong = np.linspace(0, 1, 425), np.zeros(425, dtype=bool)
    wrong[[30, 110, 200, 280, 400]] = True
    short = choose(confidence, wrong, confidence, alpha=0.02, delta=0.05)
    assert (short.chosen, short.short) == (None, Short.AUDITS)
    n, errors = short.tests[0].n, short.tests[0].errors
    more = short.more / 425
    assert p_value(errors + round(errors * more), n + round(n * more), 0.02) < 0.06


def test_the_promise_is_kept_where_taking_the_lowest_good_threshold_breaks_it():
    """800 agents: the errors above the chosen threshold are known for all traffic, not only the audits."""
    random = np.random.default_rng(2025)
    alpha, delta, trials = 0.02, 0.05, 800
    broken = naive_broken = chosen = 0
    for _ in range(trials):
        traffic = random.beta(5, 1.2, 4000)
        confidence = random.choice(traffic, 1500, replace=False)
        wrong = random.random(1500) < risk_at(confidence)
        found = choose(confidence, wrong, traffic, alpha=alpha, delta=delta).chosen
        chosen += found is not None
        broken += found is not None and true_risk(found.threshold) > alpha
        naive = lowest_good(confidence, wrong, alpha)
        naive_broken += naive is not None and true_risk(naive) > alpha
    assert broken / trials <= delta
    assert naive_broken / trials > 0.45
    assert chosen / trials > 0.5


def risk_at(confidence):
    return 0.3 * (1 - confidence) ** 1.5


GRID = np.random.default_rng(1).beta(5, 1.2, 400_000)
GRID.sort()
ABOVE = np.cumsum(risk_at(GRID)[::-1])[::-1] / np.arange(len(GRID), 0, -1)


def true_risk(threshold):
    return ABOVE[min(np.searchsorted(GRID, threshold), len(GRID) - 1)]


def lowest_good(confidence, wrong, alpha):
    """What one would do without statistics: the lowest threshold above which few enough were wrong."""
    order = np.argsort(-confidence)
    good = np.flatnonzero(np.cumsum(wrong[order]) / np.arange(1, len(order) + 1) <= alpha)
    return confidence[order][good[-1]] if len(good) else None
