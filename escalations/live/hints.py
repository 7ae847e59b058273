"""Tells all processes after a commit that something may be worth reading: `{"type": "hint"}`, no content.

Publishing happens in a background thread with an event loop and a connection of its own, so that no
request waits for Valkey or fails with it. A lost hint costs readers at most a tick (`escalations.live.feed`).
"""

import asyncio
import threading

from channels.layers import get_channel_layer
from django.dispatch import receiver

from escalations.background import Nudger
from escalations.signals import committed, desk_changed

GROUP = "handrail"
_HINT = {"type": "hint"}
_PUBLISH_SECONDS = 1.0
_thread = threading.local()


@receiver([committed, desk_changed])
def hint(**_: object) -> None:
    """Ask all readers to look, soon."""
    _nudger.nudge()


def _publish() -> None:
    # The channel layer keeps its connection per event loop, so the thread keeps its loop.
    if not hasattr(_thread, "runner"):
        _thread.runner = asyncio.Runner()
    _thread.runner.run(asyncio.wait_for(_send(), _PUBLISH_SECONDS))


async def _send() -> None:
    layer = get_channel_layer()
    try:
        await layer.group_send(GROUP, _HINT)
    except Exception:
        # The connection may be one from before Valkey started anew; the second try makes a new one.
        await layer.group_send(GROUP, _HINT)


_nudger = Nudger("hints", _publish)
