"""Erase what people said and wrote in a case. Ids, times and labels stay, so that figures still add up."""

import json
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from escalations import signals
from escalations.models import (
    CaseSubject,
    CaseText,
    Checkpoint,
    Escalation,
    GoldItem,
    Handoff,
    IdempotencyRecord,
    LabelRevision,
    Note,
    Notice,
    Resolution,
    Review,
    ReviewState,
    Run,
    Turn,
)
from escalations.transitions.recording import record

# What stands in place of words that pages show.
GONE = "[erased]"
# The words that people or agents wrote along with a move.
_FORGET_WORDS = "UPDATE escalations_event SET data = data - 'reason' - 'detail' WHERE case_id = %s"


def erase_case(*, case_id: UUID, actor: str) -> bool:
    """Erase the content of a closed case for good. Returns whether it was: an open one stays as it is.

    Its decisions are never taught again. `signals.erased` tells the doors, in the same transaction.
    """
    with transaction.atomic():
        case = Escalation.objects.select_for_update(no_key=True).filter(id=case_id).first()
        if case is None or case.is_open:
            return False
        Escalation.objects.filter(id=case_id).update(
            erased_at=Now(), headline=GONE, conversation_id="", run_id="", version=F("version") + 1
        )
        _forget_what_was_sent(case_id)
        _drop_reviews(case_id)
        _forget_what_was_decided(case_id)
        _forget_what_was_kept_beside(case_id)
        signals.erased.send(sender=None, case_id=case_id)
        record(case_id=case_id, version=case.version + 1, kind="erased", actor=actor)
    return True


def _forget_what_was_sent(case_id: UUID) -> None:
    payload = Handoff.objects.get(case_id=case_id).payload
    Handoff.objects.filter(case_id=case_id).update(
        body=json.dumps(_bare(payload)), normalised_messages="", callback=None, traceparent="", tracestate=""
    )
    for turn in Turn.objects.filter(case_id=case_id):
        turn.message = {"role": turn.message.get("role", "user"), "content": GONE}
        turn.save(update_fields=["message"])
    CaseText.objects.filter(case_id=case_id).delete()
    CaseSubject.objects.filter(case_id=case_id).delete()


def _bare(payload: dict[str, Any]) -> dict[str, Any]:
    """The handoff without its content, but with the steps and calls that labels and decisions point at."""
    return {
        "agent": {name: payload["agent"][name] for name in ("name", "version")},
        "kind": payload["kind"],
        "reason": payload["reason"],
        "question": GONE,
        "messages": [],
        "steps": [{"name": GONE} for _ in payload.get("steps") or []],
        "pending_actions": [
            {"tool_call_id": action["tool_call_id"], "name": action["name"], "arguments": {}}
            for action in payload.get("pending_actions") or []
        ],
    }


def _forget_what_was_decided(case_id: UUID) -> None:
    for resolution in Resolution.objects.filter(case_id=case_id):
        resolution.actions = [action | {"arguments": None, "message": ""} for action in resolution.actions]
        resolution.response, resolution.resume = None, {}
        resolution.message = resolution.note = ""
        resolution.training_allowed = False
        resolution.save(
            update_fields=["actions", "response", "resume", "message", "note", "training_allowed"]
        )
    LabelRevision.objects.filter(resolution__case_id=case_id).update(
        note="", must=[], must_not=[], deterministic_rule="", training_allowed=False
    )
    GoldItem.objects.filter(resolution__case_id=case_id, retired_at=None).update(retired_at=Now())


def _drop_reviews(case_id: UUID) -> None:
    """Nobody can judge any more what is gone; what people said of it stays.

    Before the decisions are locked: whoever gives a review locks it first.
    """
    left = Review.objects.filter(
        resolution__case_id=case_id, state__in=[ReviewState.WAITING, ReviewState.DIFFERS]
    )
    left.update(state=ReviewState.DROPPED, holder=None, lease_expires_at=None)


def _forget_what_was_kept_beside(case_id: UUID) -> None:
    Note.objects.filter(case_id=case_id).update(body=GONE)
    Notice.objects.filter(case_id=case_id).delete()
    IdempotencyRecord.objects.filter(case_id=case_id).delete()
    Run.objects.filter(case_id=case_id).update(conversation_id="")
    Checkpoint.objects.filter(case_id=case_id).update(errors=[], conversation_id="")
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_WORDS, [case_id])
