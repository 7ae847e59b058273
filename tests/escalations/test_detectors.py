import pytest

from escalations.detectors import suggested_failure, tool_fault
from escalations.models import Escalation, FailureMode, Policy


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "an empty answer"),
        (" \n", "an empty answer"),
        ("null", "an empty answer"),
        ("<!DOCTYPE html><html><title>502 Bad Gateway</title>", "HTML instead of JSON (502)"),
        ("<html><head></head><body><h1>Error 503</h1></body></html>", "HTML instead of JSON (503)"),
        ("  <html><body>Please sign in</body></html>", "HTML instead of JSON"),
        ('{"error": "rate limited", "status": 429}', "HTTP error 429"),
        ('{"status_code": 504}', "a time-out"),
        ('{"error": {"message": "upstream timed out"}}', "a time-out"),
        ("502 Bad Gateway", "HTTP error 502"),
        ("Error 500: internal", "HTTP error 500"),
        ("requests.exceptions.HTTPError: HTTP 401", "HTTP error 401"),
        ("ReadTimeout: request timed out after 30 s", "a time-out"),
    ],
)
def test_a_fault_of_a_tool_is_named(content, fault):
    assert tool_fault(content) == fault


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "{}",
        "299.0",
        "Transfer successful",
        "Error: payment amount does not add up, total price is 502, but paid 400",
        '{"status": "delivered", "order_id": 502}',
        '{"status": 200, "note": "the flight timed out of the hub"}',
        '{"error": "not enough seats"}',
        "<note>XML is data</note>",
        "{" + '"timeout": "' * 1000,
        "The manual says: on time out, wait. " * 20,
    ],
)
def test_a_sound_answer_is_no_fault(content):
    assert tool_fault(content) is None


def suggestion(payload=(), faults=(), **fields):
    case = Escalation(**{"policy": Policy(rules={"cost_usd": 3})} | fields)
    return suggested_failure(case, dict(payload), faults)


def test_nothing_is_suggested_without_a_reason():
    assert suggestion(turns=19, context_tokens=39_999, cost_usd=3, faults=[None]) is None


def test_a_broken_tool_points_to_the_integration_even_when_a_checkpoint_failed():
    failed = {"steps": [{"name": "look up", "status": "failed"}]}
    assert suggestion(failed, ["HTTP error 500"]) == FailureMode.INTEGRATION


def test_an_empty_answer_alone_is_no_broken_integration():
    assert suggestion(faults=["an empty answer"]) is None


def test_a_failed_checkpoint_points_to_a_cascade():
    failed = {"steps": [{"name": "look up", "checkpoint": {"passed": False}}]}
    assert suggestion(failed, turns=30) == FailureMode.ERROR_CASCADE


@pytest.mark.parametrize("long", [{"turns": 20}, {"context_tokens": 40_000}])
def test_a_long_conversation_points_to_dilution(long):
    assert suggestion(**long) == FailureMode.CONTEXT_DILUTION


def test_an_overrun_budget_points_to_cost():
    assert suggestion(cost_usd=3.01) == FailureMode.COST
