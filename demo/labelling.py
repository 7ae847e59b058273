"""What the people of the demo say of a case beyond the decision: who was responsible, which steps failed."""

from typing import Any

from demo.history import PastCase
from demo.writing import Json
from escalations.models import FailureMode, Responsible, StepLabel
from escalations.transitions import Labels

_RESPONSIBLE = {
    FailureMode.INTEGRATION: Responsible.TOOL,
    FailureMode.COST: Responsible.POLICY,
    FailureMode.OTHER: Responsible.ENVIRONMENT,
}
# What people wrote where a rule could have decided; by category.
_RULES = {
    "fee": "A late fee below $10 is waived once a year.",
    "seating": "Assign seats only from a seat map that is not empty.",
    "plan": "Prices come from the price list.",
    "returns": "Within 30 days of delivery a return needs nobody's consent.",
}
_MUST = {
    FailureMode.EDGE_CASE: ("say what is not known",),
    FailureMode.CONTEXT_DILUTION: ("keep what the customer asked for first",),
    FailureMode.ERROR_CASCADE: ("stop when a step fails its check",),
    FailureMode.INTEGRATION: ("ask the tool again",),
    FailureMode.COST: ("stop searching once an offer fits",),
}
_MUST_NOT = {
    FailureMode.INTEGRATION: ("make up what a tool did not answer",),
    FailureMode.ERROR_CASCADE: ("act on a wrong date or sum",),
}


def labels(case: PastCase) -> Labels:
    """All labels of a past case."""
    ending, failure = case.ending, case.failure
    steps: list[Json] = case.story.payload.get("steps") or []
    first_error = ending.first_error_index
    return Labels(
        disposition=ending.disposition.value,
        agent_correct=ending.agent_correct,
        failure_primary=failure.value,
        first_error_index=first_error,
        note=ending.note,
        escalation_needed=ending.agent_correct != "yes",
        category_correct=True,
        deterministic_rule=_RULES.get(str(case.story.payload.get("category", "")), ""),
        **(_of_failure(failure, steps, first_error) if failure != FailureMode.NONE else {}),
    )


def _of_failure(failure: FailureMode, steps: list[Json], first_error: int | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "failure_modes": (failure.value,),
        "responsible": _RESPONSIBLE.get(failure, Responsible.AGENT).value,
        "must": _MUST.get(failure, ()),
        "must_not": _MUST_NOT.get(failure, ()),
    }
    if first_error is not None:
        found |= {
            "root_cause_index": max(0, first_error - 1),
            "step_labels": {str(at): _step(at, first_error) for at in range(len(steps))},
            "missed_checkpoint": ""
            if "checkpoint" in steps[first_error]
            else str(steps[first_error]["name"]),
        }
    return found


def _step(at: int, first_error: int) -> str:
    if at < first_error:
        return StepLabel.GOOD.value
    return (StepLabel.BAD if at == first_error else StepLabel.NEUTRAL).value
