"""Everybody comes back at once, as after the end of a server: pages with two sockets each, at real cursors.

A page is sent what came since, or told to fetch its list; then it counts when it has that. Either way it must
show the newest case. Real
browsers spread over half a second and more (`static/js/live.js`); these all come in the same moment.
"""

import asyncio
import html
import json
import re
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import quote

import httpx
from websockets.asyncio.client import ClientConnection, connect

PAGES = 250
_PAGE = "/?view=all"
_LIST = re.compile(
    r'data-live-url="(/live/queue/[^"]*)"\s+data-live-cursor="([^"]*)"\s+data-live-refresh="([^"]*)"'
)


@dataclass(frozen=True)
class Shown:
    """What an open queue page knows of its list: its socket, the place it was read at, how to fetch it."""

    socket: str
    cursor: str
    refresh: str


async def look(web: str, session: str) -> Shown:
    """Open a queue page."""
    async with httpx.AsyncClient(base_url=web, timeout=60) as client:
        page = await client.get(_PAGE, headers=_signed_in(session))
        found = _LIST.search(page.raise_for_status().text)
        assert found, "the page has no live list"
        return Shown(*map(html.unescape, found.groups()))


async def come_back(web: str, live: str, sessions: list[str], shown: Shown, newest: str) -> list[float]:
    """Seconds until each of `PAGES` pages is live again and shows the case `newest`."""
    limits = httpx.Limits(max_connections=PAGES)
    async with (
        httpx.AsyncClient(base_url=web, timeout=60, limits=limits) as client,
        AsyncExitStack() as stack,
    ):
        started = time.perf_counter()

        async def one(session: str) -> float:
            await asyncio.gather(
                _list(client, live, session, shown, newest, stack), _desk(live, session, stack)
            )
            return time.perf_counter() - started

        return await asyncio.gather(*(one(sessions[n % len(sessions)]) for n in range(PAGES)))


async def _list(
    client: httpx.AsyncClient, live: str, session: str, shown: Shown, newest: str, stack: AsyncExitStack
) -> None:
    """Wait until the list has `newest`."""
    socket = await _socket(f"{live}{shown.socket}&cursor={quote(shown.cursor)}", live, session, stack)
    async for text in socket:
        if json.loads(text)["type"] == "resync":
            answer = await client.get(shown.refresh, headers=_signed_in(session) | {"HX-Request": "true"})
            if newest not in answer.raise_for_status().text:
                raise RuntimeError("what was fetched is not the newest")
            return
        if newest in str(text):
            return
    raise RuntimeError("the socket was closed")


async def _desk(live: str, session: str, stack: AsyncExitStack) -> None:
    socket = await _socket(f"{live}/live/desk/?cursor=", live, session, stack)
    async for text in socket:
        if json.loads(text)["type"] == "html":
            return


async def _socket(address: str, live: str, session: str, stack: AsyncExitStack) -> ClientConnection:
    opening = connect(
        address.replace("http", "ws", 1),
        origin=live,
        additional_headers=_signed_in(session),
        max_size=None,
        open_timeout=60,
    )
    return await stack.enter_async_context(opening)


def _signed_in(session: str) -> dict[str, str]:
    return {"Cookie": f"sessionid={session}"}
