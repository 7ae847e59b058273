"""Any life of any case, now with callers that do the same at one moment, each on a connection of its own."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from threading import Barrier, BrokenBarrierError

import pytest
from django.core.management import call_command

from escalations.people import capacity
from escalations.transitions import LeaseLost, LeaseToken, NotAllowed, NotClaimable
from tests import factories
from tests.escalations.transitions.lives import CAPACITY, CASES, PEOPLE, Desk
from tests.escalations.transitions.playing import live
from tests.escalations.transitions.promises import check
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
_MOVES = ["hand_off", "hand_off", "pick", "pick_two", "pick_two", "take_next", "release", "decide", "sweep"]


class DeskAtOnce(Desk):
    """A desk where whoever acts does so twice at once, or acts together with somebody else."""

    def hand_off(self, number: int, _: int) -> None:
        if len(self.posted) == CASES:
            return
        key, body = f"key {len(self.posted)}", self.body(number)
        first, second = at_once([partial(self.post, key, body)] * 2)
        self.opened(key, body, first)
        assert (second.status_code, second.content) == (201, first.content)

    def pick(self, number: int, other: int) -> None:
        """Two people want the same case."""
        if chosen := self.choose(other):
            people = [self.people[(number + n) % PEOPLE] for n in range(2)]
            waits, able = chosen[1].waits, any(map(self.has_room, people))
            given = self._leases(at_once([partial(factories.claim, chosen[0], person) for person in people]))
            assert len(given) == (waits and able), "two people were given one case"

    def pick_two(self, number: int, other: int) -> None:
        """One person wants two cases, and may have room for one."""
        if len(self.lives) > 1:
            person, two = self.people[number % PEOPLE], [self.choose(other), self.choose(other + 1)]
            waiting = sum(life.waits for _, life in two)
            room = CAPACITY - self.load(person)
            given = self._leases(at_once([partial(factories.claim, case, person) for case, _ in two]))
            assert len(given) == min(waiting, room), "a desk is overfilled"

    def decide(self, number: int, other: int) -> None:
        """A decision is sent twice."""
        chosen = self.choose(number)
        if not chosen or not chosen[1].leases:
            return
        life = chosen[1]
        answers = at_once([partial(factories.decide, life.leases[-1])] * 2)
        lost = [isinstance(answer, LeaseLost) for answer in answers]
        assert lost.count(False) == life.is_live, "a decision counts twice"
        if life.is_live:
            life.let_go("resolved")

    def _leases(self, answers: list[LeaseToken | Exception]) -> list[LeaseToken]:
        given = [answer for answer in answers if not isinstance(answer, NotAllowed | NotClaimable)]
        for lease in given:
            assert isinstance(lease, LeaseToken), lease
            self.lives[lease.case_id].taken(lease)
        return given


@contextmanager
def emptied() -> Iterator[None]:
    """Other connections see only what is committed, so that nothing can be taken back."""
    try:
        yield
    finally:
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


class FullDesk(DeskAtOnce):
    """All is claimed by one person. Of two claims at once each waits a moment for the other."""

    both: Barrier | None = None

    def __init__(self) -> None:
        super().__init__()
        self.people = self.people[:1] * PEOPLE

    def pick_two(self, number: int, other: int) -> None:
        FullDesk.both = Barrier(2)
        try:
            super().pick_two(number, other)
        finally:
            FullDesk.both = None

    @classmethod
    def wait(cls) -> None:
        if cls.both:
            with suppress(BrokenBarrierError):
                cls.both.wait(timeout=1)


def play(lives: int, *, moves: list[str], kind: type[DeskAtOnce] = DeskAtOnce) -> None:
    live(lives, kind=kind, moves=moves, checked=check, within=emptied, most_moves=24)


def test_any_life_with_everything_twice_at_once_keeps_every_promise():
    play(4, moves=_MOVES)


def test_without_the_lock_of_the_desk_a_broken_promise_would_be_noticed(monkeypatch):
    claim = import_module("escalations.transitions.claim")
    announce = claim.announce
    monkeypatch.setattr(claim, "announce", lambda **event: (FullDesk.wait(), announce(**event)))
    monkeypatch.setattr(capacity, "lock_desk", lambda operator_id: None)
    with pytest.raises(AssertionError, match="overfilled"):
        play(10, moves=["hand_off"] * 3 + ["take_next", "release", "pick_two"], kind=FullDesk)
