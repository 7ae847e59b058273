"""What the case page is made of."""

from typing import Any

from django.utils.datastructures import MultiValueDict

from escalations import messages, triggers
from escalations.detectors import suggested_failure
from escalations.events import Position
from escalations.models import Escalation, Operator
from operators import evidence, timeline
from operators.conversation import Turn, faults, turns
from operators.forms.decision import DecisionForm
from operators.models import Draft
from operators.panel import Panel
from operators.queue_page import queue_context
from operators.queue_view import STRIP, QueueView

# A conversation shows this many turns at its start, and this many at its end; the rest is fetched.
SHOWN_FIRST = 10
SHOWN_AT_ONCE = 40


def case_context(case: Escalation, operator: Operator, panel: Panel, cursor: Position) -> dict[str, Any]:
    """Everything that the page of `case` shows to `operator`. `cursor` was read before `case` was."""
    strip = QueueView.for_operator(operator, {"view": STRIP, "case": str(case.id)})
    payload = case.handoff.payload
    return (
        queue_context(strip, cursor, holder=operator)
        | status_context(case, cursor)
        | {
            "panel": panel,
            "payload": payload,
            "summary": _summary(case, payload),
            "reasons": triggers.reasons(case, payload),
            "actions": panel.form.actions,
            "suggestions": evidence.suggestions(payload),
            "steps": evidence.steps(payload),
            "meters": evidence.meters(case),
            "known": evidence.known(payload),
            "attachments": evidence.attachments(payload),
            "metadata": evidence.pairs(payload.get("metadata") or {}),
            "timeline": timeline.entries(case.events.order_by("-id")[: timeline.SHOWN]),
        }
        | _folded(conversation_of(case))
    )


def panel_of(case: Escalation, operator: Operator) -> Panel:
    """The decision side of the page, with what `operator` had typed before."""
    return Panel.of(case, operator, build_form(case, operator))


def status_context(case: Escalation, cursor: Position) -> dict[str, Any]:
    """What of the page changes while somebody looks: state, holder, delivery, turns since the handoff."""
    arrived = [turn.message for turn in case.turns_since.all()]
    return {
        "case": case,
        "cursor": cursor,
        "turns_since": turns(arrived, agent=case.agent_version.agent.name),
    }


def conversation_of(case: Escalation) -> list[Turn]:
    """The conversation up to the handoff, the turn of the first failing step marked."""
    payload = case.handoff.payload
    failed = triggers.first_failed_step(payload)
    at = None if failed is None else payload["steps"][failed].get("message_index")
    if at is not None:
        # Steps count messages as they were sent.
        places = messages.positions(payload["messages"])
        at = places[at] if at < len(places) else None
    return turns(case.handoff.messages, agent=case.agent_version.agent.name, first_error=at)


def build_form(
    case: Escalation, operator: Operator, data: MultiValueDict[str, str] | None = None
) -> DecisionForm:
    """The decision form of `case`: as submitted in `data`, else with what `operator` had typed before."""
    payload = case.handoff.payload
    draft = None if data is not None else Draft.objects.filter(case=case, operator=operator).first()
    return DecisionForm(
        case,
        payload,
        data,
        suggested=suggested_failure(case, payload, faults(conversation_of(case))),
        draft=MultiValueDict(draft.fields) if draft else None,
    )


def _summary(case: Escalation, payload: dict[str, Any]) -> str:
    """The agent's summary, unless the headline says it already."""
    summary = str(payload.get("summary") or "")
    return "" if " ".join(summary.split()) == case.headline else summary


def _folded(shown: list[Turn]) -> dict[str, Any]:
    """The start and the end of a conversation, and how many turns lie between them."""
    gap = max(0, len(shown) - SHOWN_FIRST - SHOWN_AT_ONCE)
    head = shown if not gap else shown[:SHOWN_FIRST]
    return {
        "turn_count": len(shown),
        "turns": head,
        "gap": gap,
        "gap_from": SHOWN_FIRST,
        "last_turns": shown[SHOWN_FIRST + gap :] if gap else [],
    }
