from datetime import UTC, datetime

import pytest

from agents_api.webhooks.schedule import PAUSES, pause_after, seconds_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("attempts", range(1, len(PAUSES)))
def test_pauses_follow_the_schedule_within_a_fifth(attempts):
    planned = PAUSES[attempts]
    pauses = [pause_after(attempts, status=500) for _ in range(200)]
    assert all(planned * 0.8 <= pause <= planned * 1.2 for pause in pauses)
    assert max(pauses) > planned > min(pauses)


def test_the_schedule_takes_twelve_attempts_over_three_and_a_half_days():
    assert len(PAUSES) == 12
    assert 3 <= sum(PAUSES) / 86_400 <= 4
    assert pause_after(12, status=500) is None


@pytest.mark.parametrize("reason", [{"status": 429}, {"status": 502}, {"status": 504}, {"timed_out": True}])
def test_who_is_overloaded_gets_a_minute_at_least(reason):
    assert pause_after(1, **reason) == 60
    assert pause_after(6, **reason) > 1000


def test_retry_after_counts_once_to_twice():
    pauses = [pause_after(1, status=429, retry_after=100) for _ in range(200)]
    assert all(100 <= pause <= 200 for pause in pauses)
    assert max(pauses) - min(pauses) > 50


@pytest.mark.parametrize(("asked", "most"), [(0, 2), (1e9, 2 * 86_400)])
def test_retry_after_is_kept_within_reason(asked, most):
    assert 1 <= pause_after(1, status=503, retry_after=asked) <= most


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("Sun, 01 Mar 2026 12:00:30", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header, seconds):
    assert seconds_of(header, NOW) == seconds
