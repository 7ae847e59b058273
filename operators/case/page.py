"""What the case page is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.datastructures import MultiValueDict

from escalations.events import Position
from escalations.handoffs import handback, messages
from escalations.labels import detectors, taxonomy
from escalations.models import Escalation, Operator
from escalations.policy import triggers
from escalations.transitions import Suggested
from escalations.validation import checkpoints
from operators import drafts
from operators.case import evidence, timeline
from operators.case.conversation import Turn, broken_calls, broken_tools, turn_at, turns
from operators.case.forms.decision import DecisionForm
from operators.case.panel import DECIDE, Panel
from operators.case.talk import notes_on, talk_of
from operators.labels.forms.labels import LabelsForm
from operators.models import Draft
from operators.queue.page import queue_context
from operators.queue.queue_view import STRIP, QueueView
from operators.queue.seat import Seat

# A conversation shows this many turns at its start, and this many at its end; the rest is fetched.
SHOWN_FIRST = 10
SHOWN_AT_ONCE = 40


@dataclass(frozen=True)
class Gap:
    """Turns that are left out, counted from 0: from `start` up to, but not with, `end`."""

    start: int
    end: int

    @property
    def count(self) -> int:
        return self.end - self.start


@dataclass(frozen=True)
class Part:
    """A stretch of a conversation: turns, or a gap in the place of some."""

    turns: Sequence[Turn] = ()
    gap: Gap | None = None


def case_context(case: Escalation, operator: Operator, panel: Panel, cursor: Position) -> dict[str, Any]:
    """Everything that the page of `case` shows to `operator`. `cursor` was read before `case` was."""
    seat = Seat.of(operator)
    strip = QueueView.at(seat, {"view": STRIP, "case": str(case.id)})
    payload = case.handoff.payload
    shown = panel.form.turns
    return (
        queue_context(strip, seat)
        | status_context(case, cursor, operator)
        | {
            "panel": panel,
            "payload": payload,
            "summary": summary_of(case, payload),
            "reasons": reasons_of(case, shown),
            "actions": panel.form.actions,
            "suggestions": evidence.suggestions(payload, is_blind=case.is_blind),
            "known": evidence.known(payload),
            "attachments": evidence.attachments(payload),
            "metadata": evidence.pairs(payload.get("metadata") or {}),
        }
        | {"turn_count": len(shown), "parts": parts_of(shown)}
        | steps_context(case, shown, marked_in=panel.form if panel.mode == DECIDE else None)
    )


def steps_context(
    case: Escalation, shown: Sequence[Turn], *, marked_in: LabelsForm | None = None
) -> dict[str, Any]:
    """The run of a case: its steps and what it used, and the form in which the steps are labelled, if any."""
    return {
        "steps": evidence.steps(
            case.handoff.payload,
            _places(case, shown),
            checkpoints.of_case(case),
            is_blind=case.is_blind,
        ),
        "meters": evidence.meters(case),
        "marked_in": marked_in,
    }


def panel_of(case: Escalation, operator: Operator) -> Panel:
    """The decision side of the page, with what `operator` had typed before."""
    mine, other = drafts.on(case, operator)
    return Panel.of(case, operator, build_form(case, mine), other=other)


def status_context(case: Escalation, cursor: Position, reader: Operator) -> dict[str, Any]:
    """What of the page changes while somebody looks: state, holder, delivery, turns since, notes, activity.

    Of the `reader` only the time zone counts: who shares it shares all of this.
    """
    return {
        "case": case,
        "cursor": cursor,
        "talk": talk_of(case),
        "notes": notes_on(case),
        "reader": reader,
        "timeline": timeline.days(
            case.events.exclude(kind__in=timeline.PASSING).order_by("-id")[: timeline.SHOWN],
            ZoneInfo(reader.timezone),
        ),
    }


def conversation_of(case: Escalation) -> list[Turn]:
    """The conversation up to the handoff, each turn with its steps.

    That of the first failing one is marked, unless whoever looks must not be led.
    """
    shown = turns(case.handoff.messages, agent=case.agent_version.agent.name)
    failed = None if case.is_blind else triggers.first_failed_step(case.handoff.payload)
    places = _places(case, shown)
    at = None if failed is None else places[failed]
    for turn in shown:
        turn.first_error = turn.at == at
    by_place = {turn.at: turn for turn in shown}
    for step, place in enumerate(places):
        if place is not None:
            by_place[place].steps.append(step)
    return shown


def reasons_of(case: Escalation, shown: Sequence[Turn]) -> list[triggers.Trigger]:
    """Why the case is here: what its policy says, and the tools that did not work."""
    failed_at = next((turn.at for turn in shown if turn.first_error), None)
    reasons = [
        replace(reason, at=failed_at) if reason.code == "step" else reason
        for reason in triggers.reasons(case, case.handoff.payload)
    ]
    return reasons + broken_tools(shown)


def parts_of(shown: Sequence[Turn]) -> list[Part]:
    """A conversation as it is shown at first: its start, its end, and what is around the first error."""
    wanted = set(range(SHOWN_FIRST)) | set(range(len(shown) - SHOWN_AT_ONCE, len(shown)))
    for index, turn in enumerate(shown):
        if turn.first_error:
            wanted |= set(range(index - 1, index + 2))
    parts: list[Part] = []
    for is_shown, run in groupby(range(len(shown)), key=wanted.__contains__):
        places = list(run)
        if is_shown:
            parts.append(Part(shown[places[0] : places[-1] + 1]))
        else:
            parts.append(Part((), Gap(places[0], places[-1] + 1)))
    return parts


def _places(case: Escalation, shown: Sequence[Turn]) -> list[int | None]:
    """For each step, the place of the turn in which it happened. Steps count messages as they were sent."""
    payload = case.handoff.payload
    steps = payload.get("steps") or []
    if not any("message_index" in step for step in steps):
        return [None] * len(steps)
    sent = messages.positions(payload["messages"])
    indices = [step.get("message_index") for step in steps]
    found = [turn_at(shown, sent[at]) if at is not None and at < len(sent) else None for at in indices]
    return [turn.at if turn else None for turn in found]


def build_form(
    case: Escalation, draft: Draft | None = None, data: MultiValueDict[str, str] | None = None
) -> DecisionForm:
    """The decision form of `case`: as submitted in `data`, else with what was typed before, the `draft`."""
    payload = case.handoff.payload
    shown = conversation_of(case)
    return DecisionForm(
        case,
        payload,
        data,
        suggested=suggested_labels(case, shown),
        meanings=taxonomy.meanings(case.taxonomy_id),
        draft=MultiValueDict(draft.fields) if draft else None,
        turns=shown,
        restart=_restart(case),
        saved_at=draft.updated_at if draft else None,
    )


def suggested_labels(case: Escalation, shown: Sequence[Turn]) -> list[Suggested]:
    """What detectors propose; nothing in an audit, which is worth something because nobody is led."""
    if case.is_blind:
        return []
    off = [mode.value for mode in taxonomy.meanings(case.taxonomy_id).modes if not mode.is_on]
    return detectors.suggestions(case, case.handoff.payload, broken_calls(shown), off=off)


def _restart(case: Escalation) -> dict[str, Any] | None:
    """What an earlier decision let the agent restart from; None where there was none."""
    if case.cycle == 1:
        return None
    earlier = case.resolutions.order_by("-created_at").first()
    return handback.resume(earlier, case.handoff) if earlier else None


def summary_of(case: Escalation, payload: dict[str, Any]) -> str:
    """The agent's summary, unless the headline says it already."""
    summary = str(payload.get("summary") or "")
    return "" if " ".join(summary.split()) == case.headline else summary
