"""Any life of any case, now with offers: the model also knows who was offered what and who is away."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.db.models import F
from django.db.models.functions import Now

from escalations import presence, transitions
from escalations.models import Availability, Offer, Operator, Presence, Ring, State
from escalations.people import capacity
from escalations.transitions import NotAllowed, NotClaimable, OfferGone
from tests import factories
from tests.escalations.transitions.lives import CAPACITY, MOVES, PEOPLE, Desk, Life
from tests.escalations.transitions.playing import live, without
from tests.escalations.transitions.promises import check

pytestmark = pytest.mark.django_db
OVER = transitions.OFFER + timedelta(seconds=1)


@dataclass
class Offered:
    """An offer as the model knows it. `is_settled` once its end is noted."""

    id: int
    case_id: UUID
    person: Operator
    is_live: bool = True
    is_settled: bool = False

    def end(self) -> None:
        self.is_live, self.is_settled = False, True


class OfferDesk(Desk):
    """A desk whose people are there and can be offered cases, several of them at once."""

    def __init__(self) -> None:
        super().__init__()
        Presence.objects.update(seen_at=Now(), availability=Availability.AVAILABLE)
        self.offers: list[Offered] = []
        self.declined: set[tuple[UUID, int, Operator]] = set()
        self.misses = dict.fromkeys(self.people, 0)
        self.away: set[Operator] = set()

    def live_offers(self, *, person: Operator | None = None, case_id: UUID | None = None) -> list[Offered]:
        return [
            one
            for one in self.offers
            if one.is_live and person in (None, one.person) and case_id in (None, one.case_id)
        ]

    def load(self, person: Operator) -> int:
        return super().load(person) + len(self.live_offers(person=person))

    def fits(self, person: Operator, case_id: UUID) -> bool:
        """Whether the person has room for the case; one that is offered to them has room already."""
        return self.load(person) + (not self.live_offers(person=person, case_id=case_id)) <= CAPACITY

    def may_pull(self, person: Operator, case_id: UUID, life: Life) -> bool:
        elsewhere = any(one.person != person for one in self.live_offers(case_id=case_id))
        refused = (case_id, life.cycle, person) in self.declined
        return life.comes_to(person) and not elsewhere and not refused and self.fits(person, case_id)

    def taken(self, case_id: UUID, person: Operator) -> None:
        """What becomes of the offers of a case that somebody took."""
        self.misses[person] = 0
        for one in self.offers:
            if one.case_id == case_id and (one.is_live or (one.person == person and not one.is_settled)):
                one.end()

    def take_next(self, number: int, _: int) -> None:
        person = self.people[number % PEOPLE]
        possible = {case_id for case_id, life in self.lives.items() if self.may_pull(person, case_id, life)}
        claimed = transitions.claim_next(operator=person)
        assert (claimed is not None) == bool(possible)
        if claimed:
            assert claimed.lease.case_id in possible
            self.lives[claimed.lease.case_id].taken(claimed.lease)
            self.taken(claimed.lease.case_id, person)

    def pick(self, number: int, other: int) -> None:
        person, chosen = self.people[number % PEOPLE], self.choose(other)
        if not chosen:
            return
        case_id, life = chosen
        fits = self.fits(person, case_id)
        try:
            lease = factories.claim(case_id, person)
        except NotAllowed:
            assert life.waits
            assert not fits
        except NotClaimable:
            assert not life.waits
        else:
            assert life.waits
            assert fits
            life.taken(lease)
            self.taken(case_id, person)

    def offer(self, number: int, other: int) -> None:
        chosen = self.choose(number)
        if not chosen:
            return
        case_id, life = chosen
        asked = [person for place, person in enumerate(self.people) if (other + 1) >> place & 1]
        unsettled = {one.person for one in self.offers if one.case_id == case_id and not one.is_settled}
        could = life.waits and not self.live_offers(case_id=case_id)
        able = [p for p in asked if p not in self.away and p not in unsettled and self.load(p) < CAPACITY]
        made = transitions.offer(case_id=case_id, operator_ids=[p.pk for p in asked], ring=Ring.SEVERAL)
        assert set(made) == ({person.pk for person in able} if could else set())
        for offer in Offer.objects.live().filter(case=case_id).exclude(id__in=[o.id for o in self.offers]):
            person = next(person for person in self.people if person.pk == offer.operator_id)
            self.offers.append(Offered(offer.pk, case_id, person))

    def accept(self, number: int, _: int) -> None:
        if not self.offers:
            return
        offer = self.offers[number % len(self.offers)]
        life = self.lives[offer.case_id]
        allowed = offer.is_live and life.waits
        try:
            claimed = transitions.accept(offer_id=offer.id, operator=offer.person)
        except OfferGone:
            assert not allowed
        else:
            assert allowed
            life.taken(claimed.lease)
            self.taken(offer.case_id, offer.person)

    def decline(self, number: int, _: int) -> None:
        if not self.offers:
            return
        offer = self.offers[number % len(self.offers)]
        try:
            transitions.decline(offer_id=offer.id, operator=offer.person)
        except OfferGone:
            assert not offer.is_live
        else:
            assert offer.is_live
            offer.end()
            self.misses[offer.person] = 0
            self.declined.add((offer.case_id, self.lives[offer.case_id].cycle, offer.person))

    def let_offers_run_out(self, number: int, _: int) -> None:
        for offer in self.live_offers()[: 1 + number % 2]:
            Offer.objects.filter(id=offer.id).update(
                offered_at=F("offered_at") - OVER, expires_at=F("expires_at") - OVER
            )
            offer.is_live = False

    def settle(self, _: int, __: int) -> None:
        transitions.end_dead_offers()
        for person in self.people:
            missed = [
                one for one in self.offers if one.person == person and not one.is_live and not one.is_settled
            ]
            for one in missed:
                one.end()
            if missed:
                self.misses[person] += len(missed)
                if self.misses[person] >= 2 and person not in self.away:
                    self.go_away(person)

    def turn_round(self, number: int, _: int) -> None:
        person = self.people[number % PEOPLE]
        if person in self.away:
            presence.set_availability(operator=person, availability=Availability.AVAILABLE)
            self.away.remove(person)
            self.misses[person] = 0
        else:
            presence.set_availability(operator=person, availability=Availability.AWAY)
            self.go_away(person)

    def go_away(self, person: Operator) -> None:
        """Whoever goes away has no offers left, whether they had run out or not."""
        self.away.add(person)
        self.misses[person] = 0
        for one in self.offers:
            if one.person == person:
                one.end()

    def withdraw(self, number: int, other: int) -> None:
        super().withdraw(number, other)
        self._end_offers_of_what_waits_no_more()

    def take_over(self, number: int, other: int) -> None:
        super().take_over(number, other)
        self._end_offers_of_what_waits_no_more()

    def has_room(self, person: Operator) -> bool:
        return super().has_room(person) and person not in self.away

    def _end_offers_of_what_waits_no_more(self) -> None:
        for one in self.live_offers():
            if not self.lives[one.case_id].waits:
                one.end()


_NEW = ["offer", "offer", "accept", "decline", "let_offers_run_out", "settle", "turn_round"]
OFFER_MOVES = [*MOVES, *_NEW]


def check_offers(desk: OfferDesk) -> None:
    """Every promise of before, and those of offers."""
    check(desk)
    stored = set(Offer.objects.live().values_list("id", flat=True))
    assert stored == {one.id for one in desk.live_offers()}
    assert not Offer.objects.live().exclude(case__state__in=[State.QUEUED, State.CLAIMED]).exists()
    for person in desk.people:
        load = capacity.load(person)
        assert load.used == desk.load(person)
        assert load.used <= CAPACITY, "a desk is overfilled"
    away = Presence.objects.exclude(availability=Availability.AVAILABLE).values_list("operator", flat=True)
    assert set(away) == {person.pk for person in desk.away}


def test_any_life_with_offers_keeps_every_promise():
    live(25, kind=OfferDesk, moves=OFFER_MOVES, checked=check_offers)


@pytest.mark.parametrize(
    ("part", "statement"),
    [
        (r"AND escalation\.weight <= operator\.free", "candidate_picked"),  # the room on the desk
        (r"AND offer\.expires_at > statement_timestamp\(\)", "candidate_accepted"),  # the end of the offer
    ],
)
def test_without_this_part_a_broken_promise_of_offers_would_be_noticed(part, statement, monkeypatch):
    without(part, statement, monkeypatch)
    telling = ["hand_off", "pick", "offer", "accept", "let_offers_run_out"]
    with pytest.raises(AssertionError):
        # Few lives tell; which ones is also up to the ids. The first that does is nearly the last.
        live(200, kind=OfferDesk, moves=telling, checked=check_offers)
