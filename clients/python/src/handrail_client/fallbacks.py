"""The engineer's own answer, for when the desk cannot be reached or nobody decides in time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from .answers import Case, DecidedAction, DecidedBy, Decision, Resume, Scope, Timing

NO_ID = UUID(int=0)


@dataclass(frozen=True)
class Fallback:
    """What to do without people. It comes as a decision of its own, `decided_by.type` being `fallback`.

    `decision` counts for each pending action of a case that came from `hand_off`. `message` is what to tell
    the user on `respond`, and why on `reject`; `response` is the answer in the form that was asked for.
    """

    decision: Literal["approve", "reject", "respond"]
    message: str = ""
    response: Any = None

    def decide(self, case: Case) -> Case:
        """The case as if this had been decided."""
        said = [{"role": "assistant", "content": self.message}] if self._is_said else []
        decision = Decision(
            handoff_id=case.id,
            version=case.version,
            decision=self.decision,
            decided_by=DecidedBy("fallback", ""),
            actions=[self._action(tool_call_id) for tool_call_id in case.asked_about],
            response=self.response,
            messages=said,
            resume=Resume({}, [], {}, ""),
            scope=Scope(single_use=True, valid_until=None),
            state=None,
            timing=Timing(0, 0),
        )
        return replace(case, decision=decision)

    @property
    def _is_said(self) -> bool:
        return self.decision == "respond" and bool(self.message)

    def _action(self, tool_call_id: str) -> DecidedAction:
        return DecidedAction(tool_call_id, self.decision, None, self.message, digest_seen="")


def unknown(case_id: UUID = NO_ID) -> Case:
    """A case of which the desk has not told yet."""
    now = datetime.now(UTC)
    return Case(
        id=case_id,
        state="unknown",
        version=0,
        received_at=now,
        due_at=now,
        expires_at=None,
        waiting_for=None,
        reply_due_at=None,
        queue="",
        routable=False,
        available=0,
        ahead=0,
        expected_wait_seconds=None,
        delivery=None,
        decision=None,
        last_turn=None,
        links={},
    )


def asked_about(handoff: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the calls that a handoff asks about."""
    actions: Iterable[Any] = handoff.get("pending_actions") or ()
    return tuple(str(action.get("tool_call_id", "")) for action in actions)
