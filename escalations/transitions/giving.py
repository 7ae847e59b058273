"""What moves between people have in common: room on the desk of whoever gets a case, and their lease."""

from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext as _

from escalations.models import (
    Claim,
    Escalation,
    How,
    Notice,
    NoticeKind,
    Operator,
    Outcome,
    Presence,
    State,
)
from escalations.models.case_queries import EscalationQuerySet
from escalations.people import capacity
from escalations.people.capacity import Load
from escalations.sla import clocks
from escalations.transitions import aside
from escalations.transitions.claim import Claimed
from escalations.transitions.errors import NoRoom, NotAllowed
from escalations.transitions.offer import rescind
from escalations.transitions.tokens import LeaseToken

# Who was given a case does not look at it yet, so their lease lasts until they had time to find it.
GIVEN = timedelta(minutes=10)
_NOTICE_MAX = 300


def require_supervisor(operator: Operator) -> None:
    """Refuse what only reviewers and admins may do.

    Raises:
        NotAllowed: neither.
    """
    if not operator.is_supervisor:
        raise NotAllowed(_("Only reviewers and admins may do this."))


def ensure_able(operator: Operator, case: Escalation) -> None:
    """Refuse to give a case to somebody who could not work it.

    Raises:
        NotAllowed: their account is closed, they are not in its queue, or lack a skill that it requires.
    """
    able = Escalation.objects.filter(id=case.id).givable_to(operator)
    if not operator.is_active or not able.exists():
        raise unable(operator, case)


def unable(operator: Operator, case: Escalation) -> NotAllowed:
    """The error for a case that somebody could not work; needs its queue loaded."""
    words = _("%(person)s is not in the queue %(queue)s or lacks a skill that it requires.")
    return NotAllowed(words % {"person": operator, "queue": case.queue})


def away(operator: Operator) -> NoRoom:
    """The error for somebody who is away."""
    return NoRoom(_("%(person)s is away.") % {"person": operator})


def no_room(operator: Operator, load: Load) -> NoRoom:
    """The error for somebody who holds too much to be given a case."""
    words = _("%(person)s has no room: %(used)s of %(capacity)s is in use.")
    return NoRoom(words % {"person": operator, "used": load.used, "capacity": load.capacity})


def ensure_room(
    operator: Operator, case: Escalation, *, force: bool = False, even_away: bool = False
) -> None:
    """Lock the desk of `operator` until the transaction ends, and refuse what it has no room for.

    The lock is the one that routing takes, so that no race fills a desk twice. It comes before the lock of
    the case, everywhere.

    Raises:
        NoRoom: what they hold and are offered leaves no room, or they are away and did not ask for the
            case themselves (`even_away`). Never with `force`.
    """
    capacity.lock_desk(operator.pk)
    if force:
        return
    is_away = Presence.objects.away().filter(operator=operator).exists()
    if is_away and not even_away:
        raise away(operator)
    load = capacity.load(operator, without=case.id)
    if case.weight > load.free:
        raise no_room(operator, load)


def lease_to(
    found: EscalationQuerySet,
    operator: Operator,
    how: How,
    *,
    before: Escalation,
    lasts: timedelta,
) -> Escalation | None:
    """Lease the case in `found`, a question that only holds while the move is allowed. None if it is not.

    `before` is the same case, locked and read in this transaction: what becomes of its earlier claim
    depends on it.
    """
    moved = found.update(
        state=State.CLAIMED,
        holder=operator,
        lease_token=F("lease_token") + 1,
        lease_expires_at=Now() + lasts,
        first_claimed_at=Coalesce("first_claimed_at", Now()),
        version=F("version") + 1,
        **aside.over(before),
    )
    if not moved:
        return None
    if before.paused_at:
        clocks.restart_timers(before.id)
    _end_earlier_claim(before)
    case = Escalation.objects.select_related("queue").get(id=before.id)
    Claim.objects.create(case=case, operator=operator, token=case.lease_token, how=how)
    rescind(case.id, actor="system")
    return case


def claimed(case: Escalation, operator: Operator) -> Claimed:
    """The lease that `lease_to` gave, for who took the case themselves."""
    expires_at = cast(datetime, case.lease_expires_at)
    return Claimed(lease=LeaseToken(case.id, operator, case.lease_token), expires_at=expires_at)


def locked(case_id: UUID) -> Escalation:
    """The case with its queue and people, locked until the transaction ends.

    Read after the lock and apart from it: a lock that had to wait would look for the queue and the holder
    of before in the row of after.

    Raises:
        Escalation.DoesNotExist: there is no such case.
    """
    # Whoever only adds a row to the case, a note or a timer, need not wait.
    Escalation.objects.select_for_update(no_key=True).only("id").get(id=case_id)
    return Escalation.objects.with_liveness().select_related("queue", "holder", "affinity").get(id=case_id)


def tell(operator: Operator, case: Escalation, kind: NoticeKind, text: str, note: str = "") -> None:
    """Leave a notice for `operator` about the case, in words of `escalations.people.notices`.

    What somebody wrote to them, the `note`, takes the place of the headline, which pages show beside it.
    """
    words = f"{text}: {' '.join(note.split()) or case.headline}"
    Notice.objects.create(operator=operator, case=case, kind=kind, text=_clipped(words))


def _clipped(words: str) -> str:
    return words if len(words) <= _NOTICE_MAX else words[: _NOTICE_MAX - 1] + "…"


def _end_earlier_claim(before: Escalation) -> None:
    live = Claim.objects.filter(case=before, ended_at=None)
    if before.state == State.CLAIMED and not before.is_held:
        live.update(ended_at=before.lease_expires_at, outcome=Outcome.LOST)
    else:
        live.update(ended_at=Now(), outcome=Outcome.PASSED)
