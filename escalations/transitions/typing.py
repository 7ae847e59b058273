"""The user is typing: a hint for whoever looks at the case, and no change of it."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from escalations.models import OPEN_STATES, Escalation, Event
from escalations.transitions.errors import CaseClosed
from escalations.transitions.recording import announce

SHOWN = timedelta(seconds=6)
# An agent may tell of each keystroke: what is told sooner than this after the last time costs no event.
_NOT_BEFORE = timedelta(seconds=3)


def typing(*, case_id: UUID, actor: str) -> None:
    """Show for `SHOWN` that the user is typing. No version grows, so no agent wakes, and nothing is audited.

    Raises:
        CaseClosed: it is resolved, expired or cancelled.
        Escalation.DoesNotExist: there is no such case.
    """
    with transaction.atomic():
        stale = Q(user_typing_until=None) | Q(user_typing_until__lt=Now() + (SHOWN - _NOT_BEFORE))
        shown = Escalation.objects.filter(stale, id=case_id).open().update(user_typing_until=Now() + SHOWN)
        state, version = Escalation.objects.values_list("state", "version").get(id=case_id)
        if shown:
            Event.objects.create(case_id=case_id, kind="typing", version=version, actor=actor)
            announce(case_id=case_id, kind="typing")
        elif state not in OPEN_STATES:
            raise CaseClosed(case_id, state)
