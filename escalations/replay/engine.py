"""The replay itself, over plain values: moments in their order, and at each whoever can take what waits."""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from escalations.models.offers import OWN_QUEUE, PREFERRED, Ring
from escalations.replay.fates import Fate, How

# Of what waits, so many are looked at for each moment: as the router, which reads from the front.
LOOKED_AT = 200


@dataclass(frozen=True)
class Settings:
    """What is tried. The defaults are what is in force.

    `capacity` replaces everybody's own; `more_people` in `more_in` (the id of a queue) have all skills and
    are there whenever somebody of that queue is. `handle_percent` makes cases shorter or longer.
    """

    preferred_seconds: int = int(PREFERRED.total_seconds())
    own_queue_seconds: int = int(OWN_QUEUE.total_seconds())
    overflow: bool = True
    capacity: int | None = None
    more_people: int = 0
    more_in: int | None = None
    handle_percent: int = 100


@dataclass(frozen=True)
class Arrival:
    """A case as routing sees it. A person has it for `seconds`; if it waits until `left_at` it is gone."""

    id: str
    received_at: datetime
    queue_id: int
    overflow_id: int | None
    skills: frozenset[str]
    preferred: frozenset[str]
    priority: int
    weight: int
    aging_seconds: int
    due_at: datetime
    seconds: float
    left_at: datetime | None = None


@dataclass(frozen=True)
class Worker:
    """A person and when they are there. `skills` None means all."""

    id: int
    queues: frozenset[int]
    skills: frozenset[str] | None
    capacity: int
    there: Sequence[tuple[datetime, datetime]]

    def lacks(self, skills: frozenset[str]) -> int:
        """How many of these skills they do not have."""
        return 0 if self.skills is None else len(skills - self.skills)


@dataclass(frozen=True)
class Outcome:
    """What became of each case, by its id, and how busy those were who were there."""

    fates: Mapping[str, Fate]
    busy_seconds: float
    there_seconds: float


@dataclass
class _Desk:
    worker: Worker
    used: int = 0
    is_there: bool = False
    last_at: float = 0.0


@dataclass
class _Game:
    settings: Settings
    desks: Sequence[_Desk]
    waiting: dict[str, Arrival] = field(default_factory=dict)
    fates: dict[str, Fate] = field(default_factory=dict)
    busy: float = 0.0


_EXACT, _OVERFLOW = Ring.EXACT, Ring.OVERFLOW
# Moments at the same time come in this order: who comes is there for what arrives.
_COMES, _ENDS, _ARRIVES, _WIDENS, _LEAVES, _GOES = range(6)


def simulate(
    arrivals: Sequence[Arrival],
    workers: Sequence[Worker],
    settings: Settings,
    *,
    until: datetime | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Play all moments. `told` hears now and then how many arrivals have come.

    What still waits `until` the end, past its due time, is late, too.
    """
    game = _Game(settings, [_Desk(worker) for worker in workers])
    order = count()
    moments = [(at, kind, next(order), who) for at, kind, who in _planned(arrivals, game)]
    heapq.heapify(moments)
    arrived = 0
    while moments:
        at, kind, _, who = heapq.heappop(moments)
        if kind == _ARRIVES:
            arrived += 1
            if arrived % 200 == 0:
                told(arrived)
        for desk, arrival in _assigned(game, at, _happen(game, at, kind, who)):
            ends_at = at + timedelta(seconds=arrival.seconds * settings.handle_percent / 100)
            heapq.heappush(moments, (ends_at, _ENDS, next(order), (desk, arrival.weight)))
    for arrival in game.waiting.values():
        game.fates[arrival.id] = Fate.of(How.STILL, arrival, until or arrival.received_at)
    there = sum((end - start).total_seconds() for desk in game.desks for start, end in desk.worker.there)
    return Outcome(game.fates, game.busy, there)


def _planned(arrivals: Sequence[Arrival], game: _Game) -> Iterator[tuple[datetime, int, object]]:
    """What is known before: people come and go, cases arrive, their rings widen, some are withdrawn."""
    for desk in game.desks:
        for start, end in desk.worker.there:
            yield start, _COMES, desk
            yield end, _GOES, desk
    for arrival in arrivals:
        yield arrival.received_at, _ARRIVES, arrival
        for seconds in (game.settings.preferred_seconds, game.settings.own_queue_seconds):
            yield arrival.received_at + timedelta(seconds=seconds), _WIDENS, arrival
        if arrival.left_at:
            yield arrival.left_at, _LEAVES, arrival


def _happen(game: _Game, at: datetime, kind: int, who: object) -> list[Arrival] | None:
    """Carry out a moment. What may be taken now that could not be before: these, or (None) any that waits."""
    if isinstance(who, _Desk):
        who.is_there = kind == _COMES
        return None
    if isinstance(who, tuple):
        desk, weight = who
        desk.used -= weight
        return None
    if not isinstance(who, Arrival):
        raise TypeError(who)
    if kind == _ARRIVES:
        game.waiting[who.id] = who
    elif kind == _LEAVES:
        if game.waiting.pop(who.id, None):
            game.fates[who.id] = Fate.of(How.LEFT, who, at)
        return []
    return [who] if who.id in game.waiting else []


def _assigned(game: _Game, at: datetime, among: list[Arrival] | None) -> list[tuple[_Desk, Arrival]]:
    """Who takes what at this moment, in the order of work."""
    made: list[tuple[_Desk, Arrival]] = []
    there = [desk for desk in game.desks if desk.is_there]
    if not any(desk.used < _capacity(game, desk.worker) for desk in there):
        return made
    for arrival in _in_order(game, at) if among is None else among:
        desk = _taker(game, there, arrival, at)
        if desk is None:
            continue
        del game.waiting[arrival.id]
        desk.used += arrival.weight
        desk.last_at = at.timestamp()
        game.fates[arrival.id] = Fate.of(How.PICKED_UP, arrival, at)
        game.busy += arrival.seconds * game.settings.handle_percent / 100
        made.append((desk, arrival))
    return made


def _in_order(game: _Game, at: datetime) -> list[Arrival]:
    """The front of what waits: by priority, one class up for each stretch of waiting, then by due time."""

    def place(arrival: Arrival) -> tuple[int, datetime, datetime, str]:
        raised = int((at - arrival.received_at).total_seconds()) // arrival.aging_seconds
        return max(0, arrival.priority - raised), arrival.due_at, arrival.received_at, arrival.id

    return heapq.nsmallest(LOOKED_AT, game.waiting.values(), key=place)


def _taker(game: _Game, there: Sequence[_Desk], arrival: Arrival, at: datetime) -> _Desk | None:
    """Whom the rings lead to, of those with room; a ring in which nobody is there is skipped at once."""
    waited = (at - arrival.received_at).total_seconds()
    until = (game.settings.preferred_seconds, game.settings.own_queue_seconds, float("inf"))
    for ring, over in enumerate(until):
        able = [desk for desk in there if _is_able(game, desk.worker, arrival, ring)]
        if able and waited < over:
            free = [desk for desk in able if desk.used + arrival.weight <= _capacity(game, desk.worker)]
            return min(free, key=lambda desk: _place(game, desk, arrival), default=None)
    return None


def _is_able(game: _Game, worker: Worker, arrival: Arrival, ring: int) -> bool:
    queues = {arrival.queue_id}
    if ring == _OVERFLOW and game.settings.overflow and arrival.overflow_id:
        queues.add(arrival.overflow_id)
    wanted = arrival.skills | arrival.preferred if ring == _EXACT else arrival.skills
    has_skills = not worker.lacks(wanted)
    return bool(worker.queues & queues) and has_skills and arrival.weight <= _capacity(game, worker)


def _place(game: _Game, desk: _Desk, arrival: Arrival) -> tuple[int, float, float]:
    """Whom to ask first: with the preferred skills, then asked longest ago, then with least to do."""
    load = desk.used / _capacity(game, desk.worker)
    return desk.worker.lacks(arrival.preferred), desk.last_at, load


def _capacity(game: _Game, worker: Worker) -> int:
    return game.settings.capacity or worker.capacity
