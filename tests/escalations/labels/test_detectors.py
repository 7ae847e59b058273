import pytest

from escalations.labels.detectors import suggestions
from escalations.models import Checkpoint, Escalation, FailureMode, Fault, Policy
from escalations.validation.tool_faults import ToolFault

HTML = ("get_payment", ToolFault(Fault.HTML, "HTML instead of JSON"))
FAILED = {"steps": [{"name": "greet"}, {"name": "look up", "checkpoint": {"passed": False}}]}


def suggested(payload=(), broken=(), **fields):
    """The value of each suggestion, by its field and detector."""
    case = Escalation(**{"policy": Policy(rules={"cost_usd": 3})} | fields)
    found = suggestions(case, dict(payload), broken)
    return {(one.field, str(one.detector)): one.value for one in found}


def primary(*of, **fields):
    found = suggested(*of, **fields)
    return next((value for (field, _), value in found.items() if field == "failure_primary"), None)


def test_nothing_is_suggested_without_a_reason():
    payload = {"messages": [{"role": "user", "content": "?"}] * 19}
    assert suggested(payload, turns=19, context_tokens=39_999, cost_usd=3) == {}


def test_all_that_is_found_is_suggested_with_the_tool_first():
    assert suggested(FAILED, [HTML], turns=30, cost_usd=4) == {
        ("failure_primary", "tool_fault"): "integration",
        ("failure_modes", "failed_checkpoint"): ["error_cascade"],
        ("failure_modes", "long_conversation"): ["context_dilution"],
        ("failure_modes", "high_cost"): ["cost"],
        ("tool_fault", "tool_fault"): {"tool": "get_payment", "kind": "html_not_json"},
        ("first_error_index", "failed_checkpoint"): 1,
    }


def test_a_mode_that_is_off_is_not_proposed():
    case = Escalation(turns=30, cost_usd=4, policy=Policy(rules={"cost_usd": 3}))
    found = suggestions(case, {}, [], off=["context_dilution"])
    assert [(one.field, one.value) for one in found] == [("failure_primary", "cost")]


def test_a_failed_checkpoint_points_to_a_cascade():
    assert primary(FAILED, turns=30) == FailureMode.ERROR_CASCADE


@pytest.mark.parametrize(
    ("fault", "mode"),
    [("schema_mismatch", FailureMode.ERROR_CASCADE), ("timeout", FailureMode.INTEGRATION)],
)
def test_the_checkpoint_that_opened_the_case_points_to_what_its_fault_is_of(fault, mode):
    case = Escalation(reason="checkpoint_failed", turns=30)
    case.checkpoint = Checkpoint(step="look up", fault=fault, tool="search")
    found = suggestions(case, {}, [])
    assert found[0].value == mode
    assert found[-1].value == {"tool": "search", "kind": fault}


@pytest.mark.parametrize(
    "long",
    [
        {"turns": 20},
        {"context_tokens": 40_000},
        {"payload": {"messages": [{"role": "user", "content": "?"}] * 20}},
    ],
)
def test_a_long_conversation_points_to_dilution(long):
    assert primary(**long) == FailureMode.CONTEXT_DILUTION


def test_an_overrun_budget_points_to_cost():
    assert primary(cost_usd=3.01) == FailureMode.COST


def test_a_cost_that_is_high_for_the_agent_points_to_cost():
    case = Escalation(cost_usd=2)
    case.usual_cost_usd = 1.5
    assert [one.value for one in suggestions(case, {}, [])] == ["cost"]
    case.usual_cost_usd = 2
    assert suggestions(case, {}, []) == []
