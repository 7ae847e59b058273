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
from django.db.models import Count, F, Window
from django.db.models.functions import Lag
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agents_api.models import WebhookDelivery, WebhookEndpoint
from escalations import capacity, clocks, sql, sweeps, transitions
from escalations.models import (
    Claim,
    Escalation,
    Event,
    Operator,
    Resolution,
    Role,
    State,
    WaitingFor,
)
from escalations.transitions import (
    CaseClosed,
    LeaseLost,
    LeaseToken,
    NoRoom,
    NotAllowed,
    NotClaimable,
    giving,
)
from tests import factories

PEOPLE, CASES, CAPACITY = 3, 4, 2
ASIDE, CLOSED = (State.WAITING, State.SNOOZED), (State.RESOLVED, State.CANCELLED)
pytestmark = pytest.mark.django_db


@dataclass
class Life:
    """What the model knows of one case.

    `leases` are all that were given out, the newest last; `kept_for` is the person who has the first call.
    """

    state: State = State.QUEUED
    is_live: bool = False
    cycle: int = 1
    leases: list[LeaseToken] = field(default_factory=list)
    turns: int = 0
    kept_for: Operator | None = None

    def taken(self, lease: LeaseToken) -> None:
        self.leases.append(lease)
        self.state, self.is_live, self.kept_for = State.CLAIMED, True, None

    def let_go(self, state: State, kept_for: Operator | None = None) -> None:
        self.state, self.is_live, self.kept_for = state, False, kept_for

    def comes_to(self, person: Operator) -> bool:
        """Whether it could be the next case of `person`."""
        return self.waits and self.kept_for in (None, person)

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
        self.supervisor = factories.make_operator(role=Role.REVIEWER)
        self.lives: dict[UUID, Life] = {}

    def has_room(self, person: Operator) -> bool:
        return self.load(person) < CAPACITY

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
        has_room = self.has_room(person)
        possible = {case_id for case_id, life in self.lives.items() if has_room and life.comes_to(person)}
        assert (claimed is not None) == bool(possible)
        if claimed:
            assert claimed.lease.case_id in possible
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
                _let_pass(giving.GIVEN, case_id)  # the longest lease there is
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
        """A reply, or just another message: what was put aside comes back, to the same person first."""
        chosen = self.choose(number)
        if not chosen:
            return
        case_id, life = chosen
        message = {"role": "user", "content": "Hello?"}
        try:
            transitions.add_message(case_id=case_id, messages=[message], actor="agent:support")
        except CaseClosed:
            assert life.state in CLOSED
        else:
            assert life.state not in CLOSED
            life.turns += 1
            if life.state in ASIDE:
                life.let_go(State.QUEUED, kept_for=life.leases[-1].operator)

    def ask(self, number: int, other: int) -> None:
        question = {"whom": WaitingFor.USER, "question": "Which?", "reply_within": timedelta(hours=1)}
        if life := self._act(number, other, lambda lease: partial(transitions.ask, lease=lease, **question)):
            life.let_go(State.WAITING)
            life.turns += 1

    def snooze(self, number: int, other: int) -> None:
        later = clocks.database_now() + timedelta(seconds=60)
        if life := self._act(
            number, other, lambda lease: partial(transitions.snooze, lease=lease, until=later)
        ):
            life.let_go(State.SNOOZED)

    def pass_on(self, number: int, other: int) -> None:
        person = self.people[(number + other) % PEOPLE]
        has_room = self.has_room(person)
        try:
            life = self._act(
                number, other, lambda lease: partial(transitions.transfer, lease=lease, to_operator=person)
            )
        except NoRoom:
            assert not has_room
        except NotAllowed:  # they have it themselves
            pass
        else:
            if life:
                case = Escalation.objects.get(id=life.leases[-1].case_id)
                life.taken(LeaseToken(case.id, person, case.lease_token))

    def take_over(self, number: int, other: int) -> None:
        chosen = self.choose(number)
        if not chosen or other % 3:
            return
        case_id, life = chosen
        try:
            lease = transitions.take_over(case_id=case_id, supervisor=self.supervisor).lease
        except NotClaimable:
            is_theirs = life.state == State.CLAIMED and life.leases[-1].operator == self.supervisor
            assert is_theirs or life.state in CLOSED
        else:
            assert life.state not in CLOSED
            life.taken(lease)

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
            assert life.state in CLOSED
        else:
            assert life.state not in CLOSED
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
    "hand_off",
    "take_next",
    "pick",
    "freeze_past_the_lease",
    "sweep",
    "heartbeat",
    "release",
    "decide",
    "withdraw",
    "reopen",
    "say",
    "user_writes",
    "ask",
    "snooze",
    "pass_on",
    "take_over",
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
    for person in Operator.objects.filter(role=Role.OPERATOR):
        assert capacity.load(person).used <= CAPACITY


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
    kind: type[Desk] = Desk,
    moves: Sequence[str] = MOVES,
    checked: Callable[[Any], None] = check,
) -> None:
    """So many lives of a desk, the same ones each time; each is taken back at its end."""
    numbers = st.integers(0, 11)

    @settings(
        max_examples=lives,
        phases=[Phase.generate],  # shrinking a failure takes minutes, and its moves can be read as they are
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
                getattr(desk, move)(number, other)
                checked(desk)
        finally:
            transaction.savepoint_rollback(before)

    one()


def test_any_life_of_any_case_keeps_every_promise():
    live(lives=40)


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
    telling = ["hand_off", "pick", "take_next", "freeze_past_the_lease", "sweep", "release", "decide"]
    with pytest.raises(AssertionError, match="dead lease"):
        live(lives=100, moves=telling)
