"""Agents of both kinds, for threads and for asyncio, to be used alike."""

import asyncio
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from types import TracebackType
from typing import Any

from handrail_client import Agent, AsyncAgent, AsyncHandrail, Breaker, Handrail, Retry


@dataclass
class AnyAgent:
    """An agent whose functions are called from plain code, whether they are async or not."""

    agent: Any
    runner: asyncio.Runner | None

    def needs_approval(self, function: Callable[..., Any], **options: Any) -> Any:
        """The function as a tool that needs approval."""
        return self._plain(self.agent.needs_approval(**options)(self._own(function)))

    def escalates(self, function: Callable[..., Any], **options: Any) -> Any:
        """The function as one that escalates."""
        return self._plain(self.agent.escalates(**options)(self._own(function)))

    def run(self, **about: Any) -> AbstractContextManager[Any]:
        """A run, entered by `with` of both kinds."""
        run = self.agent.run(**about)
        return run if self.runner is None else _Entered(run, self.runner)

    def call(self, method: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Call a method of a run."""
        return self._done(method(*args, **named))

    def close(self) -> None:
        self.call(self.agent.desk.close)

    def _own(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if self.runner is None:
            return function

        @wraps(function)
        async def in_task(*args: Any, **named: Any) -> Any:
            await asyncio.sleep(0)
            return function(*args, **named)

        return in_task

    def _plain(self, function: Any) -> Any:
        def call(*args: Any, **named: Any) -> Any:
            return self._done(function(*args, **named))

        if hasattr(function, "resume"):
            call.resume = lambda *args, **named: self._done(function.resume(*args, **named))  # type: ignore[attr-defined]
        return call

    def _done(self, found: Any) -> Any:
        if not inspect.iscoroutine(found):
            return found
        assert self.runner is not None
        return self.runner.run(found)


@dataclass
class _Entered:
    run: Any
    runner: asyncio.Runner

    def __enter__(self) -> Any:
        return self.runner.run(self.run.__aenter__())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.runner.run(self.run.__aexit__(kind, error, trace))


def any_agent(url: str, key: str, runner: asyncio.Runner | None, **settings: Any) -> AnyAgent:
    """The agent `support` 2.3 at the desk; for asyncio where there is a runner."""
    settings = {"retry": Retry(first=0.01, longest=0.05), "breaker": Breaker(failures=100)} | settings
    if runner is None:
        return AnyAgent(Agent(Handrail(url, key, **settings), "support", "2.3"), None)
    return AnyAgent(AsyncAgent(AsyncHandrail(url, key, **settings), "support", "2.3"), runner)
