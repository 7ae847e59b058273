"""Sends what is due, many at once, so that an endpoint that is dead or slow delays no other."""

import asyncio
import threading
import time
from collections import Counter

import httpx
import structlog

from agents_api.webhooks import attempts, outbox
from agents_api.webhooks.outbox import Claimed
from escalations.background import DatabaseThreads

# At most so many requests at once: of this process, and of it to one endpoint.
AT_ONCE = 64
SHARE = 4
# While requests are under way, what has come due meanwhile is looked for so often, for so long.
_LOOK_EVERY = 0.25
_BUDGET = 20.0
_threads = DatabaseThreads("webhooks", 4)
_delivering = threading.Lock()
log = structlog.get_logger(__name__)


def deliver_due() -> int:
    """Send every webhook that is due; returns how many attempts were made.

    While another thread of this process is at it there is nothing to do: it finds what is due itself.
    """
    if not _delivering.acquire(blocking=False):
        return 0
    try:
        due = outbox.claim(limit=AT_ONCE, share=SHARE)
        return asyncio.run(_deliver(due)) if due else 0
    finally:
        _delivering.release()


async def _deliver(due: list[Claimed]) -> int:
    made = 0
    end = time.monotonic() + _BUDGET
    under_way: dict[asyncio.Task[None], int] = {}
    async with attempts.client() as http:
        while due or under_way:
            made += len(due)
            for claimed in due:
                under_way[asyncio.create_task(_deliver_one(claimed, http))] = claimed.endpoint_id
            done, _ = await asyncio.wait(under_way, timeout=_LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                del under_way[task]
            due = await _claim(under_way) if time.monotonic() < end else []
    return made


async def _claim(under_way: dict[asyncio.Task[None], int]) -> list[Claimed]:
    if len(under_way) >= AT_ONCE:
        return []
    busy = [endpoint for endpoint, count in Counter(under_way.values()).items() if count >= SHARE]
    return await _threads.run(outbox.claim, limit=AT_ONCE - len(under_way), share=SHARE, busy=busy)


async def _deliver_one(claimed: Claimed, http: httpx.AsyncClient) -> None:
    """One attempt and its record. If that fails, the lease ends by itself and the webhook goes out again."""
    try:
        outcome = await attempts.attempt(claimed, http)
        kept = await _threads.run(outbox.settle, claimed, outcome)
        log.info(
            "webhook_attempt", webhook=str(claimed.id), status=outcome.status, error=outcome.error, kept=kept
        )
    except Exception:
        log.exception("webhook_not_settled", webhook=str(claimed.id))
