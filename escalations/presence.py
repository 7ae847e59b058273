"""Who is there, and willing. By the server's own ping of open pages; only the database's clock counts.

`Presence.seen_at` ages by itself, so a process that dies with its pages marks nobody present for ever.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Least, Now

from escalations import nudges, sql, stored_words
from escalations.auditing import audit
from escalations.models import Availability, OfferOutcome, Operator, Presence, Stay
from escalations.models.people import CONNECTED, SILENT
from escalations.people.capacity import Load, load, lock_desk
from escalations.signals import tell_desk_changed
from escalations.transitions.lease import keep_all, put_all_back
from escalations.transitions.offer import end_offers

__all__ = ["Load", "is_available", "left", "load", "seen", "set_availability"]

# Other processes may have noted the same person a moment ago.
_FRESH = timedelta(seconds=10)


def seen(operator_id: int) -> bool:
    """Note that a page of this person is open now. True if nobody knew of one."""
    rows = sql.run("seen", operator_id=operator_id, fresh=_FRESH, connected=CONNECTED, silent=SILENT)
    came = bool(rows and rows[0]["came"])
    if came:
        nudges.route_soon()
    return came


def left(operator_id: int) -> None:
    """Note that the last page of this person in this process was closed.

    They may have one elsewhere, whose next pong makes this undone. Until then nothing new is offered to them;
    what they were offered and hold stays theirs for a while. Without a pong they count as gone a little
    before `CONNECTED` is over, and an offer that runs out meanwhile was not missed.
    """
    Presence.objects.filter(operator_id=operator_id).update(seen_at=Least(F("seen_at"), Now() - SILENT))
    newest = Stay.objects.filter(operator_id=operator_id).order_by("-started_at").values("id")[:1]
    Stay.objects.filter(id__in=newest, ended_at__gt=Now() - CONNECTED).update(ended_at=Now())


def is_available(operator: Operator) -> bool:
    """Whether the person did not say, or the desk for them, that they wrap up or are away."""
    unwilling = [Availability.WRAP_UP, Availability.AWAY]
    return not Presence.objects.filter(operator=operator, availability__in=unwilling).exists()


def set_availability(
    *, operator: Operator, availability: Availability, reason: str = "", put_back: bool = False
) -> Presence:
    """Say that `operator` is available, wrapping up or away. Not available ends their live offers as gone.

    What they hold when they go away goes back in the queue (`put_back`), or stays theirs for a while.
    """
    with transaction.atomic():
        lock_desk(operator.pk)
        # Who only watched was there: their going away is a change.
        same = Q(availability=availability) & ~Q(reason=stored_words.WATCHING)
        Presence.objects.filter(operator=operator).exclude(same).update(since=Now())
        Presence.objects.filter(operator=operator).update(
            availability=availability, reason=reason[:100], missed=0
        )
        if availability == Availability.AWAY:
            put_all_back(operator) if put_back else keep_all(operator)
        if availability != Availability.AVAILABLE:
            end_offers(Q(operator=operator), OfferOutcome.GONE, actor=audit.operator_actor(operator))
        audit.write(
            actor=audit.operator_actor(operator),
            action=f"be_{availability}",
            target=f"operator:{operator.pk}",
        )
        transaction.on_commit(nudges.route_soon)
        transaction.on_commit(tell_desk_changed)
    return Presence.objects.get(operator=operator)
