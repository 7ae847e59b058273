"""The real ASGI application on a real port in the test's own event loop, and people's sockets to it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest_asyncio
import uvicorn
import websockets
from django.test import Client
from websockets.asyncio.client import ClientConnection

from config.supervisor.checks import free_port
from escalations import events
from escalations.background import database_threads
from escalations.models import Operator

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class Desk:
    """Where the server is, and how to reach it as somebody."""

    def __init__(self, port: int) -> None:
        self.host = f"127.0.0.1:{port}"

    @asynccontextmanager
    async def socket(
        self,
        operator: Operator | None,
        path: str = "/live/queue/?view=all",
        *,
        cursor: str = "",
        cookie: str = "",
        origin: str | None = "",
    ) -> AsyncIterator[ClientConnection]:
        """A socket of `operator`'s browser. Without `cursor` it has just rendered the page."""
        cursor = cursor or str(await database_threads.run(events.position))
        cookie = cookie or (await session_of(operator) if operator else "")
        address = f"ws://{self.host}{path}{'&' if '?' in path else '?'}cursor={cursor}"
        own = f"http://{self.host}" if origin == "" else origin
        headers = {"Cookie": cookie} if cookie else {}
        async with websockets.connect(
            address, origin=own, additional_headers=headers, proxy=None
        ) as connection:
            yield connection


async def session_of(operator: Operator) -> str:
    """The cookie of a browser in which `operator` has signed in."""

    def sign_in() -> str:
        client = Client()
        client.force_login(operator, backend=BACKEND)
        return f"sessionid={client.cookies['sessionid'].value}"

    return await database_threads.run(sign_in)


@pytest_asyncio.fixture
async def desk(transactional_db: None) -> AsyncIterator[Desk]:
    port = free_port()
    config = uvicorn.Config(
        "config.asgi:application",
        host="127.0.0.1",
        port=port,
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.01)
    yield Desk(port)
    server.should_exit = True
    await serving


async def message(socket: ClientConnection, of_type: str = "html", within: float = 10.0) -> dict[str, Any]:
    """The next message of that type."""
    async with asyncio.timeout(within):
        while True:
            received: dict[str, Any] = json.loads(await socket.recv())
            if received["type"] == of_type:
                if "html" not in received:
                    return received
                return received | {"sent": received, "html": whole(socket, received)}


def whole(socket: ClientConnection, message: dict[str, Any]) -> str:
    """The markup with all its rows, the earlier ones included, as static/js/live.js puts it together."""
    if "rows" not in message:
        return str(message["html"])
    had = getattr(socket, "rows", {})
    names = re.findall(r"<!--row (\S+)-->", message["html"])
    socket.rows = {name: message["rows"].get(name) or had[name] for name in names}  # type: ignore[attr-defined]
    return re.sub(r"<!--row (\S+)-->", lambda found: socket.rows[found[1]], message["html"])  # type: ignore[attr-defined]


async def silence(socket: ClientConnection, seconds: float) -> bool:
    """Whether nothing comes for so long."""
    try:
        async with asyncio.timeout(seconds):
            await socket.recv()
    except TimeoutError:
        return True
    return False


async def close_code(socket: ClientConnection, within: float = 10.0) -> int | None:
    """With what code the server ends the connection."""
    async with asyncio.timeout(within):
        await socket.wait_closed()
    return socket.close_code


def without_cursor(html: str) -> str:
    """What is shown, without its place in the log and the time left at that moment."""
    html = re.sub(r'data-live-cursor="[^"]*"', "", html)
    return re.sub(r"(<time [^>]*>)[^<]*", r"\1", html)
