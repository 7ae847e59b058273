"""Long-polls. Thousands may wait in one process: each costs a future, none a connection or a query more."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from uuid import UUID
from weakref import WeakKeyDictionary

from django.conf import settings

from escalations.background import database_threads
from escalations.events import LoggedEvent
from escalations.handoffs import dispatch
from escalations.live.feed import feed


async def wait_for_change(*, case_id: UUID, after_version: int, timeout: float) -> int | None:
    """The version of the case as soon as it is past `after_version`; None after `timeout` seconds.

    0 seconds means: look once. Works, up to a second later, without the channel layer.

    Raises:
        Escalation.DoesNotExist: there is no such case.
        django.db.Error: the database is away.
    """
    if timeout <= 0:
        version, _ = await database_threads.run(_version, case_id)
        return version if version > after_version else None
    with suppress(TimeoutError):
        async with asyncio.timeout(timeout):
            return await _next_version(case_id, after_version)
    return None


async def _next_version(case_id: UUID, after_version: int) -> int:
    """Listen first and look second, so that no change falls between.

    A decision that can be undone is a change only once its time is over, which needs no event.
    """
    waits = _waits()
    with waits.registered(case_id, after_version) as changes:
        await feed().follow(waits.tell)
        while True:
            version, ends_in = await database_threads.run(_version, case_id)
            if version > after_version:
                return version
            with suppress(TimeoutError):
                async with asyncio.timeout(ends_in):
                    version = await changes.get()
            if version > after_version and not settings.UNDO_SECONDS:
                return version


def _version(case_id: UUID) -> tuple[int, float | None]:
    return dispatch.version_for_agent(case_id)


class _Waits:
    """Who waits for what, in one event loop. It follows the feed while anyone waits."""

    def __init__(self) -> None:
        self._by_case: dict[UUID, dict[asyncio.Queue[int], int]] = {}

    @contextmanager
    def registered(self, case_id: UUID, after_version: int) -> Iterator[asyncio.Queue[int]]:
        """The versions past `after_version` that the feed tells of."""
        changes: asyncio.Queue[int] = asyncio.Queue()
        of_this_case = self._by_case.setdefault(case_id, {})
        of_this_case[changes] = after_version
        try:
            yield changes
        finally:
            del of_this_case[changes]
            if not of_this_case:
                del self._by_case[case_id]
            if not self._by_case:
                feed().unfollow(self.tell)

    def tell(self, events: Sequence[LoggedEvent]) -> None:
        for event in events:
            for changes, after_version in self._by_case.get(event.case_id, {}).items():
                if event.version > after_version:
                    changes.put_nowait(event.version)


_by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, _Waits] = WeakKeyDictionary()


def _waits() -> _Waits:
    return _by_loop.setdefault(asyncio.get_running_loop(), _Waits())
