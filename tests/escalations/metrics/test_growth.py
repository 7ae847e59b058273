"""A long history costs nothing: every statement starts from an index, and reads the rows of its period."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations.metrics import BY, METRICS, breakdown, measure, series
from tests.plans import copy_case

from . import desk

pytestmark = pytest.mark.django_db

HISTORY = 6_000
BIG = {"escalations_escalation", "escalations_resolution", "escalations_claim"}
_TIMES = ["received_at", "first_claimed_at", "closed_at"]
_DECISIONS = """
    INSERT INTO escalations_resolution (
        id, case_id, cycle, operator_id, decided_by, decision, actions, message, resume, disposition,
        agent_correct, failure_primary, note, training_allowed, created_at, handle_seconds)
    SELECT gen_random_uuid(), escalation.id, 1, decided.operator_id, 'human', 'approve', '[]', '', '{}',
           'approve', 'yes', 'none', '', true, escalation.closed_at, 60
    FROM escalations_escalation escalation, escalations_resolution decided
    WHERE decided.case_id = %s AND escalation.id <> %s
"""
_CLAIMS = """
    INSERT INTO escalations_claim (case_id, operator_id, token, how, started_at, ended_at, outcome)
    SELECT escalation.id, held.operator_id, 1, 'picked', escalation.first_claimed_at, escalation.closed_at,
           'resolved'
    FROM escalations_escalation escalation, escalations_claim held
    WHERE held.case_id = %s AND escalation.id <> %s
"""


def add_history(number: int) -> None:
    """Copies of a resolved case with claim and resolution, one every ten minutes until a month ago."""
    case = desk.case(resolved_after=60)
    earlier = "{} - interval '30 days' - number * interval '10 minutes'"
    copy_case(case.id, number, **{name: earlier.format(name) for name in _TIMES})
    with connection.cursor() as cursor:
        for statement in (_DECISIONS, _CLAIMS):
            cursor.execute(statement, [case.id, case.id])
        cursor.execute("ANALYZE escalations_resolution, escalations_claim")


def all_figures() -> None:
    measure(METRICS, desk.WEEK)
    series([name for name, metric in METRICS.items() if metric.flows or not metric.is_now], desk.WEEK)
    for by in BY:
        breakdown(METRICS, desk.WEEK, by)


def plans(queries: list[dict[str, str]]) -> list[dict[str, Any]]:
    found = []
    with connection.cursor() as cursor:
        for query in queries:
            if "escalations_escalation" not in query["sql"]:
                continue
            cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + query["sql"])
            answer = cursor.fetchone()[0]
            found.append((json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"])
    return found


def scans(plan: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [scan for part in plan.get("Plans", []) for scan in scans(part)]
    return [plan, *inner] if plan.get("Relation Name") in BIG else inner


def test_no_statement_reads_the_history():
    add_history(HISTORY)
    for _ in range(12):
        desk.case(picked_up_after=60, resolved_after=90)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        all_figures()

    read = [scan for plan in plans(captured.captured_queries) for scan in scans(plan)]
    assert len(read) >= 10
    assert {scan["Node Type"] for scan in read} & {"Seq Scan", "Parallel Seq Scan"} == set()
    assert max(scan["Actual Rows"] * scan["Actual Loops"] for scan in read) < 50
