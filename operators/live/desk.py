"""The live part of every page: a person's availability, load, offers and unread notices.

One `DeskRoom` for each person, language and event loop holds the sockets of their open pages. One `Watch`
per event loop reads the desks of everybody in one statement: each second, and soon after each event. It sends
what is different from what it sent before, and to a socket that enters always everything, so a page equals
a fresh render after any cut. Much of what it shows (offers that run out, notices, presence) leaves no event
that names the person, so comparing is simpler than guessing, and costs one statement however many are there.
"""

import asyncio
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from weakref import WeakKeyDictionary

import structlog
from django.template.loader import render_to_string

from escalations.background import database_threads
from escalations.events import LoggedEvent, Position
from escalations.live.feed import feed
from escalations.people.desks import Desk, desks
from operators.languages import written_in
from operators.live.rooms import Outbox, pause

TICK = 1.0
log = structlog.get_logger(__name__)


class DeskRoom:
    """The sockets in this event loop of one person's pages in one language."""

    def __init__(self, operator_id: int, language: str, watch: "Watch") -> None:
        self.operator_id, self.language = operator_id, language
        self.generation = 0
        self._watch = watch
        self._shown: Desk | None = None
        self._outboxes: set[Outbox] = set()
        self._new: set[Outbox] = set()

    @property
    def place(self) -> tuple[int, str]:
        return self.operator_id, self.language

    @property
    def key(self) -> str:
        return f"desk {self.language} {self.operator_id}"

    async def enter(self, outbox: Outbox, cursor: Position | None) -> None:
        """Keep `outbox` supplied until `leave`; what it is first sent is everything, soon."""
        self._outboxes.add(outbox)
        self.want([outbox])
        await self._watch.start()

    def leave(self, outbox: Outbox) -> None:
        self._outboxes.discard(outbox)
        self._new.discard(outbox)
        if not self._outboxes:
            self._watch.forget(self)

    def want(self, outboxes: Iterable[Outbox]) -> None:
        """Send everything to these, soon."""
        self._new.update(outboxes)
        self._watch.wake()

    def take_new(self) -> set[Outbox]:
        """Those that were sent nothing yet. Ask before the desks are read: who comes later may know more."""
        taken, self._new = self._new, set()
        return taken

    def without(self, desk: Desk, new: set[Outbox]) -> set[Outbox]:
        """Those that do not show `desk` yet."""
        return self._outboxes if desk != self._shown else new & self._outboxes

    def show(self, desk: Desk, text: str, outboxes: set[Outbox]) -> None:
        self._shown = desk
        for outbox in outboxes & self._outboxes:
            outbox.offer([text])


class Watch:
    """Reads the desks of everybody in an event loop, while somebody is there."""

    def __init__(self) -> None:
        self.rooms: dict[tuple[int, str], DeskRoom] = {}
        self._awake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def room(self, operator_id: int, language: str) -> DeskRoom:
        return self.rooms.setdefault((operator_id, language), DeskRoom(operator_id, language, self))

    async def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        await feed().follow(self._hear)

    def forget(self, room: DeskRoom) -> None:
        self.rooms.pop(room.place, None)
        if self.rooms:
            return
        feed().unfollow(self._hear)
        if self._task:
            self._task.cancel()
            self._task = None
        # It holds things of its loop, and would keep that alive after its end.
        _watches.pop(asyncio.get_running_loop(), None)

    def wake(self) -> None:
        self._awake.set()

    def _hear(self, found: Sequence[LoggedEvent]) -> None:
        self.wake()

    async def _run(self) -> None:
        """Compare and send, for ever."""
        failing = False
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), TICK)
            self._awake.clear()
            new = {room: room.take_new() for room in self.rooms.values()}
            try:
                await self._compare(new)
                failing = False
            except Exception:
                if not failing:
                    log.exception("desks_not_shown")
                failing = True
                for room, outboxes in new.items():
                    if self.rooms.get(room.place) is room:
                        room.want(outboxes)
                await asyncio.sleep(TICK)
            await asyncio.sleep(pause(len(self.rooms)))

    async def _compare(self, new: dict[DeskRoom, set[Outbox]]) -> None:
        found = await database_threads.run(desks, {room.operator_id for room in new})
        for room, outboxes in new.items():
            desk = found.get(room.operator_id)
            if desk and (without := room.without(desk, outboxes)):
                room.generation += 1
                text = await database_threads.run(_message, desk, room.generation, room.language)
                room.show(desk, text, without)


def _message(desk: Desk, generation: int, language: str) -> str:
    with written_in(language):
        html = render_desk(desk)
    shown = {"generation": generation, "cursor": str(desk.cursor), "html": html}
    return json.dumps({"type": "html"} | shown)


def render_desk(desk: Desk) -> str:
    """The parts of the frame that change, as each page starts with them."""
    return render_to_string("operators/desk/_desk.html", {"desk": desk})


_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, Watch] = WeakKeyDictionary()


def desk_room(operator_id: int, language: str) -> DeskRoom:
    """The room of a person and a language in the running event loop. It lasts while such a page is open."""
    return _watches.setdefault(asyncio.get_running_loop(), Watch()).room(operator_id, language)
