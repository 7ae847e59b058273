"""Agreement against published examples and an independent library."""

import random

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from escalations.reviews import agreement
from escalations.reviews.agreement import cohen_kappa, estimate, krippendorff_alpha, masi, same_step, share

# K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011: four observers, twelve units.
PUBLISHED = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]


def of(*units, weights=None):
    return estimate(agreement.cohen_kappa, units, weights, rounds=200)


def test_alpha_is_that_of_the_published_example():
    units = list(
        zip(*([None if cell == "." else cell for cell in row.split()] for row in PUBLISHED), strict=True)
    )
    assert estimate(krippendorff_alpha(), units).value == pytest.approx(0.743, abs=5e-4)


def test_alpha_of_two_raters_is_that_of_the_published_example():
    # The same paper, example A: two observers, binary data.
    one, other = "0100000000", "1110010010"
    units = list(zip(one, other, strict=True))
    assert estimate(krippendorff_alpha(), units).value == pytest.approx(0.095, abs=5e-4)


def test_kappa_is_that_of_scikit_learn():
    numbers = random.Random(7)
    one = [numbers.choice("abc") for _ in range(300)]
    other = [label if numbers.random() < 0.6 else numbers.choice("abc") for label in one]
    weights = [numbers.choice([1.0, 10.0]) for _ in one]
    pairs = list(zip(one, other, strict=True))
    assert estimate(cohen_kappa, pairs).value == pytest.approx(cohen_kappa_score(one, other))
    weighted = cohen_kappa_score(one, other, sample_weight=weights)
    assert estimate(cohen_kappa, pairs, weights).value == pytest.approx(weighted)


def test_the_interval_holds_what_is_true_about_as_often_as_it_says():
    # A coin decides whether the second of two raters copies the first: kappa is then that probability.
    numbers = np.random.default_rng(11)
    held = 0
    for _ in range(200):
        one, copies, fresh = (
            numbers.integers(2, size=80),
            numbers.random(80) < 0.6,
            numbers.integers(2, size=80),
        )
        found = of(*zip(one.tolist(), np.where(copies, one, fresh).tolist(), strict=True))
        held += found.low <= 0.6 <= found.high
    assert 180 <= held <= 198


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ({"cost"}, {"cost"}, 0),
        ({"cost"}, {"other"}, 1),
        # Passonneau's factors: 2/3 for one within the other, 1/3 for an overlap.
        ({"a", "b"}, {"a", "b", "c", "d"}, 1 - 2 / 4 * 2 / 3),
        ({"a", "b"}, {"b", "c"}, 1 - 1 / 3 * 1 / 3),
    ],
)
def test_sets_of_labels_are_as_far_apart_as_masi_says(one, other, distance):
    assert masi(frozenset(one), frozenset(other)) == pytest.approx(distance)
    assert masi(frozenset(other), frozenset(one)) == pytest.approx(distance)


def test_labels_that_overlap_agree_more_than_those_that_do_not():
    both, left, right = frozenset("ab"), frozenset("a"), frozenset("c")
    near = [(both, left), (right, right), (left, left), (both, both)]
    far = [(both, right), (right, right), (left, left), (both, both)]
    assert estimate(krippendorff_alpha(masi), near).value > estimate(krippendorff_alpha(masi), far).value


def test_one_label_alone_tells_nothing():
    assert of(("a", "a"), ("a", "a")).value is None
    assert estimate(krippendorff_alpha(), [("a", "a"), ("a", None)]).value is None
    assert estimate(krippendorff_alpha(), []).value is None


def test_steps_are_the_same_or_next_to_each_other():
    assert same_step(3, 3)
    assert same_step(None, None)
    assert same_step(3, 4, apart=1)
    assert not same_step(3, 4)
    assert not same_step(3, 5, apart=1)
    assert not same_step(None, 0, apart=1)


def test_what_was_drawn_seldom_weighs_more_and_tells_less():
    plain, weighted = share([True, False]), share([True, False], [1.0, 9.0])
    assert (plain.value, weighted.value) == (0.5, 0.1)
    assert share([True] * 10).high == pytest.approx(1)
    assert share([True] * 10).low == pytest.approx(0.722, abs=5e-4)
    evenly = share([True] * 5 + [False] * 5, [9.0] * 10)
    unevenly = share([True, False] * 5, [1.0, 1.0] + [9.0] * 8)
    assert unevenly.high - unevenly.low > evenly.high - evenly.low
