"""A decision as the result of an elicitation of the Model Context Protocol: accept, decline or cancel.

https://modelcontextprotocol.io/specification/2026-07-28/client/elicitation: `content` goes with `accept`
alone, and its values are strings, numbers, booleans or lists of strings. What is deeper comes as JSON text.
"""

import json
from typing import Any

from agents_api.formats.outcome import Outcome
from escalations.models import Decision

_ACCEPTED = (Decision.APPROVE, Decision.EDIT, Decision.RESPOND)


def render(outcome: Outcome) -> dict[str, Any]:
    """An `ElicitResult`.

    A person who refused, or does it themselves, declines. Where nobody decided, it is cancelled.
    """
    if outcome.decision == Decision.CANCEL:
        return {"action": "cancel"}
    if outcome.decision not in _ACCEPTED:
        return {"action": "decline"}
    return {"action": "accept", "content": _content(outcome)}


def _content(outcome: Outcome) -> dict[str, Any]:
    """The answer as it was asked for; else what was decided, with the words and the arguments to use."""
    if isinstance(outcome.answer, dict):
        return {name: _flat(value) for name, value in outcome.answer.items()}
    content: dict[str, Any] = {"decision": outcome.decision}
    if outcome.answer not in (None, ""):
        content["answer"] = _flat(outcome.answer)
    edited = [verdict.arguments for verdict in outcome.verdicts if verdict.decision == Decision.EDIT]
    if len(edited) == 1:
        content["arguments"] = _flat(edited[0])
    if refused := [verdict.tool_call_id for verdict in outcome.verdicts if not verdict.is_made]:
        content["not_to_be_made"] = refused
    return content


def _flat(value: Any) -> Any:
    strings = isinstance(value, list) and all(isinstance(each, str) for each in value)
    if strings or isinstance(value, str | int | float | bool):
        return value
    return json.dumps(value, ensure_ascii=False)
