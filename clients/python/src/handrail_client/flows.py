"""What decorators do, as generators that neither wait nor call: `run` and `arun` do that for them.

A flow yields `Ask` (a call of the desk) or `Do` (a call of the engineer's code), and is sent what came of it.
"""

import inspect
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .aio import AsyncHandrail
from .sync import Handrail

Desk = Handrail | AsyncHandrail
Result = TypeVar("Result")


@dataclass(frozen=True)
class Ask:
    """A method of the desk to call."""

    desk: Desk
    method: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Do:
    """A function of the engineer's to call."""

    function: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


Flow = Generator[Ask | Do, Any, Result]


def run(flow: Flow[Result]) -> Result:
    """Carry the flow out in this thread. TypeError: its desk is one for asyncio."""
    try:
        step = next(flow)
        while True:
            try:
                outcome = _step(step)
            except BaseException as error:
                step = flow.throw(error)
            else:
                step = flow.send(outcome)
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        flow.close()


async def arun(flow: Flow[Result]) -> Result:
    """Carry the flow out in this task. TypeError: its desk is one for threads."""
    try:
        step = next(flow)
        while True:
            try:
                outcome = await _astep(step)
            except BaseException as error:
                step = flow.throw(error)
            else:
                step = flow.send(outcome)
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        flow.close()


def _step(step: Ask | Do) -> Any:
    if isinstance(step, Do):
        return step.function(*step.args, **step.kwargs)
    if not isinstance(step.desk, Handrail):
        raise TypeError("this function is not async, but its desk is: make it async, or use a Handrail")
    return getattr(step.desk, step.method)(**step.arguments)


async def _astep(step: Ask | Do) -> Any:
    if isinstance(step, Do):
        found = step.function(*step.args, **step.kwargs)
    elif isinstance(step.desk, AsyncHandrail):
        found = getattr(step.desk, step.method)(**step.arguments)
    else:
        # In a thread of its own it could wait for hours after its task was cancelled.
        raise TypeError("this function is async, but its desk is not: use an AsyncHandrail")
    return await found if inspect.isawaitable(found) else found
