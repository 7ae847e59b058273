"""AG-UI: the `resume` of a `RunAgentInput`, one entry for each interrupt that ended the run before.

`metadata.interrupts` maps the id of each interrupt to the `tool_call_id` it is about, or to null where it is
about none. Without it the interrupts are named like their calls. What somebody took over or nobody decided
counts as cancelled.
"""

from typing import Any

from agents_api.formats.outcome import Outcome, Verdict
from escalations.models import Decision

_ABANDONED = (Decision.TAKEOVER, Decision.CANCEL)


def render(outcome: Outcome) -> list[dict[str, Any]]:
    """A list of `ResumeEntry`; payloads about calls have `approved`, `editedArgs` and `reason`."""
    if not outcome.interrupts:
        return [_entry(verdict.tool_call_id, verdict) for verdict in outcome.verdicts]
    entries: list[dict[str, Any]] = []
    for name, calls in outcome.interrupts.items():
        if calls is None:
            entries.append(_plain(name, outcome))
        else:
            one = calls if isinstance(calls, str) else calls[0] if len(calls) == 1 else ""
            entries.append(_entry(name, outcome.verdict_on(one)))
    return entries


def _plain(name: str, outcome: Outcome) -> dict[str, Any]:
    """About no call: the answer as it was asked for, else what was decided."""
    if outcome.decision in _ABANDONED:
        return {"interruptId": name, "status": "cancelled"}
    if outcome.decision == Decision.RESPOND:
        return {"interruptId": name, "status": "resolved", "payload": outcome.answer}
    approved = outcome.decision in (Decision.APPROVE, Decision.EDIT)
    payload = {"approved": approved} | ({"reason": outcome.message} if outcome.message else {})
    return {"interruptId": name, "status": "resolved", "payload": payload}


def _entry(name: str, verdict: Verdict) -> dict[str, Any]:
    if verdict.decision in _ABANDONED:
        return {"interruptId": name, "status": "cancelled"}
    payload: dict[str, Any] = {"approved": verdict.is_made}
    if verdict.decision == Decision.EDIT:
        payload["editedArgs"] = verdict.arguments
    elif not verdict.is_made:
        payload["reason"] = verdict.refusal
    return {"interruptId": name, "status": "resolved", "payload": payload}
