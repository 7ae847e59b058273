"""Ask the agent or the user something, and let the case wait for the reply with its clocks standing still."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least, Now
from django.utils.translation import gettext as _

from escalations.auditing import audit
from escalations.models import Escalation, NoticeKind, Outcome, State, Turn, WaitingFor
from escalations.people import notices
from escalations.sla import clocks
from escalations.transitions import aside, giving
from escalations.transitions.errors import Flaw, InvalidDecision
from escalations.transitions.lease import end_claim, held, lost
from escalations.transitions.recording import record
from escalations.transitions.tokens import LeaseToken

QUESTION_LENGTH = 10_000


def ask(*, lease: LeaseToken, whom: WaitingFor, question: str, reply_within: timedelta) -> Escalation:
    """Put `question` to the agent or the user, and wait for the reply: `reply_within`, or to the hard limit.

    The next message of the agent's door, whoever's it is, brings the case back to the queue, and to the same
    person first; so does the deadline.

    Raises:
        InvalidDecision: no question, or one that is too long.
        LeaseLost: the case is not the caller's any more.
    """
    if not 0 < len(question.strip()) <= QUESTION_LENGTH:
        words = _("Write it in %(most)s characters at most.") % {"most": QUESTION_LENGTH}
        raise InvalidDecision([Flaw("/question", words)])
    with transaction.atomic():
        moved = (
            held(lease)
            .within_hard_limit()
            .update(
                state=State.WAITING,
                waiting_for=whom,
                reply_due_at=Least(Now() + reply_within, F("expires_at")),
                **aside.begun(lease),
                **clocks.paused(),
            )
        )
        if not moved:
            raise lost(lease)
        due_at = clocks.answered(lease.case_id) if whom == WaitingFor.USER else None
        clocks.restart_timers(lease.case_id)
        end_claim(lease.case_id, Outcome.WAITING)
        case = Escalation.objects.get(id=lease.case_id)
        turn = Turn.objects.create(case=case, author=lease.operator, message=as_message(whom, question))
        actor = audit.operator_actor(lease.operator)
        data = {"whom": whom.value, "turn": turn.pk} | clocks.owed_until(due_at)
        record(case_id=case.id, version=case.version, kind="asked", actor=actor, data=data)
    return case


def as_message(whom: WaitingFor, question: str) -> dict[str, Any]:
    """The question as an OpenAI chat message.

    For the user it is what the assistant says next. For the agent it is a system message of the name
    "operator": no words of the user, and nothing that the agent said.
    """
    if whom == WaitingFor.USER:
        return {"role": "assistant", "content": question}
    return {"role": "system", "name": "operator", "content": question}


def stop_waiting(*, limit: int = 100) -> int:
    """Put cases whose reply did not come in time back in the queue. Returns how many."""
    with transaction.atomic():
        over = Escalation.objects.filter(state=State.WAITING, reply_due_at__lte=Now())
        due = over.lock_first(limit, by="reply_due_at")
        for case in due:
            record(case_id=case.id, version=aside.bring_back(case), kind="no_reply", actor="system")
            if case.affinity:
                giving.tell(case.affinity, case, NoticeKind.REPLY, notices.NO_REPLY)
    return len(due)
