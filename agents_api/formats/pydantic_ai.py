"""Pydantic AI: `DeferredToolResults`, as `TypeAdapter(DeferredToolResults).validate_python` takes them.

An answer in place of a call stands in `calls`, whether the call waited for an approval or for a result.
"""

from typing import Any

from agents_api.formats.outcome import Outcome, Verdict
from escalations.models import Decision


def render(outcome: Outcome) -> dict[str, Any]:
    """For `agent.run(…, deferred_tool_results=…)`."""
    answered = [verdict for verdict in outcome.verdicts if verdict.decision == Decision.RESPOND]
    others = [verdict for verdict in outcome.verdicts if verdict.decision != Decision.RESPOND]
    return {
        "calls": {verdict.tool_call_id: _answer(verdict, outcome) for verdict in answered},
        "approvals": {verdict.tool_call_id: _approval(verdict) for verdict in others},
        "answered_by": {verdict.tool_call_id: outcome.decided_by for verdict in outcome.verdicts},
    }


def _approval(verdict: Verdict) -> dict[str, Any]:
    if verdict.decision == Decision.EDIT:
        return {"kind": "tool-approved", "override_args": verdict.arguments}
    if verdict.is_made:
        return {"kind": "tool-approved"}
    return {"kind": "tool-denied", "message": verdict.refusal}


def _answer(verdict: Verdict, outcome: Outcome) -> dict[str, Any]:
    """Wrapped, because an answer may have a `kind` of its own, which would be taken for one of theirs."""
    value = outcome.answer if outcome.decision == Decision.RESPOND else verdict.words
    return {"kind": "tool-return", "return_value": value}
