"""An agent with the client from clients/python, and servers that misbehave."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from handrail_client import AsyncHandrail, Breaker, Handrail, Retry
from tests.clients.agents import AnyAgent, any_agent
from tests.clients.strange import StrangeServer
from tests.factories import make_agent, make_key
from tests.servers import Server

# Nothing here is about how long a pause is, so all of them are short.
QUICK = Retry(first=0.01, longest=0.05)

Connect = Callable[..., Any]


class _Awaited:
    """An `AsyncHandrail` whose methods are run to their end."""

    def __init__(self, runner: asyncio.Runner, client: AsyncHandrail) -> None:
        self._runner = runner
        self._client = client

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)

        def call(*arguments: Any, **named: Any) -> Any:
            found = method(*arguments, **named)
            return self._each(found) if hasattr(found, "__anext__") else self._runner.run(_awaited(found))

        return call

    def idle(self) -> None:
        """Let what runs beside do something."""
        self._runner.run(asyncio.sleep(0.01))

    def _each(self, found: Any) -> Iterator[Any]:
        try:
            while (item := self._runner.run(anext(found, _END))) is not _END:
                yield item
        finally:
            self._runner.run(found.aclose())


_END = object()


async def _awaited(found: Any) -> Any:
    return await found


@pytest.fixture(params=["sync", "async"])
def connect(request: pytest.FixtureRequest) -> Iterator[Connect]:
    """Makes clients of either kind, to be used alike."""
    clients: list[Any] = []
    with asyncio.Runner() as runner:

        def make(url: str, key: str = "hr_key", **settings: Any) -> Any:
            settings = {"retry": QUICK, "breaker": Breaker(failures=100)} | settings
            if request.param == "sync":
                client: Any = Handrail(url, key, **settings)
            else:
                client = _Awaited(runner, AsyncHandrail(url, key, **settings))
            clients.append(client)
            return client

        yield make
        for client in clients:
            client.close()


@pytest.fixture
def strange() -> Iterator[StrangeServer]:
    with StrangeServer() as server:
        yield server


@pytest.fixture(params=["threads", "asyncio"])
def runner(request: pytest.FixtureRequest) -> Iterator[asyncio.Runner | None]:
    """What runs the functions of an agent in asyncio; None for one in threads."""
    if request.param == "threads":
        yield None
        return
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def agent(live_server: Server, runner: asyncio.Runner | None) -> Iterator[AnyAgent]:
    """The agent `support` 2.3 at the real desk, of either kind."""
    agent = any_agent(live_server.url, make_key(make_agent()), runner)
    yield agent
    agent.close()
