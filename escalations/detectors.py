"""Suggested labels: plain rules over what the agent sent. A person may always say otherwise (labels.md)."""

from collections.abc import Iterable, Mapping
from typing import Any

from escalations import checkpoints, triggers
from escalations.models import Escalation, FailureMode
from escalations.tool_faults import is_broken

_DILUTED_TURNS, _DILUTED_TOKENS = 20, 40_000


def suggested_failure(
    case: Escalation, payload: Mapping[str, Any], faults: Iterable[str | None]
) -> FailureMode | None:
    """The failure mode that the record points to, or None. `faults` are those of its tool answers.

    An HTML page read as data is a fault of the integration, whatever failed after it. Then come a failed
    checkpoint, a long context and an overrun budget.
    """
    checked = checkpoints.of_case(case)
    if any(map(is_broken, faults)) or (checked and checked.fault in checkpoints.OF_TOOLS):
        return FailureMode.INTEGRATION
    if checked or triggers.first_failed_step(payload) is not None:
        return FailureMode.ERROR_CASCADE
    if (case.turns or 0) >= _DILUTED_TURNS or (case.context_tokens or 0) >= _DILUTED_TOKENS:
        return FailureMode.CONTEXT_DILUTION
    cost = next((gauge for gauge in triggers.gauges(case) if gauge.unit == "$"), None)
    if cost and cost.budget is not None and cost.value > cost.budget:
        return FailureMode.COST
    return None
