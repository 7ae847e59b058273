"""Who has pages open in this process, for `escalations.presence`: one write per person and 20 s at most."""

import asyncio
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from django.db import Error

from escalations import presence
from escalations.background import database_threads
from operators import viewings
from operators.live import user_turns

Key = TypeVar("Key", bound=Hashable)

# Less than the pause between two pings, so that each of them keeps the person present.
QUIET_SECONDS = 20.0
# Going from page to page closes a socket and opens another.
LEAVING_SECONDS = 3.0
log = structlog.get_logger(__name__)


class Attendance(Generic[Key]):
    """Counts the sockets of each person (or of each person at one thing) in one event loop.

    `seen` and `left` write it down; they run in a database thread.
    """

    def __init__(self, seen: Callable[[Key], object], left: Callable[[Key], object]) -> None:
        self._seen, self._left = seen, left
        self._sockets: Counter[Key] = Counter()
        self._noted: dict[Key, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def come(self, key: Key) -> None:
        """A page was opened. Its socket calls `go` in the end."""
        self._sockets[key] += 1
        await self.note(key)

    async def note(self, key: Key) -> None:
        """A page answered. A database that is away is not worth the socket: the next answer comes soon."""
        now = asyncio.get_running_loop().time()
        if now - self._noted.get(key, -QUIET_SECONDS) < QUIET_SECONDS:
            return
        self._noted[key] = now
        try:
            await database_threads.run(self._seen, key)
        except Error as error:
            self._noted.pop(key, None)
            log.warning("presence_not_noted", error=repr(error))

    def go(self, key: Key) -> None:
        """A page was closed."""
        self._sockets[key] -= 1
        if not self._sockets[key]:
            del self._sockets[key]
            task = asyncio.create_task(self._leave(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _leave(self, key: Key) -> None:
        """Note that they left, unless they come back at once."""
        await asyncio.sleep(LEAVING_SECONDS)
        if key in self._sockets:
            return
        self._noted.pop(key, None)  # or who comes back would not be noted for a while
        try:
            await database_threads.run(self._left, key)
        except Error as error:
            log.warning("leaving_not_noted", error=repr(error))


At = tuple[UUID, int]
_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Attendance[int]] = WeakKeyDictionary()
_at_cases_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Attendance[At]] = WeakKeyDictionary()


def attendance() -> Attendance[int]:
    """Who has pages open in the running event loop, by the ids of operators."""
    loop = asyncio.get_running_loop()
    if loop not in _by_loop:
        _by_loop[loop] = Attendance(presence.seen, presence.left)
    return _by_loop[loop]


def attendance_at_cases() -> Attendance[At]:
    """Who has the page of which case open there, by the ids of case and operator."""
    loop = asyncio.get_running_loop()
    if loop not in _at_cases_by_loop:
        _at_cases_by_loop[loop] = Attendance(lambda at: viewings.look(*at), lambda at: user_turns.left(*at))
    return _at_cases_by_loop[loop]
