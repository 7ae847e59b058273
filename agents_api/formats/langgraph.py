"""LangGraph: `Command(resume=…)`, with decisions as LangChain's human-in-the-loop middleware takes them.

`metadata.interrupts` maps the id of each interrupt to the list of `tool_call_id`s it asked about, in its
order; to one `tool_call_id` where the middleware asks once for each call (`per_call`); or to null where the
graph asked about no call. Without it the value is for the only interrupt, about all pending actions.
"""

from typing import Any

from agents_api.formats.outcome import Outcome, Verdict
from escalations.models import Decision


def render(outcome: Outcome) -> Any:
    """`{interrupt_id: value}`, or the value of the only interrupt."""
    if not outcome.interrupts:
        return _batch(outcome.verdicts) if outcome.verdicts else plain(outcome)
    return {name: _value(outcome, calls) for name, calls in outcome.interrupts.items()}


def plain(outcome: Outcome) -> Any:
    """What a node's own `interrupt()` returns: the answer as it was asked for, else the decision."""
    if outcome.decision == Decision.RESPOND:
        return outcome.answer
    return {"type": outcome.decision, "message": outcome.message}


def _value(outcome: Outcome, calls: list[str] | str | None) -> Any:
    if calls is None:
        return plain(outcome)
    if isinstance(calls, str):
        return _decision(outcome.verdict_on(calls))
    return _batch([outcome.verdict_on(call) for call in calls])


def _batch(verdicts: list[Verdict]) -> dict[str, Any]:
    return {"decisions": [_decision(verdict) for verdict in verdicts]}


def _decision(verdict: Verdict) -> dict[str, Any]:
    if verdict.decision == Decision.APPROVE:
        return {"type": "approve"}
    if verdict.decision == Decision.EDIT:
        return {"type": "edit", "edited_action": {"name": verdict.name, "args": verdict.arguments}}
    if verdict.decision == Decision.RESPOND:
        return {"type": "respond", "message": verdict.words}
    return {"type": "reject", "message": verdict.refusal}
