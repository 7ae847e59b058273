"""The event log as it grows, read once per process for everyone who follows it there.

One `Feed` belongs to one event loop. It starts with its first follower and stops with its last. Two things
wake it: a hint from the channel layer, and a tick each second. The tick alone is enough for correctness, so
Valkey that is dead, slow or wiped makes the feed at most a second slow, and it is also the regular
comparison with PostgreSQL that repairs a lost hint. Each wake is one read of what was committed since the
last one (`events.committed_since`), handed to all followers, so no event is skipped or comes twice, and the
database's work does not grow with them.

When the database is away the feed logs it once, keeps its place and tries again for as long as it takes.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import ParamSpec, TypeVar
from uuid import uuid4
from weakref import WeakKeyDictionary

import structlog
from channels.layers import get_channel_layer

from escalations import events
from escalations.background import DatabaseThreads
from escalations.events import LoggedEvent, Position
from escalations.live import measuring
from escalations.live.hints import GROUP
from escalations.live.measuring import Meter

Follower = Callable[[Sequence[LoggedEvent]], None]
Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

TICK = 1.0
# A follower that is further behind than this is told to start over.
REMEMBERED = 1000
_JOIN_SECONDS = 1.0
_LONGEST_BACKOFF = 2.0
_threads = DatabaseThreads("feed", 2)
_feeds: WeakKeyDictionary[asyncio.AbstractEventLoop, "Feed"] = WeakKeyDictionary()
log = structlog.get_logger(__name__)


def feed() -> "Feed":
    """The feed of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _feeds:
        _feeds[loop] = Feed()
    return _feeds[loop]


class Feed:
    """See the module. Not thread-safe: it belongs to its event loop."""

    def __init__(self) -> None:
        self._followers: set[Follower] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._hinted = False
        self.meter = Meter()
        self._process = uuid4()

    async def follow(self, follower: Follower) -> None:
        """Call `follower` with each batch of events from now on; it must return at once.

        A batch is empty where a hint came that no event explains: something changed that leaves none.
        When this returns, every event that a query cannot see yet will come. Whoever called it calls
        `unfollow` in the end, also when the wait was cancelled.
        """
        self._followers.add(follower)
        if not self._tasks:
            self._start()
        await self._ready.wait()

    def unfollow(self, follower: Follower) -> None:
        """Call `follower` no more."""
        self._followers.discard(follower)
        if not self._followers:
            for task in self._tasks:
                task.cancel()
            self._tasks = []
            # Tasks and events point to their loop, and would keep it alive after its end.
            _feeds.pop(asyncio.get_running_loop(), None)

    def since(self, position: Position) -> Sequence[LoggedEvent] | None:
        """What the feed has handed out since `position`; None if that is too long ago to tell."""
        if position.oldest <= self._forgotten_xid:
            return None
        return [event for event in self._remembered if not position.is_past(event)]

    def _start(self) -> None:
        self._ready = asyncio.Event()
        self._awake = asyncio.Event()
        tasks = (self._read(), self._listen(), self._measure())
        self._tasks = [asyncio.create_task(task) for task in tasks]

    async def _read(self) -> None:
        """Hand out what is new at each wake, for ever."""
        found, position = await _persistently(events.latest, REMEMBERED)
        self._remembered = deque(found, maxlen=REMEMBERED)
        self._forgotten_xid = found[0].xid if len(found) == REMEMBERED else 0
        self._ready.set()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), TICK)
            self._awake.clear()
            hinted, self._hinted = self._hinted, False
            found, position = await _persistently(events.committed_since, position)
            if found or hinted:
                self.meter.note_lags(event.lag for event in found)
                self._remember(found)
                self._hand_out(found)

    def _remember(self, found: Sequence[LoggedEvent]) -> None:
        for event in found:
            if len(self._remembered) == REMEMBERED:
                self._forgotten_xid = max(self._forgotten_xid, self._remembered[0].xid)
            self._remembered.append(event)

    def _hand_out(self, found: Sequence[LoggedEvent]) -> None:
        for follower in list(self._followers):
            try:
                follower(found)
            except Exception:
                log.exception("follower_failed", follower=repr(follower))

    async def _measure(self) -> None:
        """Write down each minute how late events were read; while the database is away, it adds up."""
        while True:
            await asyncio.sleep(measuring.SECONDS)
            taken, self.meter = self.meter, Meter()
            try:
                await _threads.run(measuring.keep, self._process, taken)
            except Exception as error:
                self.meter.add(taken)
                log.warning("live_minute_not_kept", error=repr(error))

    async def _listen(self) -> None:
        """Wake the reader at each hint; join again, and again, while the channel layer is away."""
        layer = get_channel_layer()
        away = False
        while True:
            try:
                async with asyncio.timeout(_JOIN_SECONDS):
                    channel = await layer.new_channel()
                    await layer.group_add(GROUP, channel)
                if away:
                    log.info("hints_received_again")
                away = False
                self._awake.set()  # a hint that was sent before we joined shall not wait for the tick
                while True:
                    await layer.receive(channel)
                    self._hinted = True
                    self._awake.set()
            except Exception as error:
                if not away:
                    log.warning("hints_not_received", error=repr(error))
                away = True
                with suppress(Exception):
                    await layer.flush()  # forget the half-made subscription
                await asyncio.sleep(_LONGEST_BACKOFF)


async def _persistently(
    read: Callable[Arguments, Answer], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Answer:
    """The answer of the database, however long it is away."""
    backoff = 0.0
    while True:
        try:
            answer = await _threads.run(read, *args, **kwargs)
        except Exception as error:
            if not backoff:
                log.warning("event_log_unreadable", error=repr(error))
            backoff = min(_LONGEST_BACKOFF, 2 * backoff or 0.1)
            await asyncio.sleep(backoff)
        else:
            if backoff:
                log.info("event_log_readable_again")
            return answer
