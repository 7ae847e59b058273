"""What open pages show, kept true: one render for all sockets that show the same thing.

A page carries the cursor that the server read before it rendered. Its socket comes with that cursor and
enters a `Room`, one for each `Topic` and event loop. The room follows the feed of events, which compares
itself with PostgreSQL each second and tells at once what came since the cursor, so nothing falls between
the page and its socket. When an event concerns the topic, the room renders once, with a new cursor and the
next generation, and offers the same text to all its sockets. Events during a render or in the `PAUSE`
after it share the next render; the last of them always gets one. A socket whose cursor is too far
behind gets that render, too; one whose cursor is unknown is told to `resync`. An `Outbox` keeps the newest
offer only, so a slow reader skips what is stale and holds up nobody.

Messages to the browser (`static/js/live.js`), JSON texts:

- `{"type": "html", "generation", "cursor", "html"}`: elements with ids, to be morphed in; with `rows`, a list
  in which `<!--row ID-->` stands for each row and `rows` has those that changed (`operators.live.deltas`)
- `{"type": "lease", "case", "state", "holder", "held", "text"}`: who has the case of a case page;
  `held` when it is the person at this socket, else `text` says why it is not
- `{"type": "resync"}`: fetch the page's parts anew
- `{"type": "ping"}`
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog

from escalations import events
from escalations.background import database_threads
from escalations.events import LoggedEvent, Position
from escalations.live.feed import feed
from escalations.models import Escalation
from escalations.transitions import LeaseLost
from operators.case.views.case import render_status
from operators.languages import written_in
from operators.live.deltas import Listing
from operators.queue.queue_view import QueueView
from operators.queue.views.queue import render_list

# Seconds between two renders of a room, at least; more where many look, for each is sent each of them.
PAUSE, PAUSE_PER_SOCKET, LONGEST_PAUSE = 0.1, 0.001, 0.3
_RETRY = 1.0
# Events that change nothing that a list of cases shows.
UNLISTED = frozenset({"typing", "noted", "labelled", "offered", "offer_ended"})
RESYNC = json.dumps({"type": "resync"})
PING = json.dumps({"type": "ping"})
log = structlog.get_logger(__name__)

# What a socket is sent: a text, or what makes it when the socket is ready, from what that was sent before.
Offer = str | Callable[["Outbox"], str]
# The offers for the socket of the operator with this id.
Rendering = Callable[[int], Sequence[Offer]]


class Topic(Protocol):
    """What a page shows. Equal keys mean equal content."""

    @property
    def key(self) -> str: ...

    @property
    def tick(self) -> float | None:
        """After how many seconds it is rendered anew though no event came; None if only events change it."""
        ...

    def concerns(self, event: LoggedEvent) -> bool:
        """Whether the event may change what is shown."""
        ...

    def render(self, generation: int) -> Rendering:
        """What is shown now. Uses the database; runs in a thread."""
        ...


@dataclass(frozen=True)
class QueueTopic:
    """The live parts of the queue page, for everyone with the same view and language."""

    view: QueueView
    language: str
    tick: ClassVar[float | None] = None

    @property
    def key(self) -> str:
        return f"queue {self.language} {self.view.key}"

    def concerns(self, event: LoggedEvent) -> bool:
        if event.kind in UNLISTED:
            return False
        queues = (event.queue_id, event.overflow_queue_id)
        return self.view.sees_all or any(queue in self.view.member_of for queue in queues)

    def render(self, generation: int) -> Rendering:
        with written_in(self.language):
            listing = Listing(generation, events.position(), render_list(self.view))
        return lambda operator_id: [partial(Outbox.next, listing=listing)]


@dataclass(frozen=True)
class CaseTopic:
    """What changes on a case page while somebody looks: its state, its holder, new turns."""

    case_id: UUID
    language: str
    zone: str = "UTC"
    tick: ClassVar[float | None] = None

    @property
    def key(self) -> str:
        return f"case {self.language} {self.zone} {self.case_id}"

    def concerns(self, event: LoggedEvent) -> bool:
        return event.case_id == self.case_id

    def render(self, generation: int) -> Rendering:
        cursor = events.position()
        case = Escalation.objects.with_liveness().select_related("holder").get(id=self.case_id)
        with written_in(self.language):
            text = html_message(generation, cursor, render_status(self.case_id, self.zone))
            lost = str(LeaseLost(case.id, case.state, _holder(case)))
        return lambda operator_id: [_lease(case, operator_id, lost), text]


def html_message(generation: int, cursor: Position, html: str) -> str:
    """Elements with ids, to be morphed in."""
    return json.dumps({"type": "html", "generation": generation, "cursor": str(cursor), "html": html})


def _holder(case: Escalation) -> str:
    return str(case.holder) if case.is_held else ""


def _lease(case: Escalation, operator_id: int, lost: str) -> str:
    held = case.is_held and case.holder_id == operator_id
    message: dict[str, Any] = {"case": str(case.id), "state": case.state, "holder": _holder(case)}
    return json.dumps({"type": "lease", **message, "held": held, "text": "" if held else lost})


class Outbox:
    """What one socket is still to be sent: the newest offer only."""

    def __init__(self, operator_id: int) -> None:
        self.operator_id = operator_id
        self._offers: Sequence[Offer] = ()
        self._filled = asyncio.Event()
        self._listing: Listing | None = None

    def offer(self, offers: Sequence[Offer]) -> None:
        self._offers = offers
        self._filled.set()

    def next(self, listing: Listing) -> str:
        """The message that brings this socket from the list it has to `listing`."""
        before, self._listing = self._listing, listing
        return listing.text(before)

    async def take(self, until: float) -> Sequence[str]:
        """The newest offer, or nothing at `until` by the event loop's clock."""
        try:
            async with asyncio.timeout_at(until):
                await self._filled.wait()
        except TimeoutError:
            return ()
        self._filled.clear()
        return [offer if isinstance(offer, str) else offer(self) for offer in self._offers]


class Place(Protocol):
    """Where sockets wait for what is new: a `Room`, or one that works alike (`operators.live.desk`)."""

    @property
    def key(self) -> str: ...

    async def enter(self, outbox: Outbox, cursor: Position | None) -> None: ...

    def leave(self, outbox: Outbox) -> None: ...

    def want(self, outboxes: Iterable[Outbox]) -> None: ...


class Room:
    """The sockets in this process that show one topic."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self._outboxes: set[Outbox] = set()
        self._wanting: set[Outbox] = set()
        self._generation = 0
        self._renders: asyncio.Task[None] | None = None
        self._ticks: asyncio.Task[None] | None = None

    @property
    def key(self) -> str:
        return self.topic.key

    async def enter(self, outbox: Outbox, cursor: Position | None) -> None:
        """Keep `outbox` supplied with what comes after `cursor`, until `leave`; call that in any case."""
        self._outboxes.add(outbox)
        await feed().follow(self._hear)
        if self.topic.tick and self._ticks is None:
            self._ticks = asyncio.create_task(self._tick(self.topic.tick))
        since = feed().since(cursor) if cursor else None
        if since is None:
            feed().meter.note_resync()
        if cursor is None:
            outbox.offer([RESYNC])
            return
        # All who missed too much share one render, too: that costs less than a GET by each of them.
        if since is None or any(map(self.topic.concerns, since)):
            self.want([outbox])

    def leave(self, outbox: Outbox) -> None:
        self._outboxes.discard(outbox)
        self._wanting.discard(outbox)
        if self._outboxes:
            return
        feed().unfollow(self._hear)
        # Whoever was on the way in meanwhile comes all the same, perhaps to find another room in its place;
        # what they want is no business of a task that is about to end.
        if _rooms().get(self.topic.key) is self:
            del _rooms()[self.topic.key]
        for task in filter(None, (self._renders, self._ticks)):
            task.cancel()
        self._renders = self._ticks = None

    def want(self, outboxes: Iterable[Outbox]) -> None:
        """Render for `outboxes`, soon."""
        self._wanting.update(outboxes)
        if self._renders is None or self._renders.done():
            self._renders = asyncio.create_task(self._render())

    def _hear(self, found: Sequence[LoggedEvent]) -> None:
        if any(map(self.topic.concerns, found)):
            self.want(self._outboxes)

    async def _tick(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self.want(self._outboxes)

    async def _render(self) -> None:
        """Render for those who want it, until nobody does."""
        failing = False
        while self._wanting:
            outboxes, self._wanting = self._wanting, set()
            self._generation += 1
            try:
                rendering = await database_threads.run(self.topic.render, self._generation)
            except Exception:
                if not failing:
                    log.exception("render_failed", topic=self.topic.key)
                failing = True
                self._wanting |= outboxes & self._outboxes
                await asyncio.sleep(_RETRY)
                continue
            for outbox in outboxes & self._outboxes:
                outbox.offer(rendering(outbox.operator_id))
            await asyncio.sleep(pause(len(self._outboxes)))


def pause(sockets: int) -> float:
    """Seconds to wait until the next render for so many."""
    return min(LONGEST_PAUSE, max(PAUSE, sockets * PAUSE_PER_SOCKET))


_rooms_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, Room]] = WeakKeyDictionary()


def _rooms() -> dict[str, Room]:
    return _rooms_by_loop.setdefault(asyncio.get_running_loop(), {})


def room_for(topic: Topic) -> Room:
    """The room of `topic` in the running event loop. It lasts while somebody is in it."""
    return _rooms().setdefault(topic.key, Room(topic))
