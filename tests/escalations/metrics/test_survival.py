from datetime import timedelta

import pytest
from scipy import stats

from escalations.metrics import kaplan_meier, rolled, rolling, series, waiting, waiting_by, waiting_over_time

from . import desk

# Weeks of remission under 6-MP: Freireich and others, "The effect of 6-mercaptopurine on the duration of
# steroid-induced remissions in acute leukemia", 1963, as every book on survival analysis has them.
ENDED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
STILL = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


def test_the_curve_is_that_of_the_books():
    curve = kaplan_meier([(t, 1, 0) for t in ENDED] + [(t, 0, 1) for t in STILL])

    assert (curve.n, curve.events, curve.median) == (21, 9, 23)
    last = {step.seconds: round(step.share, 3) for step in curve.steps}
    assert last == {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert curve.interval == (13, None)


def test_it_is_what_scipy_finds():
    curve = kaplan_meier([(t, ENDED.count(t), STILL.count(t)) for t in {*ENDED, *STILL}])
    known = stats.ecdf(stats.CensoredData(uncensored=ENDED, right=STILL)).sf
    found = known.confidence_interval(method="log-log")

    for step in curve.steps:
        assert step.share == pytest.approx(known.evaluate(step.seconds))
        assert step.low == pytest.approx(found.low.evaluate(step.seconds))
        assert step.high == pytest.approx(found.high.evaluate(step.seconds))


def test_nobody_waited_or_nobody_was_reached():
    assert kaplan_meier([]).median is None
    assert kaplan_meier([(5, 0, 3), (9, 1, 3)]).median is None


@pytest.mark.django_db
@pytest.mark.parametrize("few", [3_000, 0])
def test_cases_that_still_wait_and_that_left_count_with_their_time(few, monkeypatch):
    monkeypatch.setattr(rolled, "FEW", few)
    for wait in (10, 20, 30, 40):
        desk.case(picked_up_after=wait)
    desk.withdrawn(after=15)
    for hour in range(3):  # long past by now
        desk.case(desk.NOON - timedelta(hours=hour))
    rolling.roll_up()

    curve = waiting(desk.WEEK)
    by_day = waiting_over_time(desk.WEEK)

    assert (curve.n, curve.events) == (8, 4)
    # Of 8 waits, 4 ended by a claim: half of those that did not leave.
    assert curve.median == pytest.approx(40, rel=0.03)
    assert waiting_by(desk.WEEK, "queue") == {"support": curve}
    assert list(by_day.values()) == [curve]
    assert by_day.keys() == series(["wait"], desk.WEEK)["wait"].keys()
