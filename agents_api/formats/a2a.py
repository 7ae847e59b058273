"""A decision as an A2A task that has come to its end, with the decision as its artifact.

https://a2a-protocol.org/v1.0.0/specification: field names and enumerations are those of its JSON form.
"""

import json
from typing import Any

from agents_api.formats.outcome import Outcome, Verdict
from escalations.models import Decision

COMPLETED, FAILED = "TASK_STATE_COMPLETED", "TASK_STATE_FAILED"


def render(outcome: Outcome) -> dict[str, Any]:
    """A `Task`: completed by a person's decision, failed where time ran out, also with a default."""
    context = outcome.conversation_id or outcome.case_id
    return {
        "id": outcome.case_id,
        "contextId": context,
        "status": {
            "state": COMPLETED if outcome.in_time else FAILED,
            "message": message(in_words(outcome), outcome.case_id, context, f"{outcome.case_id} decision"),
            "timestamp": outcome.decided_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        },
        "artifacts": [artifact(outcome)],
    }


def artifact(outcome: Outcome) -> dict[str, Any]:
    """The decision for a reader and for a program."""
    data = {
        "decision": outcome.decision,
        "decidedBy": outcome.decided_by,
        "answer": outcome.answer,
        "actions": [_action(verdict) for verdict in outcome.verdicts],
    }
    parts = [{"text": in_words(outcome)}, {"data": data, "mediaType": "application/json"}]
    return {"artifactId": "decision", "name": "Decision", "parts": parts}


def message(text: str, task_id: str, context_id: str, message_id: str) -> dict[str, Any]:
    """A `Message` of the desk."""
    return {
        "messageId": message_id,
        "taskId": task_id,
        "contextId": context_id,
        "role": "ROLE_AGENT",
        "parts": [{"text": text}],
    }


def in_words(outcome: Outcome) -> str:
    """The decision in plain words."""
    if outcome.decision == Decision.CANCEL:
        return "Nobody decided in time. Do not take it for a yes."
    by = outcome.decided_by if outcome.in_time else "Nobody decided in time, so the default counts"
    lines = [f"{by}: {outcome.decision}."]
    lines += [_line(verdict) for verdict in outcome.verdicts]
    if outcome.answer not in (None, ""):
        lines.append(outcome.answer_text)
    return "\n".join(lines)


def _line(verdict: Verdict) -> str:
    if not verdict.is_made:
        return f"Do not call {verdict.name} ({verdict.tool_call_id}). {verdict.refusal}".strip()
    arguments = json.dumps(verdict.arguments, ensure_ascii=False)
    return f"Call {verdict.name} ({verdict.tool_call_id}) with {arguments}."


def _action(verdict: Verdict) -> dict[str, Any]:
    return {
        "toolCallId": verdict.tool_call_id,
        "name": verdict.name,
        "decision": verdict.decision,
        "arguments": verdict.arguments if verdict.is_made else None,
        "message": verdict.words,
    }
