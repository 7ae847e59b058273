"""Any life of any case: moves in any order against PostgreSQL, with a small model beside it that must agree.

The model knows what each person was told. What must hold after each move: a resolution counts once per
cycle, claims never overlap, whoever froze changes nothing, nobody holds more than their capacity.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import Count, F, Sum, Window
from django.db.models.functions import Lag
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agents_api.models import WebhookDelivery, WebhookEndpoint
from escalations import sql, sweeps, transitions
from escalations.models import Claim, Escalation, Event, Operator, Resolution, State
from escalations.transitions import CaseClosed, LeaseLost, LeaseToken, NotAllowed, NotClaimable
from tests import factories

PEOPLE, CASES, CAPACITY = 3, 4, 2
pytestmark = pytest.mark.django_db


@dataclass
class Life:
    """What the model knows of one case. `leases` are all that were given out, the newest last."""

    state: State = State.QUEUED
    is_live: bool = False
    cycle: int = 1
    leases: list[LeaseToken] = field(default_factory=list)
    turns: int = 0

    def taken(self, lease: LeaseToken) -> None:
        self.leases.append(lease)
        self.state, self.is_live = State.CLAIMED, True

    def let_go(self, state: State) -> None:
        self.state, self.is_live = state, False

    @property
    def waits(self) -> bool:
        """Whether somebody could take it: also under a lease that ran out."""
        return self.state == State.QUEUED or (self.state == State.CLAIMED and not self.is_live)


class Desk:
    """A desk with a few people, and the model of it. Each move takes two numbers to choose by."""

    def __init__(self) -> None:
        self.agent = factories.make_agent()
        WebhookEndpoint.objects.create(agent=self.agent, url="https://agent.example.com/", secret="whsec_x")
        self.people = [factories.make_operator(capacity=CAPACITY) for _ in range(PEOPLE)]
        self.lives: dict[UUID, Life] = {}

    def load(self, person: Operator) -> int:
        return sum(life.is_live and life.leases[-1].operator == person for life in self.lives.values())

    def choose(self, number: int) -> tuple[UUID, Life] | None:
        return list(self.lives.items())[number % len(self.lives)] if self.lives else None

    def hand_off(self, number: int, _: int) -> None:
        if len(self.lives) < CASES:
            case = factories.make_case(self.agent, routing={"priority": ["urgent", "normal"][number % 2]})
            self.lives[case.id] = Life()

    def take_next(self, number: int, _: int) -> None:
        person = self.people[number % PEOPLE]
        claimed = transitions.claim_next(operator=person)
        possible = self.load(person) < CAPACITY and any(life.waits for life in self.lives.values())
        assert (claimed is not None) == possible
        if claimed:
            assert self.lives[claimed.lease.case_id].waits
            self.lives[claimed.lease.case_id].taken(claimed.lease)

    def pick(self, number: int, other: int) -> None:
        person, chosen = self.people[number % PEOPLE], self.choose(other)
        if not chosen:
            return
        case_id, life = chosen
        try:
            lease = factories.claim(case_id, person)
        except NotAllowed:
            assert self.load(person) >= CAPACITY
        except NotClaimable:
            assert not life.waits
        else:
            assert life.waits
            assert self.load(person) < CAPACITY
            life.taken(lease)

    def freeze_past_the_lease(self, number: int, _: int) -> None:
        for case_id, life in self.lives.items():
            if life.is_live and number % 2:
                _let_pass(transitions.LEASE, case_id)
                life.is_live = False

    def sweep(self, _: int, __: int) -> None:
        sweeps.requeue_dead_leases()
        for life in self.lives.values():
            if life.state == State.CLAIMED and not life.is_live:
                life.let_go(State.QUEUED)

    def heartbeat(self, number: int, other: int) -> None:
        self._act(number, other, lambda lease: partial(transitions.heartbeat, lease=lease))

    def release(self, number: int, other: int) -> None:
        if life := self._act(number, other, lambda lease: partial(transitions.release, lease=lease)):
            life.let_go(State.QUEUED)

    def decide(self, number: int, other: int) -> None:
        if life := self._act(number, other, lambda lease: partial(factories.decide, lease)):
            life.let_go(State.RESOLVED)

    def say(self, number: int, other: int) -> None:
        if life := self._act(number, other, lambda lease: partial(transitions.say, lease=lease, text="Yes?")):
            life.turns += 1

    def user_writes(self, number: int, _: int) -> None:
        chosen = self.choose(number)
        if not chosen:
            return
        case_id, life = chosen
        message = {"role": "user", "content": "Hello?"}
        try:
            transitions.add_message(case_id=case_id, messages=[message], actor="agent:support")
        except CaseClosed:
            assert life.state in (State.RESOLVED, State.CANCELLED)
        else:
            assert life.state in (State.QUEUED, State.CLAIMED)
            life.turns += 1

    def _act(self, number: int, other: int, how) -> Life | None:
        """Act under the newest lease of a case or an earlier one; the life if that counted."""
        chosen = self.choose(number)
        if not chosen or not chosen[1].leases:
            return None
        life = chosen[1]
        lease = life.leases[-1 - other % len(life.leases)]
        allowed = life.is_live and lease == life.leases[-1]
        try:
            with transaction.atomic():
                how(lease)()
        except LeaseLost:
            assert not allowed
            return None
        assert allowed, "a dead lease was obeyed"
        return life

    def withdraw(self, number: int, other: int) -> None:
        chosen = self.choose(number)
        if not chosen or other % 3:
            return
        case_id, life = chosen
        try:
            transitions.cancel(case_id=case_id, actor="agent:support")
        except CaseClosed:
            assert life.state in (State.RESOLVED, State.CANCELLED)
        else:
            assert life.state in (State.QUEUED, State.CLAIMED)
            life.let_go(State.CANCELLED)

    def reopen(self, number: int, other: int) -> None:
        chosen = self.choose(number)
        if not chosen:
            return
        case_id, life = chosen
        try:
            transitions.reopen(case_id=case_id, operator=self.people[other % PEOPLE], reason="")
        except CaseClosed:
            assert life.state != State.RESOLVED
        else:
            assert life.state == State.RESOLVED
            life.state, life.cycle = State.QUEUED, life.cycle + 1


MOVES = [
    *(Desk.hand_off, Desk.take_next, Desk.pick, Desk.freeze_past_the_lease, Desk.sweep),
    *(Desk.heartbeat, Desk.release, Desk.decide, Desk.withdraw, Desk.reopen),
    *(Desk.say, Desk.user_writes),
]


def check(desk: Desk) -> None:
    """Every promise, by what the tables hold."""
    rows = Escalation.objects.with_liveness().in_bulk()
    assert rows.keys() == desk.lives.keys()
    for case_id, life in desk.lives.items():
        row = rows[case_id]
        assert (row.state, row.cycle, row.is_held) == (life.state, life.cycle, life.is_live)
        assert row.turns_since.count() == life.turns
        if life.is_live:
            assert (row.holder, row.lease_token) == (life.leases[-1].operator, life.leases[-1].token)
    _one_resolution_counts_per_case_and_cycle()
    _claims_on_a_case_never_overlap()
    _nobody_holds_more_than_they_can()
    _what_is_decided_is_on_its_way()
    _versions_of_a_case_only_grow()


def _one_resolution_counts_per_case_and_cycle() -> None:
    assert all(row["n"] == 1 for row in Resolution.objects.values("case", "cycle").annotate(n=Count("id")))
    decided = Resolution.objects.current().values_list("case_id", flat=True)
    assert set(decided) == set(Escalation.objects.filter(state=State.RESOLVED).values_list("id", flat=True))


def _claims_on_a_case_never_overlap() -> None:
    before = Window(Lag("ended_at"), partition_by="case_id", order_by="token")
    claims = Claim.objects.annotate(before=before).values_list("token", "before", "started_at")
    assert all(token == 1 or (ended and ended <= started) for token, ended, started in claims)


def _nobody_holds_more_than_they_can() -> None:
    held = Escalation.objects.with_liveness().filter(is_held=True).values("holder")
    assert all(row["used"] <= CAPACITY for row in held.annotate(used=Sum("weight")))


def _what_is_decided_is_on_its_way() -> None:
    sent = WebhookDelivery.objects.filter(event_type="handoff.resolved").count()
    assert sent == Resolution.objects.count()


def _versions_of_a_case_only_grow() -> None:
    before = Window(Lag("version"), partition_by="case_id", order_by="id")
    versions = Event.objects.annotate(before=before).values_list("before", "version")
    assert all(earlier is None or earlier <= later for earlier, later in versions)


def _let_pass(time: timedelta, case_id: UUID) -> None:
    """As if so much time had passed since the last move: all claims of the case move into the past."""
    earlier = {"started_at": F("started_at") - time, "ended_at": F("ended_at") - time}
    Claim.objects.filter(case=case_id).update(**earlier)
    Escalation.objects.filter(id=case_id).update(lease_expires_at=F("lease_expires_at") - time)


def live(
    lives: int,
    *,
    phases: tuple[Phase, ...] = (Phase.generate, Phase.shrink),
    kind: type[Desk] = Desk,
    moves: Sequence[Callable[..., None]] = MOVES,
    checked: Callable[[Any], None] = check,
) -> None:
    """So many lives of a desk, the same ones each time; each is taken back at its end."""
    numbers = st.integers(0, 11)

    @settings(
        max_examples=lives,
        phases=phases,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(st.tuples(st.sampled_from(moves), numbers, numbers), min_size=25, max_size=50))
    def one(played) -> None:
        before = transaction.savepoint()
        try:
            desk = kind()
            for move, number, other in played:
                move(desk, number, other)
                checked(desk)
        finally:
            transaction.savepoint_rollback(before)

    one()


def test_any_life_of_any_case_keeps_every_promise():
    live(lives=60)


def without(part: str, statement: str, monkeypatch) -> None:
    """Run the named statement without what `part` matches."""
    compiled = sql.compiled

    def weakened(*names):
        text, order = compiled(*names)
        if statement not in names:
            return text, order
        changed, count = re.subn(part.encode(), b"", text)
        assert count, "the statement has no such part any more"
        return changed, order

    monkeypatch.setattr(sql, "compiled", weakened)


@pytest.mark.parametrize(
    ("part", "statement"),
    [
        (r"AND lease_expires_at > statement_timestamp\(\)", "resolve"),  # the end of the lease
        (r"AND lease_token = \$\d+", "resolve"),  # the fence: casts keep the parameter in use elsewhere
    ],
)
def test_without_this_part_a_broken_promise_would_be_noticed(part, statement, monkeypatch):
    without(part, statement, monkeypatch)
    with pytest.raises(AssertionError, match="dead lease"):
        live(lives=200, phases=(Phase.generate,))
