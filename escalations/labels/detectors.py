"""Suggested labels: plain rules over what the agent sent. A person may always say otherwise (labels.md)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from escalations.models import Escalation, FailureMode, Fault
from escalations.policy import triggers
from escalations.transitions import Suggested
from escalations.validation import checkpoints
from escalations.validation.tool_faults import ToolFault

DILUTED_TURNS, DILUTED_TOKENS = 20, 40_000


class Detector(models.TextChoices):
    """Which rule proposed a label."""

    TOOL = "tool_fault", _("A tool that did not work")
    CASCADE = "failed_checkpoint", _("A step that failed its checkpoint")
    DILUTION = "long_conversation", _("A long conversation")
    COST = "high_cost", _("A cost that is high for this agent")


def suggestions(
    case: Escalation,
    payload: Mapping[str, Any],
    broken: Sequence[tuple[str, ToolFault]],
    *,
    off: Collection[str] = (),
) -> list[Suggested]:
    """The labels that the record points to. `broken` are the tools whose answers were faulty, in their order.

    Failure modes that are `off` on this desk are not proposed. The first one is proposed as the primary one:
    a fault of a tool, whatever failed after it; then a failed checkpoint, a long context and a high cost.
    """
    found = [(mode, detector) for mode, detector in _modes(case, payload, broken) if mode not in off]
    proposed = [Suggested("failure_primary", mode.value, detector) for mode, detector in found[:1]]
    proposed += [Suggested("failure_modes", [mode.value], detector) for mode, detector in found[1:]]
    if fault := _tool_fault(case, broken):
        proposed.append(Suggested("tool_fault", fault, Detector.TOOL))
    if (failed := triggers.first_failed_step(payload)) is not None:
        proposed.append(Suggested("first_error_index", failed, Detector.CASCADE))
    return proposed


def _modes(
    case: Escalation, payload: Mapping[str, Any], broken: Sequence[tuple[str, ToolFault]]
) -> Iterator[tuple[FailureMode, Detector]]:
    checked = checkpoints.of_case(case)
    is_of_tool = checked is not None and checked.fault in checkpoints.OF_TOOLS
    if broken or is_of_tool:
        yield FailureMode.INTEGRATION, Detector.TOOL
    if triggers.first_failed_step(payload) is not None or (checked and not is_of_tool):
        yield FailureMode.ERROR_CASCADE, Detector.CASCADE
    if _is_long(case, payload):
        yield FailureMode.CONTEXT_DILUTION, Detector.DILUTION
    if _is_dear(case):
        yield FailureMode.COST, Detector.COST


def _tool_fault(case: Escalation, broken: Sequence[tuple[str, ToolFault]]) -> dict[str, str] | None:
    """The first tool that did not work; else the one whose checkpoint opened the case."""
    if broken:
        tool, fault = broken[0]
        return {"tool": tool, "kind": fault.kind.value}
    checked = checkpoints.of_case(case)
    if checked and checked.tool and checked.fault != Fault.OK:
        return {"tool": checked.tool, "kind": checked.fault}
    return None


def _is_long(case: Escalation, payload: Mapping[str, Any]) -> bool:
    said = sum(message.get("role") == "user" for message in payload.get("messages") or [])
    turns, tokens = max(case.turns or 0, said), case.context_tokens or 0
    return turns >= DILUTED_TURNS or tokens >= DILUTED_TOKENS


def _is_dear(case: Escalation) -> bool:
    """Whether the run is over its budget, or dearer than 95% of its agent's."""
    cost = next((gauge for gauge in triggers.gauges(case) if gauge.unit == "$"), None)
    if cost is None:
        return False
    limits = (cost.budget, case.usual_cost_usd)
    return any(limit is not None and cost.value > limit for limit in limits)
