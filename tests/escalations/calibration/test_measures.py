"""How well a confidence tells right from wrong: against scikit-learn, and where that has nothing to say."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, precision_recall_curve, roc_auc_score

from escalations.calibration import measures

tied = st.sampled_from([0.0, 0.2, 0.5, 0.8, 0.95, 1.0])
runs = st.lists(st.tuples(st.floats(0, 1, width=32) | tied, st.booleans()), min_size=1, max_size=250)


def arrays(rows):
    confidence, wrong = zip(*rows, strict=True)
    return np.array(confidence), np.array(wrong)


def drawn(n, seed=1):
    """Confidences without ties, and errors that they foretell."""
    random = np.random.default_rng(seed)
    confidence = random.beta(4, 2, n)
    return confidence, random.random(n) > confidence**1.5


@settings(max_examples=40, deadline=None)
@given(runs)
def test_brier_auroc_and_risks_equal_those_of_scikit_learn(rows):
    confidence, wrong = arrays(rows)
    assert measures.brier(confidence, wrong) == pytest.approx(brier_score_loss(~wrong, confidence))
    if wrong.any() and not wrong.all():
        assert measures.auroc(confidence, wrong) == pytest.approx(roc_auc_score(~wrong, confidence))
    else:
        assert measures.auroc(confidence, wrong) is None
    curve = measures.risk_coverage(confidence, wrong)
    if not wrong.all():
        precision, _, thresholds = precision_recall_curve(~wrong, confidence)
        assert curve.thresholds == pytest.approx(thresholds[::-1])
        assert curve.risk == pytest.approx(1 - precision[-2::-1])
    own = [wrong[confidence >= each].mean() for each in confidence]
    assert curve.area == pytest.approx(np.mean(own))


@settings(max_examples=40, deadline=None)
@given(runs)
def test_bins_hold_every_run_once_and_never_part_equal_ones(rows):
    confidence, wrong = arrays(rows)
    found = measures.bins(confidence, wrong)
    assert sum(one.n for one in found) == len(rows)
    assert len(found) <= measures.BINS_MAX
    assert len(found) == 1 or min(one.n for one in found) >= measures.BIN_MIN
    assert all(one.highest < after.lowest for one, after in pairwise(found))


@pytest.mark.parametrize("n", [40, 117, 200, 999])
def test_bins_and_their_error_equal_those_of_scikit_learn(n):
    confidence, wrong = drawn(n)
    wanted = min(10, n // 20)
    accuracy, mean = calibration_curve(~wrong, confidence, n_bins=wanted, strategy="quantile")
    found = measures.bins(confidence, wrong)
    assert [one.accuracy for one in found] == pytest.approx(accuracy)
    assert [one.confidence for one in found] == pytest.approx(mean)
    sizes = np.array([one.n for one in found])
    assert measures.ece(confidence, wrong) == pytest.approx((sizes / n) @ np.abs(accuracy - mean))


def test_intervals_hold_the_figure_shrink_with_more_runs_and_stay_the_same():
    for interval in (measures.brier_interval, measures.ece_interval, measures.auroc_interval):
        few, many = interval(*drawn(60)), interval(*drawn(3000))
        assert few.low < few.value < few.high
        assert many.low <= many.value <= many.high
        assert many.high - many.low < (few.high - few.low) / 3
        assert interval(*drawn(60)) == few


def test_no_error_of_calibration_lies_outside_of_its_interval():
    confidence = np.repeat([0.25, 0.75], 32)
    wrong = np.concatenate([np.arange(32) >= 8, np.arange(32) >= 24])
    found = measures.ece_interval(confidence, wrong)
    assert found.low == found.value == 0 < found.high


def test_the_bootstrap_of_a_mean_is_as_wide_as_theory_says():
    confidence, wrong = drawn(2000)
    spread = np.std((confidence - ~wrong) ** 2) / np.sqrt(2000)
    found = measures.brier_interval(confidence, wrong)
    assert found.high - found.low == pytest.approx(2 * 1.96 * spread, rel=0.1)
