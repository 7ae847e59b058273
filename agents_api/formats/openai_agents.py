"""OpenAI Agents: what to tell `RunState.approve` or `RunState.reject` about each interruption.

It knows no edit: the call is rejected with a message that carries the new arguments, and `arguments` has
them, so that the call that the model makes next can be let through if it has these and no others.
"""

import json
from typing import Any

from agents_api.formats.outcome import Outcome, Verdict
from escalations.models import Decision


def render(outcome: Outcome) -> dict[str, Any]:
    """`{call_id: {"approve", "rejection_message", "arguments"}}`."""
    return {verdict.tool_call_id: _answer(verdict) for verdict in outcome.verdicts}


def _answer(verdict: Verdict) -> dict[str, Any]:
    if verdict.decision == Decision.EDIT:
        changed = json.dumps(verdict.arguments, ensure_ascii=False)
        message = f"A person changed the arguments. Call {verdict.name} again with exactly these: {changed}"
        return {"approve": False, "rejection_message": message, "arguments": verdict.arguments}
    if verdict.is_made:
        return {"approve": True, "rejection_message": None, "arguments": None}
    return {"approve": False, "rejection_message": verdict.refusal, "arguments": None}
