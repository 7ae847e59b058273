"""What the agent gets back: the decision as `api.md` words it. Labels and private notes are never in it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import override

from escalations.handoffs import attachments
from escalations.models import DecidedBy, Decision, Escalation, Handoff, Resolution, Turn

# Closes the messages, so that the agent neither talks over the person nor falls silent.
HUMAN_PART_OVER = "[The human part is over. Go on from here; the decision above stands.]"
_REFUSED_BY: Mapping[str, str] = {DecidedBy.TIMEOUT: "Nobody decided in time, so this call was refused."}
_DROPPED = "This call was not made: the desk decided otherwise."


def decision_of(case: Escalation, resolution: Resolution, handoff: Handoff) -> dict[str, Any]:
    """The decision of `resolution` as a JSON value.

    `case` must be as the agent sees it now (its `version`), `resolution` the current one.
    """
    claimed_at = resolution.opened_at or resolution.created_at
    # None is added once a case is closed, so these are all until the decision.
    since = list(case.turns_since.all())
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
        "messages": messages(resolution, handoff, since),
        "resume": resume(resolution, handoff, since),
        "scope": {"single_use": True, "valid_until": _valid_until(case, resolution)},
        "state": handoff.payload.get("state"),
        "timing": {
            "queued_ms": max(0, round((claimed_at - case.received_at).total_seconds() * 1000)),
            "handling_ms": round(resolution.handle_seconds * 1000),
        },
    }


def messages(resolution: Resolution, handoff: Handoff, since: Sequence[Turn] = ()) -> list[dict[str, Any]]:
    """OpenAI chat messages to append to those that the agent handed off, in an order that models take.

    First what answers tool calls: results that came since, refusals of this decision, and a word for each
    call that nobody will make. Then the conversation since, the person's reply, and the end marker.
    """
    called = _open_calls(handoff.messages)
    chat = [append_ready(turn) for turn in since]
    results = [turn for turn in chat if turn.get("tool_call_id") in called]
    answered = {turn["tool_call_id"] for turn in results}
    refusals = [
        {"role": "tool", "tool_call_id": action["tool_call_id"], "content": _refusal(action, resolution)}
        for action in resolution.actions
        if action["decision"] == Decision.REJECT and action["tool_call_id"] not in answered
    ]
    decided = {action["tool_call_id"] for action in resolution.actions}
    dropped = [
        {"role": "tool", "tool_call_id": call, "content": _DROPPED}
        for call in called
        if call not in answered | decided and resolution.decision not in (Decision.APPROVE, Decision.EDIT)
    ]
    talk = [turn for turn in chat if turn.get("tool_call_id") not in called]
    turns = [*results, *refusals, *dropped, *talk]
    if resolution.message and resolution.decision != Decision.REJECT:
        turns.append({"role": "assistant", "content": resolution.message})
    return [*turns, {"role": "system", "content": HUMAN_PART_OVER}]


def append_ready(turn: Turn) -> dict[str, Any]:
    """A turn as a model takes it: links that go with it stand under its text."""
    message: dict[str, Any] = turn.message
    links = [each["uri"] for each in attachments.of_message(message)]
    content = message.get("content") or ""
    if not links or not isinstance(content, str):
        return message
    words = "\n\n".join(filter(None, [content, "\n".join(links)]))
    return {key: value for key, value in message.items() if key != "attachments"} | {"content": words}


def resume(resolution: Resolution, handoff: Handoff, since: Sequence[Turn] = ()) -> dict[str, Any]:
    """The compact context to restart from: what was known, what a person put right, what was decided now."""
    context: dict[str, Any] = known(handoff.payload) | resolution.resume
    return context | {"decisions": [*context["decisions"], _outcome(resolution, since)]}


def known(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The structured state as the agent sent it: where a resume packet starts from."""
    context: dict[str, Any] = {"facts": {}, "decisions": [], "preferences": {}}
    context |= payload.get("context") or {}
    return context | {"summary": payload.get("summary") or ""}


def _outcome(resolution: Resolution, since: Sequence[Turn]) -> str:
    """The decision in words, as the last of the decisions that the agent goes on with."""
    with override("en"):  # agents are told everything in one language
        words = str(resolution.get_decision_display())
    if resolution.decided_by == DecidedBy.TIMEOUT:
        words += " (nobody decided in time)"
    if said := sum(turn.author_id is not None and turn.message["role"] == "assistant" for turn in since):
        words += f" (a person wrote to the user, {said} turn{'s' if said > 1 else ''})"
    return words + (f": {resolution.message}" if resolution.message else "")


def _open_calls(chat: Sequence[dict[str, Any]]) -> list[str]:
    """The tool calls at the end of a conversation without a result: models want these before all else."""
    answered: set[str] = set()
    for message in reversed(chat):
        if message["role"] == "tool":
            answered.add(str(message.get("tool_call_id")))
        else:
            calls = message.get("tool_calls") or []
            return [str(call["id"]) for call in calls if call.get("id") and str(call["id"]) not in answered]
    return []


def _refusal(action: dict[str, Any], resolution: Resolution) -> str:
    reason = action["message"] or resolution.message
    refused = _REFUSED_BY.get(resolution.decided_by, "A person refused this call.")
    return f"{refused} {reason}".strip()


def _valid_until(case: Escalation, resolution: Resolution) -> str | None:
    """The hard limit of the agent; what counts because nobody decided before it has no limit itself."""
    return None if resolution.decided_by == DecidedBy.TIMEOUT else _time(case.expires_at)


def _time(moment: Any) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
