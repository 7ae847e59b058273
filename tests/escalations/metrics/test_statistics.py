import statistics

import pytest

from escalations.metrics import METRICS, measure, wilson

from . import desk


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # R: prop.test(hits, n, correct = FALSE)
        (5, 10, 0.2366, 0.7634),
        (0, 20, 0.0, 0.1611),
        (20, 20, 0.8389, 1.0),
        (375, 402, 0.9040, 0.9535),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_intervals_are_those_of_the_books(hits, n, low, high):
    assert wilson(hits, n) == pytest.approx((low, high), abs=1e-3)


@pytest.mark.django_db
def test_percentiles_are_interpolated_by_the_database():
    seconds = [10, 20, 30, 40, 300]
    for each in seconds:
        desk.case(picked_up_after=each)

    figure = measure(["pickup"], desk.WEEK)["pickup"]

    assert (figure.n, figure.p50, figure.highest) == (5, 30.0, 300.0)
    assert figure.p90 == pytest.approx(statistics.quantiles(seconds, n=10, method="inclusive")[8])
    assert figure.mean == pytest.approx(80.0)


def test_every_metric_says_what_it_means():
    assert all(metric.meaning.endswith(".") and metric.title for metric in METRICS.values())
