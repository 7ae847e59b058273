"""Faults of tools by name, and no sound answer taken for one."""

import gzip
import json
from pathlib import Path

import pytest

from escalations.validation.tool_faults import EMPTY, classify

TAU_BENCH = Path(__file__).parents[4] / "shared/data/tau_bench_airline/trajectories.json.gz"


def tool_fault(content):
    fault = classify(content)
    return fault and fault.words


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "an empty answer"),
        (" \n", "an empty answer"),
        ("null", "an empty answer"),
        ("<!DOCTYPE html><html><title>502 Bad Gateway</title>", "HTML instead of JSON (502)"),
        ("<html><head></head><body><h1>Error 503</h1></body></html>", "HTML instead of JSON (503)"),
        ("  <html><body>Please sign in</body></html>", "HTML instead of JSON"),
        ('{"error": "rate limited", "status": 429}', "a rate limit (429)"),
        ('{"error": {"type": "rate_limit_exceeded"}}', "a rate limit"),
        ("Too Many Requests", "a rate limit"),
        ("Error: rate limit reached, try again in 20 s", "a rate limit"),
        ('{"status_code": 504}', "a time-out"),
        ('{"error": "timeout", "after_ms": 30000}', "a time-out"),
        ('{"error": {"message": "upstream timed out"}}', "a time-out"),
        ("ReadTimeout: request timed out after 30 s", "a time-out"),
        ("Request timed out.", "a time-out"),
        ('{"status": 401, "error": "token_expired"}', "an expired token (401)"),
        ('{"status": 400, "error": "invalid_grant"}', "an expired token (400)"),
        ("Error: the access token has expired", "an expired token"),
        ('{"error": "Unauthorized"}', "a refused sign-in"),
        ("requests.exceptions.HTTPError: HTTP 401", "a refused sign-in (401)"),
        ('{"code": 404, "message": "No such route"}', "HTTP error 404"),
        ("502 Bad Gateway", "HTTP error 502"),
        ("Error 500: internal", "HTTP error 500"),
        ('{"order": {"id": "W1", "items": [{"na', "JSON that breaks off"),
        ('{"order": "W1",', "JSON that breaks off"),
        ("{" + '"timeout": "' * 1000, "something that is not JSON"),
        ('{"order": "W1", total: 3}', "something that is not JSON"),
        ('{"error": "2 validation errors for Order"}', "something that does not fit its schema"),
        ("ValidationError: 'total' is a required property", "something that does not fit its schema"),
        ('{"offer": "S-771", "cached": true, "age_s": 5210}', "a stale answer, 87 min old"),
        ('{"price": 3, "stale": true}', "a stale answer"),
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
        '{"error": null, "items": []}',
        '{"code": 503, "name": "Terminal 503"}',
        '{"cached": true, "age_s": 40}',
        "{'order': 'W1', 'paid': True}",
        '{"line": 1}\n{"line": 2}',
        "[1] Our opening hours: 9 to 5 {see below",
        "<note>XML is data</note>",
        "The game timed out at half time, 3 to 2.",
        "Customers whose session has expired sign in again.",
        "The manual says: on time out, wait. " * 20,
        '{"text": "' + "rate limit, HTTP 502, timed out, token expired. " * 30 + '"}',
    ],
)
def test_a_sound_answer_is_no_fault(content):
    assert tool_fault(content) is None


@pytest.mark.skipif(not TAU_BENCH.exists(), reason=f"the recorded conversations are not at {TAU_BENCH}")
def test_no_answer_of_the_recorded_conversations_is_taken_for_a_fault():
    answers = {
        message["content"] or ""
        for run in json.loads(gzip.decompress(TAU_BENCH.read_bytes()))
        for message in run["traj"]
        if message["role"] == "tool"
    }
    assert len(answers) > 300
    assert {answer: fault for answer in answers if (fault := tool_fault(answer)) not in (None, EMPTY)} == {}
