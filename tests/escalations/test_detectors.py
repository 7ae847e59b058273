import pytest

from escalations.detectors import suggested_failure
from escalations.models import Checkpoint, Escalation, FailureMode, Policy


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


@pytest.mark.parametrize(
    ("fault", "mode"),
    [("schema_mismatch", FailureMode.ERROR_CASCADE), ("time_out", FailureMode.INTEGRATION)],
)
def test_the_checkpoint_that_opened_the_case_points_to_what_its_fault_is_of(fault, mode):
    case = Escalation(reason="checkpoint_failed", turns=30)
    case.checkpoint = Checkpoint(step="look up", fault=fault)
    assert suggested_failure(case, {}, []) == mode


@pytest.mark.parametrize("long", [{"turns": 20}, {"context_tokens": 40_000}])
def test_a_long_conversation_points_to_dilution(long):
    assert suggestion(**long) == FailureMode.CONTEXT_DILUTION


def test_an_overrun_budget_points_to_cost():
    assert suggestion(cost_usd=3.01) == FailureMode.COST
