"""A desk and a small model of it, for moves in any order. The model knows what each caller was told.

What must hold after each move is in `tests.escalations.transitions.promises`.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client

from agents_api.models import WebhookDelivery, WebhookEndpoint
from agents_api.webhooks import outbox, schedule
from agents_api.webhooks.outbox import Outcome
from escalations import sweeps, transitions
from escalations.models import Claim, Escalation, Operator, Presence, Role, State, WaitingFor
from escalations.sla import clocks
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
HANDOFFS = "/api/v1/handoffs"


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


@dataclass(frozen=True)
class Posted:
    """A handoff as its agent sent it, and what it was told."""

    key: str
    body: bytes
    answer: bytes


class Desk:
    """A desk with a few people, and the model of it. Each move takes two numbers to choose by."""

    def __init__(self) -> None:
        self.agent = factories.make_agent()
        self.key = factories.make_key(self.agent)
        WebhookEndpoint.objects.create(agent=self.agent, url="https://agent.example.com/", secret="whsec_x")
        self.people = [factories.make_operator(capacity=CAPACITY) for _ in range(PEOPLE)]
        self.supervisor = factories.make_operator(role=Role.REVIEWER)
        # They are there all the time: what is kept is kept for who is there to take it.
        there = {"seen_at": Now() + timedelta(days=1)}
        for person in (*self.people, self.supervisor):
            Presence.objects.update_or_create(operator=person, defaults=there)
        self.lives: dict[UUID, Life] = {}
        self.posted: list[Posted] = []
        # What of each webhook was on its way or in the outbox, by its id.
        self.webhooks: dict[UUID, bytes] = {}

    def has_room(self, person: Operator) -> bool:
        return self.load(person) < CAPACITY

    def load(self, person: Operator) -> int:
        return sum(life.is_live and life.leases[-1].operator == person for life in self.lives.values())

    def choose(self, number: int) -> tuple[UUID, Life] | None:
        return list(self.lives.items())[number % len(self.lives)] if self.lives else None

    def post(self, key: str, body: bytes) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key}
        return Client().post(HANDOFFS, body, content_type="application/json", headers=headers)

    def body(self, number: int) -> bytes:
        routing = {"priority": ["urgent", "normal"][number % 2]}
        return json.dumps(factories.handoff(self.agent, routing=routing)).encode()

    def hand_off(self, number: int, _: int) -> None:
        if len(self.posted) < CASES:
            key, body = f"key {len(self.posted)}", self.body(number)
            self.opened(key, body, self.post(key, body))

    def opened(self, key: str, body: bytes, answer: Any) -> None:
        assert answer.status_code == 201, answer.content
        self.posted.append(Posted(key, body, answer.content))
        self.lives[UUID(answer.json()["id"])] = Life()

    def hand_off_again(self, number: int, other: int) -> None:
        """As an agent does that did not hear the answer; now and then it mixes its keys up."""
        if not self.posted:
            return
        before = self.posted[number % len(self.posted)]
        again = self.post(before.key, before.body)
        assert (again.status_code, again.content) == (201, before.answer)
        body = self.body(other)
        assert self.post(before.key, body).status_code == (201 if body == before.body else 422)

    def send_webhooks(self, number: int, _: int) -> None:
        """One attempt for each: it arrives, fails, fails for good, or its sender dies on the way."""
        waiting = WebhookDelivery.objects.filter(state="pending")
        waiting.update(next_attempt_at=F("created_at") - timedelta(days=1), lease_expires_at=None)
        if number % 4 == 3:
            waiting.update(attempts=len(schedule.PAUSES))
        for claimed in outbox.claim(limit=10, share=10):
            self.saw(claimed.id, claimed.body)
            if number % 4 != 2:
                arrives = number % 4 == 0
                outcome = Outcome(status=200) if arrives else Outcome(status=500, error="Answered 500")
                assert outbox.settle(claimed, outcome)

    def saw(self, webhook: UUID, body: str) -> None:
        assert self.webhooks.setdefault(webhook, body.encode()) == body.encode(), "a webhook was changed"

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
                _let_pass(
                    max(giving.GIVEN, transitions.KEPT_WHILE_AWAY), case_id
                )  # the longest lease there is
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
    "hand_off_again",
    "send_webhooks",
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


def _let_pass(time: timedelta, case_id: UUID) -> None:
    """As if so much time had passed since the last move: all claims of the case move into the past."""
    earlier = {"started_at": F("started_at") - time, "ended_at": F("ended_at") - time}
    Claim.objects.filter(case=case_id).update(**earlier)
    Escalation.objects.filter(id=case_id).update(lease_expires_at=F("lease_expires_at") - time)
