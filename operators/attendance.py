"""Who has pages open in this process, for `escalations.presence`: one write per person and 20 s at most."""

import asyncio
from collections import Counter
from weakref import WeakKeyDictionary

import structlog
from django.db import Error

from escalations import presence
from escalations.background import database_threads

# Less than the pause between two pings, so that each of them keeps the person present.
QUIET_SECONDS = 20.0
# Going from page to page closes a socket and opens another.
LEAVING_SECONDS = 3.0
log = structlog.get_logger(__name__)


class Attendance:
    """Counts the sockets of each person in one event loop."""

    def __init__(self) -> None:
        self._sockets: Counter[int] = Counter()
        self._noted: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def come(self, operator_id: int) -> None:
        """A page was opened. Its socket calls `go` in the end."""
        self._sockets[operator_id] += 1
        await self.note(operator_id)

    async def note(self, operator_id: int) -> None:
        """A page answered. A database that is away is not worth the socket: the next answer comes soon."""
        now = asyncio.get_running_loop().time()
        if now - self._noted.get(operator_id, -QUIET_SECONDS) < QUIET_SECONDS:
            return
        self._noted[operator_id] = now
        try:
            await database_threads.run(presence.seen, operator_id)
        except Error as error:
            self._noted.pop(operator_id, None)
            log.warning("presence_not_noted", error=repr(error))

    def go(self, operator_id: int) -> None:
        """A page was closed."""
        self._sockets[operator_id] -= 1
        if not self._sockets[operator_id]:
            del self._sockets[operator_id]
            task = asyncio.create_task(self._leave(operator_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _leave(self, operator_id: int) -> None:
        """Note that they left, unless they come back at once."""
        await asyncio.sleep(LEAVING_SECONDS)
        if operator_id in self._sockets:
            return
        self._noted.pop(operator_id, None)  # or who comes back would not be noted for a while
        try:
            await database_threads.run(presence.left, operator_id)
        except Error as error:
            log.warning("leaving_not_noted", error=repr(error))


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, Attendance] = WeakKeyDictionary()


def attendance() -> Attendance:
    """The attendance of the running event loop."""
    return _by_loop.setdefault(asyncio.get_running_loop(), Attendance())
