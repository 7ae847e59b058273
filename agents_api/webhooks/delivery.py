"""Sends what is due, many at once, so that an endpoint that is dead or slow delays no other.

In a worker one thread of the process does it (`wake`), so that no request holds a place that sweeps need. It
looks when it is told to, when a request has ended and at the moment when the next webhook is due.
"""

import asyncio
import threading
from collections import Counter
from contextlib import suppress

import httpx
import structlog

from agents_api.webhooks import attempts, masking, outbox
from agents_api.webhooks.outbox import Claimed
from escalations.background import DatabaseThreads, Nudger

# At most so many requests at once: of this process, and of it to one endpoint.
AT_ONCE = 256
SHARE = 16
# So long a thread of a worker waits for what is due next: longer than a decision can be undone.
_STAYS = 10.0
# While it waits or sends it looks this often without being told, because hints can be lost.
_LOOKS_EVERY = 1.0
# Requests that end about together are followed by one look.
_GATHERS = 0.01
_DATABASE_THREADS = 4
log = structlog.get_logger(__name__)


class Deliverer:
    """What sends the webhooks of this process; one thread at a time does it.

    With `keeps` it has connections to the database of its own, and keeps them.
    """

    def __init__(self, *, keeps: bool = False) -> None:
        self._threads = DatabaseThreads("webhooks", _DATABASE_THREADS, keeps=keeps)
        self._running = threading.Lock()
        self._stopping = False
        self._wakes: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def run(self, *, stays: float) -> int:
        """Send what is due, and what comes due within `stays` seconds each time; returns how many attempts.

        While another thread is at it this only tells that one to look.
        """
        if not self._running.acquire(blocking=False):
            self.look()
            return 0
        try:
            return asyncio.run(self._deliver(stays))
        finally:
            self._wakes = None
            self._running.release()

    def look(self) -> None:
        """Tell the thread that delivers, if there is one, that something may be due."""
        if wakes := self._wakes:
            loop, hinted = wakes
            with suppress(RuntimeError):  # its loop has just ended
                loop.call_soon_threadsafe(hinted.set)

    def finish(self, *, within: float) -> None:
        """Start no more requests, and wait for those under way. Afterwards nothing is sent."""
        self._stopping = True
        self.look()
        self._running.acquire(timeout=within)

    async def _deliver(self, stays: float) -> int:
        made = 0
        hinted = asyncio.Event()
        self._wakes = asyncio.get_running_loop(), hinted
        under_way: dict[asyncio.Task[None], int] = {}
        async with attempts.client() as http:
            while True:
                hinted.clear()
                due, pause = await self._look_for_work(under_way)
                for claimed in due:
                    under_way[asyncio.create_task(self._deliver_one(claimed, http))] = claimed.endpoint_id
                made += len(due)
                if not under_way and (pause is None or pause > stays or self._stopping):
                    return made
                await _pause(hinted, under_way, _LOOKS_EVERY if pause is None else pause)

    async def _look_for_work(
        self, under_way: dict[asyncio.Task[None], int]
    ) -> tuple[list[Claimed], float | None]:
        """What to send now, else in how many seconds something is due; None if nothing is planned."""
        room = AT_ONCE - len(under_way)
        if self._stopping or room <= 0:
            return [], None
        busy = [endpoint for endpoint, count in Counter(under_way.values()).items() if count >= SHARE]
        try:
            due = await self._threads.run(outbox.claim, limit=room, share=SHARE, busy=busy)
            # What it left lying waits for its share, and so for the end of a request.
            return due, None if due else await self._threads.run(outbox.seconds_until_due)
        except Exception:
            if under_way:  # what was sent is settled first, if that still can be
                await asyncio.wait(under_way)
            raise

    async def _deliver_one(self, claimed: Claimed, http: httpx.AsyncClient) -> None:
        """One attempt and its record. If that fails, the lease ends and the webhook goes out again."""
        try:
            outcome = await attempts.attempt(claimed, http)
            if outcome.excerpt or outcome.error:
                outcome = await self._threads.run(masking.masked, claimed, outcome)
            kept = await self._threads.run(outbox.settle, claimed, outcome)
            log.info(
                "webhook_attempt",
                webhook=str(claimed.id),
                status=outcome.status,
                error=outcome.error,
                kept=kept,
            )
        except Exception:
            log.exception("webhook_not_settled", webhook=str(claimed.id))


async def _pause(hinted: asyncio.Event, under_way: dict[asyncio.Task[None], int], seconds: float) -> None:
    """Until a hint, the end of a request, or so many seconds. Forgets the requests that have ended."""
    hint = asyncio.create_task(hinted.wait())
    seconds = min(seconds, _LOOKS_EVERY)
    ended, _ = await asyncio.wait({hint, *under_way}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    if ended and hint not in ended:
        await asyncio.sleep(_GATHERS)
    hint.cancel()
    for task in [task for task in under_way if task.done()]:
        del under_way[task]


_deliverer = Deliverer(keeps=True)
_here = Deliverer()
_nudger = Nudger("webhook-deliverer", lambda: _deliverer.run(stays=_STAYS))


def deliver_due() -> int:
    """Send every webhook that is due, here and now; returns how many attempts were made.

    While another call is at it there is nothing to do, and 0 is returned. Workers `wake` instead.
    """
    return _here.run(stays=0)


def wake() -> None:
    """Have a thread of this process look for what is due, at once; costs microseconds and never raises."""
    _deliverer.look()
    _nudger.nudge()


def finish() -> None:
    """Before the process ends: start nothing more, and wait for what is under way."""
    _deliverer.finish(within=attempts.TOTAL_SECONDS + 2)
