"""The filters and tags that every template may use."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template

from escalations.models import Escalation, Operator
from operators.templatetags import desk

NOW = datetime(2025, 11, 22, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.84, "0.8 s"),
        (9.96, "10 s"),
        (48.4, "48 s"),
        (59.6, "1 min"),
        (200, "3 min"),
        (3599, "1 h"),
        (4800, "1 h 20 min"),
        (Decimal("7200"), "2 h"),
        (timedelta(days=2, hours=3), "2 d 3 h"),
        (None, ""),
    ],
)
def test_durations_are_short(seconds, text):
    assert desk.duration(seconds) == text


@pytest.mark.parametrize(
    ("left", "text"),
    [(72, "1:12"), (3599, "59:59"), (3840, "1 h 04"), (3 * 86_400, "3 d"), (0, "0:00"), (-72, "−1:12")],
)
def test_the_clock_counts_down_and_past_zero(left, text):
    assert desk.clock(NOW + timedelta(seconds=left), NOW) == text


@pytest.mark.parametrize(("left", "tone"), [(121, ""), (119, "warn"), (0, "bad"), (-5, "bad")])
def test_a_due_time_turns_amber_at_risk_and_red_when_over(left, tone):
    due_at = NOW + timedelta(seconds=left)
    at_risk_at = due_at - timedelta(seconds=120)
    html = desk.due(Escalation(due_at=due_at, next_due_at=due_at, at_risk_at=at_risk_at), NOW)
    assert f'data-due="{at_risk_at.isoformat()}" class="{tone}"' in html
    assert f'datetime="{due_at.isoformat()}"' in html


def test_the_due_time_of_a_case_that_waits_stands_still():
    case = Escalation(
        at_risk_at=NOW - timedelta(seconds=60),
        paused_at=NOW,
        due_at=NOW + timedelta(seconds=60),
        next_due_at=NOW + timedelta(seconds=60),
    )
    html = desk.due(case, NOW + timedelta(hours=3))
    assert ">paused 1:00<" in html
    assert 'class="warn"' in html
    assert "data-due" not in html


def test_a_due_time_says_which_clock_it_is_of_unless_it_is_that_of_the_decision():
    soon, later = NOW + timedelta(seconds=60), NOW + timedelta(hours=1)
    case = Escalation(pickup_due_at=soon, next_due_at=soon, due_at=later)
    assert desk.due(case, NOW).startswith("pickup <time")
    assert ">1 h 00<" in desk.decision_due(case, NOW)
    owed = Escalation(response_due_at=soon, next_due_at=soon, due_at=later)
    assert desk.due(owed, NOW).startswith("answer <time")
    assert desk.due(Escalation(next_due_at=later, due_at=later), NOW).startswith("<time")


@pytest.mark.parametrize(("left", "tone"), [(5, ""), (0, "bad")])
def test_an_answer_that_is_owed_has_a_clock_of_its_own(left, tone):
    case = Escalation(response_due_at=NOW + timedelta(seconds=left))
    html = desk.answer_due(case, NOW)
    assert f'class="{tone}">0:0{left}<' in html
    assert desk.answer_due(Escalation(), NOW) == ""


def test_what_just_happened_and_what_is_long_ago():
    assert ">just now<" in desk.ago(NOW - timedelta(seconds=59), NOW)
    assert ">1 h 20 min ago<" in desk.ago(NOW - timedelta(minutes=80), NOW)


def test_times_are_shown_in_the_zone_of_the_operator():
    operator = Operator(username="kim", timezone="Asia/Tokyo")
    assert desk.local(NOW, operator) == "22 Nov 2025, 20:00"
    assert desk.local(NOW) == "22 Nov 2025, 11:00"
    assert desk.local(None) == ""


@pytest.mark.parametrize(
    ("dollars", "text"),
    [("1204.5", "$1,204.50"), (0, "$0.00"), (Decimal("0.0042"), "$0.0042"), (-3, "−$3.00"), (None, "")],
)
def test_money_keeps_what_counts(dollars, text):
    assert desk.money(dollars) == text


def test_shares_are_percent():
    assert desk.percent(0.9321) == "93.2%"
    assert desk.percent(0.5, 0) == "50%"
    assert desk.percent(None) == ""


def test_initials_stand_for_a_person():
    assert desk.initials(Operator(first_name="Noor", last_name="van Haddad")) == "NH"
    assert desk.initials(Operator(username="kim")) == "K"


def test_an_icon_is_decoration_from_the_sprite():
    html = Template('{% icon "inbox" %}').render(Context())
    assert 'aria-hidden="true"' in html
    assert "lucide/icons" in html
    assert "#inbox" in html
