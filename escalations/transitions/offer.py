"""Offers: leases of 20 s on the right to claim a case that waits. The case itself stays queued.

The order of locks is the one of `escalations.people.capacity`: desk, then case, then offers.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from escalations import sql, stored_words
from escalations.auditing import audit
from escalations.models import (
    Availability,
    Escalation,
    Event,
    How,
    Notice,
    NoticeKind,
    Offer,
    OfferOutcome,
    Operator,
    Presence,
    Ring,
    State,
)
from escalations.models.people import SILENT
from escalations.people import notices
from escalations.people.capacity import lock_desk
from escalations.signals import tell_committed
from escalations.transitions.claim import Claimed, lease
from escalations.transitions.errors import OfferGone, stands

OFFER = timedelta(seconds=20)
# So many in a row, and the person is set away.
MISSES = 2
_SYSTEM = "system"


def offer(*, case_id: UUID, operator_ids: Sequence[int], ring: Ring) -> list[int]:
    """Offer a waiting case to people; who gets it first has it. Returns those who were offered it.

    Left out are people who are not ready or closed their last page, whose desk is full, or who are taking
    something at this moment.
    Nobody gets it if it is offered already or waits no more.
    """
    with transaction.atomic():
        locked = sql.run("lock_for_offer", case_id=case_id, operator_ids=list(operator_ids))
        if not locked:
            return []
        made = sql.run(
            "offer",
            case_id=case_id,
            operator_ids=[row["operator_id"] for row in locked],
            ring=ring.value,
            seconds=OFFER,
            connected=SILENT,
        )
        if made:
            transaction.on_commit(partial(tell_committed, case_id))
    return [row["operator_id"] for row in made]


def accept(*, offer_id: int, operator: Operator) -> Claimed:
    """Claim the case of a live offer; the offers to others are rescinded.

    Raises:
        OfferGone: it ran out, or somebody was first; says who.
    """
    claimed = lease("candidate_accepted", operator, How.OFFERED, offer_id=offer_id)
    if claimed is None:
        raise _gone(offer_id, operator)
    return claimed


def decline(*, offer_id: int, operator: Operator, reason: str = "") -> None:
    """Turn a live offer down. The case keeps its place, and is not offered to this person again.

    Raises:
        OfferGone: it can be accepted no more either.
    """
    with transaction.atomic():
        lock_desk(operator.pk)
        mine = Q(id=offer_id, operator=operator, expires_at__gt=Now())
        actor = audit.operator_actor(operator)
        ended = end_offers(mine, OfferOutcome.DECLINED, actor=actor, reason=reason)
        if not ended:
            raise _gone(offer_id, operator)
        _forgive(operator.pk)
        audit.write(actor=actor, action="decline", target=f"case:{ended[0].case_id}")


def end_offers(which: Q, outcome: OfferOutcome, *, actor: str, reason: str = "") -> list[Offer]:
    """End those offers of `which` that have not ended, with an event each. Needs a transaction."""
    found = list(Offer.objects.filter(which, ended_at=None).values_list("id", "case_id"))
    if not found:
        return []
    _share_cases(case_id for _, case_id in found)
    ended = list(
        Offer.objects.filter(which, ended_at=None, id__in=[offer_id for offer_id, _ in found])
        .select_for_update(no_key=True, of=("self",))
        .order_by("id")
    )
    Offer.objects.filter(id__in=[one.pk for one in ended]).update(
        ended_at=Now(), outcome=outcome, reason=reason[:200]
    )
    _log(ended, outcome, actor, reason)
    return ended


def end_dead_offers(*, limit: int = 100) -> int:
    """Settle offers that can be accepted no more. Returns how many.

    One that timed out was missed if the person was there, and two misses in a row set them away. Whoever
    went away missed nothing. Offers of a case that waits no more are rescinded.
    """
    dead = Offer.objects.filter(ended_at=None).filter(_timed_out() | _left_alone() | _withdrawn())
    people = list(dead.order_by("expires_at").values_list("operator_id", flat=True)[:limit])
    return sum(_settle(operator_id) for operator_id in sorted(set(people)))


def rescind(case_id: UUID, *, actor: str) -> None:
    """End the live offers of a case that waits no more. Needs a transaction that has locked the case."""
    end_offers(Q(case_id=case_id, expires_at__gt=Now()), OfferOutcome.RESCINDED, actor=actor)


def _settle(operator_id: int) -> int:
    """End the dead offers of one person, under the lock of their desk, so that they accept none of them."""
    with transaction.atomic():
        lock_desk(operator_id)
        theirs = Q(operator_id=operator_id)
        closed = Q(case__closed_at__lt=F("expires_at")) | ~_timed_out() & _withdrawn()
        gone = _left_alone() | _timed_out() & Q(operator__presence__seen_at__lt=F("expires_at") - SILENT)
        ended = len(end_offers(theirs & closed, OfferOutcome.RESCINDED, actor=_SYSTEM))
        ended += len(end_offers(theirs & gone, OfferOutcome.GONE, actor=_SYSTEM))
        missed = end_offers(theirs & _timed_out(), OfferOutcome.MISSED, actor=_SYSTEM)
        if missed:
            ended += len(missed) + _count_misses(operator_id, len(missed))
    return ended


def _count_misses(operator_id: int, count: int) -> int:
    """Note the misses; after `MISSES` in a row set the person away. Returns how many offers this ends."""
    Presence.objects.filter(operator_id=operator_id).update(missed=F("missed") + count)
    moved = Presence.objects.filter(
        operator_id=operator_id, missed__gte=MISSES, availability=Availability.AVAILABLE
    ).update(availability=Availability.AWAY, reason=stored_words.MISSED_OFFERS, since=Now(), missed=0)
    if not moved:
        return 0
    Notice.objects.create(operator_id=operator_id, kind=NoticeKind.SET_AWAY, text=notices.SET_AWAY)
    audit.write(actor=_SYSTEM, action="be_away", target=f"operator:{operator_id}")
    return len(end_offers(Q(operator_id=operator_id), OfferOutcome.GONE, actor=_SYSTEM))


def _timed_out() -> Q:
    return Q(expires_at__lte=Now())


def _left_alone() -> Q:
    """Offers that have time left, and nobody there to take them."""
    ready = Presence.objects.ready().values("operator_id")
    return Q(expires_at__gt=Now()) & ~Q(operator__in=ready)


def _withdrawn() -> Q:
    """Offers of cases that wait no more. Asked of each offer's own case: the queue may be long."""
    is_held = Q(case__state=State.CLAIMED, case__lease_expires_at__gt=Now())
    is_elsewhere = ~Q(case__state__in=[State.QUEUED, State.CLAIMED])
    return is_held | is_elsewhere | Q(case__expires_at__lte=Now())


def _forgive(operator_id: int) -> None:
    """Who answers is there: what they missed before does not count."""
    Presence.objects.filter(operator_id=operator_id, missed__gt=0).update(missed=0)


def _share_cases(case_ids: Iterable[UUID]) -> None:
    """Lock the cases before their offers. Events point to cases, so writing them would do it afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM escalations_escalation WHERE id = ANY (%s) ORDER BY id FOR KEY SHARE",
            [sorted(set(case_ids))],
        )


def _log(ended: Sequence[Offer], outcome: OfferOutcome, actor: str, reason: str) -> None:
    cases = {one.case_id for one in ended}
    versions = dict(Escalation.objects.filter(id__in=cases).values_list("id", "version"))
    Event.objects.bulk_create(
        Event(
            case_id=one.case_id,
            kind="offer_ended",
            version=versions[one.case_id],
            actor=actor,
            data={"operator": one.operator_id, "outcome": outcome.value, "reason": reason[:200]},
        )
        for one in ended
    )
    for case_id in cases:
        transaction.on_commit(partial(tell_committed, case_id))


def _gone(offer_id: int, operator: Operator) -> OfferGone:
    found = Offer.objects.select_related("case__holder").filter(id=offer_id, operator=operator).first()
    if found is None:
        return OfferGone(None, _("There is no such offer."))
    case = found.case
    if case.holder == operator:
        return OfferGone(case.id, _("You have this case already."))
    if case.holder or not case.is_open:
        return OfferGone(case.id, stands(case.state), str(case.holder or ""))
    return OfferGone(case.id, _("This offer has ended. The case may still be in the queue."))
