"""A case as an A2A task."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agents_api import answers, auth, formats
from agents_api.a2a.messages import HISTORY_MAX
from agents_api.auth import Caller, Credentials
from agents_api.endpoints.handoffs import delivered, own_case
from agents_api.formats import a2a
from escalations.models import Escalation, Handoff, State, Turn

STATES: dict[str, str] = {
    State.QUEUED: "TASK_STATE_SUBMITTED",
    State.CLAIMED: "TASK_STATE_WORKING",
    State.SNOOZED: "TASK_STATE_WORKING",
    State.WAITING: "TASK_STATE_INPUT_REQUIRED",
    State.RESOLVED: a2a.COMPLETED,
    State.EXPIRED: a2a.FAILED,
    State.CANCELLED: "TASK_STATE_CANCELED",
}


@dataclass(frozen=True)
class Seen:
    """One look at a task. `said` are new turns of people, oldest first; `turn_id` is the newest turn."""

    case: Escalation
    said: list[Turn]
    turn_id: int
    task: dict[str, Any]

    @property
    def is_over(self) -> bool:
        return not self.case.is_open

    @property
    def needs_an_answer(self) -> bool:
        return self.is_over or self.case.state == State.WAITING


def look(credentials: Credentials, case_id: UUID, *, after_turn: int = 0, history: int | None = None) -> Seen:
    """The task now, for who may see it now.

    Raises:
        Problem: the key is not valid any more.
        Escalation.DoesNotExist: there is no such task, or it is another agent's.
    """
    return seen_by(auth.identify(credentials), case_id, after_turn=after_turn, history=history)


def seen_by(caller: Caller, case_id: UUID, *, after_turn: int = 0, history: int | None = None) -> Seen:
    """The same for a caller who was just identified."""
    case = delivered(own_case(caller, case_id), how="A2A")
    turns = list(case.turns_since.select_related("author").order_by("-id")[:HISTORY_MAX])[::-1]
    said = [turn for turn in turns if turn.author_id and turn.id > after_turn]
    newest = turns[-1].id if turns else after_turn
    return Seen(case, said, newest, task_of(case, turns=turns, history=history))


def task_of(
    case: Escalation, *, turns: list[Turn], history: int | None, artifacts: bool = True
) -> dict[str, Any]:
    """The task as a JSON value. `history` is how many of its last messages to show; None: all there are."""
    task: dict[str, Any] = {
        "id": str(case.id),
        "contextId": context_of(case),
        "status": status_of(case, turns[-1] if turns else None),
    }
    found = answers.decided(case)
    if found:
        ended = a2a.render(formats.outcome_of(*found))
        task["status"] = ended["status"] | {"state": STATES[case.state]}
        if artifacts:
            task["artifacts"] = ended["artifacts"]
    if history != 0:
        task["history"] = _history(case, turns)[-(history or HISTORY_MAX) :]
    return task


def context_of(case: Escalation) -> str:
    """The conversation; a case without one is a context of its own."""
    return case.conversation_id or str(case.id)


def status_of(case: Escalation, turn: Turn | None) -> dict[str, Any]:
    """Where the task stands, with what a person said in `turn`."""
    status: dict[str, Any] = {"state": STATES[case.state]}
    if turn is not None and turn.author_id:
        status["message"] = _message(case, turn.message, f"{case.id} {turn.pk}", by_desk=True)
    moment = case.closed_at or (turn.created_at if turn else case.received_at)
    status["timestamp"] = answers.rfc3339(moment)
    return status


def _history(case: Escalation, turns: list[Turn]) -> list[dict[str, Any]]:
    """What was handed off and what was said since. Whatever comes from the agent's side is of the user."""
    sent = Handoff.objects.get(case_id=case.id).messages[-HISTORY_MAX:]
    before = [
        _message(case, message, f"{case.id} 0.{number}", by_desk=False) for number, message in enumerate(sent)
    ]
    since = [
        _message(case, turn.message, f"{case.id} {turn.pk}", by_desk=bool(turn.author_id)) for turn in turns
    ]
    return [each for each in before + since if each["parts"]]


def _message(case: Escalation, chat: dict[str, Any], message_id: str, *, by_desk: bool) -> dict[str, Any]:
    content = chat.get("content")
    parts: list[dict[str, Any]] = [{"text": content}] if isinstance(content, str) and content else []
    if isinstance(content, list):
        parts = [{"data": part, "mediaType": "application/json"} for part in content]
    return {
        "messageId": message_id,
        "taskId": str(case.id),
        "contextId": context_of(case),
        "role": "ROLE_AGENT" if by_desk else "ROLE_USER",
        "parts": parts,
    }
