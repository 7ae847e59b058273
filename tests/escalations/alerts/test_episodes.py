"""When an alert begins and ends."""

from datetime import UTC, datetime, timedelta

import pytest

from escalations.alerts.episodes import Limits, Reading, episodes

START = datetime(2026, 1, 1, tzinfo=UTC)
ABOVE = Limits(10, is_below=False, cooldown=timedelta(0))
BELOW = Limits(10, is_below=True, cooldown=timedelta(0))


def readings(*values):
    return [Reading(START + timedelta(minutes=minute), value) for minute, value in enumerate(values)]


def told(values, limits):
    """Begin, end and worst of each episode, in minutes since the start."""

    def minute(moment):
        return None if moment is None else (moment - START) / timedelta(minutes=1)

    found = episodes(readings(*values), limits)
    return [(minute(one.began.at), minute(one.ended_at), one.worst) for one in found]


@pytest.mark.parametrize(
    ("values", "limits", "expected"),
    [
        ([], ABOVE, []),
        ([10, 9, 10], ABOVE, []),
        ([9, 11, 15, 12, 10, 3], ABOVE, [(1, 4, 15)]),
        ([11, 12], ABOVE, [(0, None, 12)]),
        ([11, 9, 12, 9], ABOVE, [(0, 1, 11), (2, 3, 12)]),
        ([9, 4, 8, 10], BELOW, [(0, 3, 4)]),
        ([None, 11, None, 11], ABOVE, [(1, 2, 11), (3, None, 11)]),
    ],
)
def test_it_is_on_while_a_value_is_beyond_the_limit(values, limits, expected):
    assert told(values, limits) == expected


@pytest.mark.parametrize(
    ("values", "limits", "minute"), [([11, 15, 12, 15, 3], ABOVE, 1), ([9, 4, 8], BELOW, 1), ([11], ABOVE, 0)]
)
def test_it_notes_when_the_worst_was_measured_first(values, limits, minute):
    [found] = episodes(readings(*values), limits)
    assert found.worst_at == START + timedelta(minutes=minute)


def test_after_an_end_none_begins_until_the_cool_down_is_over():
    calm = Limits(10, is_below=False, cooldown=timedelta(minutes=3))
    assert told([11, 9, 11, 9, 11, 11, 9], calm) == [(0, 1, 11), (4, 6, 11)]
