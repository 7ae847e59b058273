"""Agent Inbox: the list of `HumanResponse` that `interrupt([request, …])` returns, one for each action.

It knows no refusal: one with a reason becomes a response, so that the model reads it; without one the call is
ignored.
"""

from typing import Any

from agents_api.formats.outcome import Outcome, Verdict
from escalations.models import Decision


def render(outcome: Outcome) -> list[dict[str, Any]]:
    """For `Command(resume=…)`."""
    if outcome.verdicts:
        return [_response(verdict) for verdict in outcome.verdicts]
    if outcome.decision in (Decision.RESPOND, Decision.EDIT):  # an edit of the words that were proposed
        return [{"type": "response", "args": outcome.answer_text}]
    return [{"type": "accept" if outcome.decision == Decision.APPROVE else "ignore", "args": None}]


def _response(verdict: Verdict) -> dict[str, Any]:
    if verdict.decision == Decision.APPROVE:
        return {"type": "accept", "args": None}
    if verdict.decision == Decision.EDIT:
        return {"type": "edit", "args": {"action": verdict.name, "args": verdict.arguments}}
    if verdict.decision == Decision.RESPOND:
        return {"type": "response", "args": verdict.words}
    if verdict.decision == Decision.REJECT and verdict.words:
        return {"type": "response", "args": verdict.refusal}
    return {"type": "ignore", "args": None}
