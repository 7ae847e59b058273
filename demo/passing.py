"""Carries out who was offered a case, and how those who did not decide it left it."""

from datetime import timedelta
from uuid import UUID

from django.db.models.functions import Now

from demo.history import Offered, Pass, PastCase
from demo.player import Player
from escalations import transitions
from escalations.models import Offer, OfferOutcome, Presence, Queue, Ring
from escalations.transitions import LeaseToken

_LOADING = timedelta(hours=1)
_NOBODY = {"seen_at": None, "last_offered_at": None, "missed": 0}


def all_are_there(player: Player) -> None:
    """Have a page open for everybody, as offers need it; until `all_have_left`."""
    Presence.objects.bulk_create(
        [Presence(operator=person) for person in player.people.values()], ignore_conflicts=True
    )
    Presence.objects.update(seen_at=Now() + _LOADING)


def all_have_left() -> None:
    """Nobody has truly been there yet."""
    Presence.objects.update(**_NOBODY)


def offered(player: Player, case: PastCase, case_id: UUID) -> LeaseToken | None:
    """Make the offers of the case. The lease of who accepted, None if there was no offer."""
    lease = None
    for one in case.offers:
        person = player.people[one.operator]
        transitions.offer(case_id=case_id, operator_ids=[person.pk], ring=Ring.EXACT)
        player.happened(case_id, one.at, one.ended_at)
        offer_id = Offer.objects.live().values_list("id", flat=True).get(case_id=case_id, operator=person)
        if one.outcome == OfferOutcome.ACCEPTED:
            lease = transitions.accept(offer_id=offer_id, operator=person).lease
            player.happened(case_id, one.ended_at)  # two events: the claim, and the end of the offer
        elif one.outcome == OfferOutcome.DECLINED:
            transitions.decline(offer_id=offer_id, operator=person, reason=one.reason)
        else:
            _miss(offer_id, one, player)
    return lease


def _miss(offer_id: int, one: Offered, player: Player) -> None:
    """Let the time of the offer be over. One miss alone sets nobody away."""
    Offer.objects.filter(id=offer_id).update(expires_at=Now())
    transitions.end_dead_offers()
    Presence.objects.filter(operator=player.people[one.operator]).update(missed=0)


def leave(player: Player, lease: LeaseToken, work: Pass, following: Pass) -> LeaseToken | None:
    """Pass the case on, or give it back. The lease of who has it then, None if it waits."""
    if work.to_queue:
        transitions.transfer(lease=lease, to_queue=Queue.objects.get(name=work.to_queue), note=work.note)
    elif work.hands_over:
        person = player.people[following.operator]
        case = transitions.transfer(lease=lease, to_operator=person, note=work.note)
        return LeaseToken(case.id, person, case.lease_token)
    else:
        transitions.release(lease=lease)
    return None
