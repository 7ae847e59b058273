"""Following a task: over one request until an answer is needed, or as a stream until the end."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError

from agents_api.a2a import tasks
from agents_api.a2a.tasks import Seen
from agents_api.auth import Credentials
from agents_api.problems import Problem
from agents_api.waiting.long_polls import wait_for_change
from agents_api.waiting.ticking import ticking
from escalations.background import database_threads
from escalations.models import Escalation

# Clients commonly take a silence of five seconds for a dead line.
TICK_SECONDS = 3
_PING = ": ping\n\n"
# A stream may be open for as long as it likes; a look now and then costs nothing.
_LOOK_AGAIN_SECONDS = 600
log = structlog.get_logger(__name__)


async def until_answer_needed(
    credentials: Credentials, seen: Seen, *, seconds: float, history: int | None
) -> Seen:
    """The task when it is over or asks for something, or as it stands after so many seconds.

    Nothing of the database is held while waiting.
    """
    now = asyncio.get_running_loop().time
    until = now() + seconds
    while not seen.needs_an_answer and (left := until - now()) > 0:
        await wait_for_change(case_id=seen.case.id, after_version=seen.case.version, timeout=left)
        seen = await database_threads.run(tasks.look, credentials, seen.case.id, history=history)
    return seen


async def stream(credentials: Credentials, seen: Seen) -> AsyncIterator[str]:
    """Server-sent events: the task, then each change of it, until it is over.

    It ends without a word when the key is not valid any more or the database is away: a client subscribes
    again.
    """
    yield event({"task": seen.task})
    while not seen.is_over:
        async with aclosing(ticking(_next(credentials, seen), every=TICK_SECONDS)) as ticks:
            async for tick in ticks:
                if tick is None:
                    yield _PING
                else:
                    after, seen = seen, tick
        if seen is None or after.case.version == seen.case.version:
            return
        for update in _updates(seen):
            yield event(update)


async def _next(credentials: Credentials, seen: Seen) -> Seen:
    """The task after its next change; the same again when there will be none for this reader."""
    case = seen.case
    try:
        while not await wait_for_change(
            case_id=case.id, after_version=case.version, timeout=_LOOK_AGAIN_SECONDS
        ):
            pass
        return await database_threads.run(
            tasks.look, credentials, case.id, after_turn=seen.turn_id, history=0
        )
    except (Problem, Escalation.DoesNotExist):
        return seen
    except (OperationalError, InterfaceError) as error:
        log.warning("stream_cut", error=str(error))
        return seen


def _updates(seen: Seen) -> list[dict[str, Any]]:
    """What changed: each turn of a person by itself, and in the end the decision before the last status."""
    where = {"taskId": seen.task["id"], "contextId": seen.task["contextId"]}
    statuses = [tasks.status_of(seen.case, turn) for turn in seen.said] or [seen.task["status"]]
    if not seen.is_over:
        return [{"statusUpdate": where | {"status": status}} for status in statuses]
    decided = [
        {"artifactUpdate": where | {"artifact": each, "lastChunk": True}}
        for each in seen.task.get("artifacts", [])
    ]
    return [*decided, {"statusUpdate": where | {"status": seen.task["status"]}}]


def event(document: dict[str, Any]) -> str:
    """One server-sent event."""
    return f"data: {json.dumps(document)}\n\n"
