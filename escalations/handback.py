"""What the agent gets back: the decision as `api.md` words it. Labels are never in it."""

from typing import Any

from escalations.models import Decision, Escalation, Handoff, Resolution

# Closes the messages, so that the agent neither talks over the person nor falls silent.
HUMAN_PART_OVER = "[The human part is over. Go on from here; the decision above stands.]"


def decision_of(case: Escalation, resolution: Resolution, handoff: Handoff) -> dict[str, Any]:
    """The decision of `resolution` as a JSON value.

    `case` must be as the agent sees it now (its `version`), `resolution` the current one.
    """
    claimed_at = resolution.opened_at or resolution.created_at
    return {
        "handoff_id": str(case.id),
        "version": case.version,
        "decision": resolution.decision,
        "decided_by": {
            "type": resolution.decided_by,
            "name": str(resolution.operator) if resolution.operator else "Handrail",
        },
        "actions": resolution.actions,
        "response": resolution.response,
        "messages": messages(resolution),
        "resume": resume(resolution, handoff),
        "scope": {"single_use": True, "valid_until": _time(case.expires_at)},
        "state": handoff.payload.get("state"),
        "timing": {
            "queued_ms": max(0, round((claimed_at - case.received_at).total_seconds() * 1000)),
            "handling_ms": round(resolution.handle_seconds * 1000),
        },
    }


def messages(resolution: Resolution) -> list[dict[str, Any]]:
    """Append-ready OpenAI chat messages: what to tell the model of each action, the reply, the end marker."""
    turns: list[dict[str, Any]] = [
        {"role": "tool", "tool_call_id": action["tool_call_id"], "content": _refusal(action, resolution)}
        for action in resolution.actions
        if action["decision"] == Decision.REJECT
    ]
    if resolution.message and resolution.decision != Decision.REJECT:
        turns.append({"role": "assistant", "content": resolution.message})
    return [*turns, {"role": "system", "content": HUMAN_PART_OVER}]


def resume(resolution: Resolution, handoff: Handoff) -> dict[str, Any]:
    """The compact context to restart from: what was known, and what was decided just now."""
    context: dict[str, Any] = {"facts": {}, "decisions": [], "preferences": {}, "summary": ""}
    context |= handoff.payload.get("context") or {}
    context["summary"] = handoff.payload.get("summary") or ""
    context |= resolution.resume
    outcome = resolution.get_decision_display() + (f": {resolution.message}" if resolution.message else "")
    return context | {"decisions": [*context["decisions"], outcome]}


def _refusal(action: dict[str, Any], resolution: Resolution) -> str:
    reason = action["message"] or resolution.message
    return f"A person refused this call. {reason}".strip()


def _time(moment: Any) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
