"""The holder talks to the user, through the agent's channel."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from escalations.auditing import audit
from escalations.handoffs import attachments as links
from escalations.models import Escalation, Turn
from escalations.sla import clocks
from escalations.transitions.errors import TransitionError
from escalations.transitions.lease import held, lost
from escalations.transitions.recording import record
from escalations.transitions.tokens import LeaseToken

TEXT_MAX = 20_000
_SENT = UUID("4f0c7d0e-9d4b-4e53-8a53-3c5e52f0f3a6")


class InvalidTurn(TransitionError):
    """There is nothing to say, too much, or a link that cannot be sent."""


def say(
    *, lease: LeaseToken, text: str, attachments: Iterable[Mapping[str, Any]] = (), key: str = ""
) -> Turn:
    """Write to the user: a turn of the assistant, whose author is the holder.

    The same words under the same `key` are said once: a retry gets the turn that there is, also when the
    claim has ended since. Without a key they are said each time.

    The version grows, so that the agent's long-poll wakes and fetches the turn. The row of the case is
    changed before the turn is written, here as in every other move that adds turns: so the turns of one
    case commit in the order of their ids, and a reader that goes on after the last id it saw misses none.

    Raises:
        LeaseLost: the lease ran out or passed on, or the hard limit of the case passed.
        InvalidTurn: no text and no link, too long a text, or a link that is no web address.
    """
    message = _message(text, attachments)
    sent_as = _identity(lease, key, message)
    with transaction.atomic():
        if said := _said_already(lease, sent_as):
            return said
        if not held(lease).within_hard_limit().update(version=F("version") + 1):
            raise lost(lease)
        due_at = clocks.answered(lease.case_id)
        if due_at is not None:
            clocks.restart_timers(lease.case_id)
        turn = Turn.objects.create(
            case_id=lease.case_id, author=lease.operator, message=message, sent_as=sent_as
        )
        record(
            case_id=lease.case_id,
            version=Escalation.objects.values_list("version", flat=True).get(id=lease.case_id),
            kind="said",
            actor=audit.operator_actor(lease.operator),
            data={"turn": turn.pk} | clocks.owed_until(due_at),
        )
    return turn


def _identity(lease: LeaseToken, key: str, message: Mapping[str, Any]) -> UUID | None:
    """One value for what one person sends under one key; other words under it are another turn."""
    if not key:
        return None
    return uuid5(_SENT, json.dumps([lease.operator.pk, key, message], sort_keys=True))


def _said_already(lease: LeaseToken, sent_as: UUID | None) -> Turn | None:
    if sent_as is None:
        return None
    # Whoever sends the same at this moment waits here, and then finds it said.
    Escalation.objects.select_for_update(no_key=True).only("id").get(id=lease.case_id)
    return Turn.objects.filter(case_id=lease.case_id, sent_as=sent_as).first()


def _message(text: str, attachments: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    # The database keeps no U+0000; nobody types one by intention.
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    try:
        kept = links.checked(attachments)
    except links.InvalidAttachment as error:
        raise InvalidTurn(str(error)) from None
    if not text and not kept:
        raise InvalidTurn(_("Write something first."))
    if len(text) > TEXT_MAX:
        raise InvalidTurn(
            _("This is too long: %(length)s characters. %(most)s can be sent.")
            % {"length": f"{len(text):,}", "most": f"{TEXT_MAX:,}"}
        )
    message: dict[str, Any] = {"role": "assistant", "content": text}
    return message | {"attachments": kept} if kept else message
