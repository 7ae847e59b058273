"""Waiting for something and saying now and then that one still waits."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import suppress
from typing import TypeVar

Answer = TypeVar("Answer")


async def ticking(coming: Awaitable[Answer], *, every: float) -> AsyncGenerator[Answer | None, None]:
    """None every so many seconds, and in the end what was waited for; who leaves earlier ends it, too.

    Leave it by `contextlib.aclosing`.
    """
    task = asyncio.ensure_future(coming)
    try:
        while not (await asyncio.wait({task}, timeout=every))[0]:
            yield None
        yield task.result()
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
