"""Streams of server-sent events. Thousands may be open in one process: an idle one holds no connection."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from django.db import InterfaceError, OperationalError

from agents_api import auth
from agents_api.auth import Credentials
from agents_api.problems import Problem
from agents_api.waiting import telling
from agents_api.waiting.telling import Cursor, Look
from escalations.background import database_threads
from escalations.events import LoggedEvent
from escalations.live.feed import feed
from escalations.models import Escalation

# So often a stream says that it is alive, looks again by itself, and makes sure that its key is valid still.
PING_SECONDS = 15
PING = ": ping\n\n"
# The second header keeps proxies from holding back what was said.
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
# How long a client waits before it comes back after a cut.
RETRY = "retry: 1000\n\n"
log = structlog.get_logger(__name__)


async def stream(credentials: Credentials, case_id: UUID, first: Look) -> AsyncIterator[str]:
    """The messages of `first` and what follows, until the case is over or the key is not valid any more.

    It ends without a word when the database is away, too: a client comes back and goes on where it was.
    Works, up to a second later, without the channel layer.
    """
    with _streams().registered(case_id) as woken:
        yield RETRY
        look = first
        await feed().follow(_streams().tell)
        woken.set()  # what happened before the feed told of it
        while True:
            for message in look.messages:
                yield str(message)
            if look.ends:
                return
            if not await _woken(woken, look.again_in):
                yield PING
            try:
                look = await database_threads.run(_look_again, credentials, case_id, look.cursor)
            except (Problem, Escalation.DoesNotExist):
                return
            except (OperationalError, InterfaceError) as error:
                log.warning("stream_cut", error=str(error))
                return


def _look_again(credentials: Credentials, case_id: UUID, cursor: Cursor) -> Look:
    auth.identify(credentials)
    return telling.look(case_id, cursor)


async def _woken(woken: asyncio.Event, again_in: float | None) -> bool:
    """Wait for news of the case, or for the time when there are some by themselves; False: there are none."""
    soon = again_in is not None and again_in < PING_SECONDS
    with suppress(TimeoutError):
        async with asyncio.timeout(again_in if soon else PING_SECONDS):
            await woken.wait()
    happened = woken.is_set()
    woken.clear()
    return happened or soon


class _Streams:
    """Which streams of one event loop are open. It follows the feed while any is."""

    def __init__(self) -> None:
        self._by_case: dict[UUID, set[asyncio.Event]] = {}

    @contextmanager
    def registered(self, case_id: UUID) -> Iterator[asyncio.Event]:
        """Set each time that something happens that a stream of the case may tell."""
        woken = asyncio.Event()
        self._by_case.setdefault(case_id, set()).add(woken)
        try:
            yield woken
        finally:
            self._by_case[case_id].discard(woken)
            if not self._by_case[case_id]:
                del self._by_case[case_id]
            if not self._by_case:
                feed().unfollow(self.tell)

    def tell(self, events: Sequence[LoggedEvent]) -> None:
        for event in events:
            if event.kind in telling.WAKING:
                for woken in self._by_case.get(event.case_id, ()):
                    woken.set()


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, _Streams] = WeakKeyDictionary()


def _streams() -> _Streams:
    return _by_loop.setdefault(asyncio.get_running_loop(), _Streams())
