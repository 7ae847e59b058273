"""Private notes on a case. Nothing that leaves the desk (API, webhooks, exports) ever reads them."""

import json
import re
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from escalations.auditing import audit
from escalations.models import Escalation, Note, Notice, NoticeKind, Operator
from escalations.models.people import Role
from escalations.people import notices
from escalations.transitions.recording import record

BODY_MAX = 10_000
_MENTION = re.compile(r"(?<![\w@.+-])@([\w.@+-]{1,150})")
_MENTIONS_MAX = 50
_TEXT_MAX = 300
_SENT = UUID("9c1b7a52-7f0e-4c52-8d5e-2f3a0c6d1e84")


class EmptyNote(ValueError):
    """There is nothing in the note."""


def add(*, case: Escalation, author: Operator, body: str, key: str = "") -> Note:
    """Write a note, and a notice for each `@username` in it who may see the case.

    The case itself does not change: its version stays, and no agent wakes. Nobody edits a note later.
    The same words of the author under the same `key` are added once: a retry gets the note that there is.

    Raises:
        EmptyNote: it says nothing.
    """
    # The database keeps no U+0000; nobody types one by intention.
    body = body.replace("\0", "").replace("\r\n", "\n").strip()[:BODY_MAX]
    if not body:
        raise EmptyNote(_("Write something first."))
    sent_as = uuid5(_SENT, json.dumps([author.pk, key, body])) if key else None
    with transaction.atomic():
        if added := _added_already(case, sent_as):
            return added
        note = Note.objects.create(case=case, author=author, body=body, sent_as=sent_as)
        text = f"{notices.MENTIONED % {'person': author}}: {' '.join(body.split())}"
        text = text if len(text) <= _TEXT_MAX else text[: _TEXT_MAX - 1] + "…"
        Notice.objects.bulk_create(
            Notice(operator=person, case=case, kind=NoticeKind.MENTION, text=text)
            for person in mentioned(case, body)
            if person != author
        )
        record(
            case_id=case.id,
            version=Escalation.objects.values_list("version", flat=True).get(id=case.id),
            kind="noted",
            actor=audit.operator_actor(author),
            data={"note": note.pk},
        )
    return note


def _added_already(case: Escalation, sent_as: UUID | None) -> Note | None:
    if sent_as is None:
        return None
    # Whoever sends the same at this moment waits here, and then finds it added.
    Escalation.objects.select_for_update(no_key=True).only("id").get(id=case.id)
    return Note.objects.filter(case=case, sent_as=sent_as).first()


def mentioned(case: Escalation, body: str) -> list[Operator]:
    """The people whose `@username` stands in `body`, as far as they may see the case."""
    words = dict.fromkeys(_MENTION.findall(body))
    # A sentence may end behind a name, though names may hold dots themselves.
    names = [name for word in words for name in (word, word.rstrip(".+-@")) if name][: 2 * _MENTIONS_MAX]
    people = Operator.objects.filter(username__in=names, is_active=True).order_by("username")
    return [person for person in people if _sees(person, case)]


def who_may_be_mentioned(case: Escalation, typed: str, *, limit: int = 8) -> list[Operator]:
    """People who may see the case and whose username or name begins like `typed`, for completion."""
    starts = Operator.objects.none()
    for field in ("username", "first_name", "last_name"):
        starts |= Operator.objects.filter(**{f"{field}__istartswith": typed})
    found = starts.filter(is_active=True).order_by("username").distinct()[: 10 * limit]
    return [person for person in found if _sees(person, case)][:limit]


def _sees(person: Operator, case: Escalation) -> bool:
    if person.role in (Role.ADMIN, Role.REVIEWER):
        return True
    return Escalation.objects.visible_to(person).filter(id=case.id).exists()
