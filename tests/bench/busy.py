"""A busy desk: 300 people, 20 cases a second offered and accepted, and then everybody reconnects at once."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import psycopg
from websockets.asyncio.client import ClientConnection, connect

from tests.bench import memory, reconnect
from tests.bench.desk import Desk
from tests.bench.machine import ROOT, Machine
from tests.bench.report import Figure, percentile
from tests.bench.watch import Watch

PEOPLE = 300
# Cases that came while those were away who missed little.
MISSED = 20
PER_SECOND, SECONDS, WARM_UP_SECONDS = 20, 60, 5
# Each case is withdrawn after a while: a desk that keeps up, whose list of fifty rows shows all of them.
SHOWN_SECONDS = 1.8
MOST_P95_MS, MOST_OFFER_P95_MS, MOST_RECONNECT_SECONDS, MOST_GROWTH = 500.0, 1_000.0, 5.0, 1.1
THINKING_SECONDS = 0.5
PING = json.dumps({"type": "ping"})
_CSRF = "c" * 32
_OFFER = re.compile(r'data-offer=\\?"(\d+)')


@dataclass
class _Busy:
    """What came of it: seconds from handing off to each screen and to an offer, and cases claimed."""

    screens: Watch
    offers: Watch
    claims: int = 0
    refused: int = 0
    claim_seconds: list[float] = field(default_factory=list)


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """All programs of a deployment run; the clients share the machine with them."""
    machine.copy("busy", of=desk.database)
    with ExitStack() as stack:
        sessions = _people(machine, desk)
        web, web_process = stack.enter_context(machine.web("busy"))
        live, live_process = stack.enter_context(machine.live("busy"))
        programs = [web_process, live_process, *stack.enter_context(machine.background("busy"))]
        stale = asyncio.run(reconnect.look(web, sessions[0]))
        busy, before = asyncio.run(_work(web, live, desk, sessions, programs))
        after = memory.held(programs)
        reconnected = asyncio.run(_reconnect(web, live, desk, sessions, stale))
    twice = _claimed_twice(machine)
    return _figures(busy, before, after, reconnected, twice)


def _figures(
    busy: _Busy, before: float, after: float, back: dict[str, list[float]], twice: int
) -> list[Figure]:
    screen, offer = (1_000 * percentile(watch.finish(), 0.95) for watch in (busy.screens, busy.offers))
    load = f"{PEOPLE} people, {PER_SECOND} handoffs/s, each offered and accepted, for {SECONDS} s"
    offers = f"from the POST to the first screen that is offered the case, n = {len(busy.offers.finish()):,}"
    slow = 1_000 * percentile(busy.claim_seconds, 0.95)
    claims = f"{busy.claims:,} claims, p95 {slow:.0f} ms; {busy.refused:,} came too late"
    memory_note = f"{before:.0f} MiB after {WARM_UP_SECONDS} s, {after:.0f} MiB at the end"
    return [
        Figure.at_most("event to screen p95", "ms", screen, MOST_P95_MS, load),
        Figure.at_most("offer p95", "ms", offer, MOST_OFFER_P95_MS, offers),
        Figure.at_most("claimed twice", "cases", twice, 0, claims),
        Figure.at_most("memory growth", "x", after / before, MOST_GROWTH, memory_note),
        *(_back(how, seconds) for how, seconds in back.items()),
    ]


def _back(how: str, seconds: list[float]) -> Figure:
    note = (
        f"{2 * reconnect.PAGES} sockets of {reconnect.PAGES} pages at once, until the last shows the newest "
        f"case; p95 {percentile(seconds, 0.95):.1f} s; load average {os.getloadavg()[0]:.1f}"
    )
    return Figure.at_most(f"all live again: {how}", "s", max(seconds), MOST_RECONNECT_SECONDS, note)


def _people(machine: Machine, desk: Desk) -> list[str]:
    argv = [sys.executable, "-m", "tests.bench.people", str(desk.queue_id), str(PEOPLE)]
    made = subprocess.run(
        argv, cwd=ROOT, env=machine.program_environment("busy"), check=True, stdout=subprocess.PIPE
    )
    sessions: list[str] = json.loads(made.stdout)
    return sessions


async def _work(web: str, live: str, desk: Desk, sessions: list[str], programs: list) -> tuple[_Busy, float]:
    busy = _Busy(Watch(PEOPLE), Watch(1))
    limits = httpx.Limits(max_connections=64)
    async with (
        httpx.AsyncClient(base_url=web, timeout=60, limits=limits) as client,
        asyncio.TaskGroup() as tasks,
    ):
        screens = [await _socket(live, "queue", session) for session in sessions]
        desks = [await _socket(live, "desk", session) for session in sessions]
        reading = [tasks.create_task(_read(busy.screens, n, socket)) for n, socket in enumerate(screens)]
        reading += [
            tasks.create_task(_accept(busy, client, session, socket))
            for session, socket in zip(sessions, desks, strict=True)
        ]
        before = 0.0
        async with asyncio.TaskGroup() as work:
            for turn in range(PER_SECOND * (SECONDS + WARM_UP_SECONDS)):
                if turn == PER_SECOND * WARM_UP_SECONDS:
                    before = memory.held(programs)
                    _forget(busy)
                work.create_task(_come_and_go(busy, client, desk))
                await asyncio.sleep(1 / PER_SECOND)
        for task in reading:
            task.cancel()
        await asyncio.gather(*(socket.close() for socket in [*screens, *desks]))
    return busy, before


def _forget(busy: _Busy) -> None:
    """What came while everything warmed up does not count."""
    for watch in (busy.screens, busy.offers):
        watch.seconds.clear()
        watch.unseen.clear()


async def _come_and_go(busy: _Busy, client: httpx.AsyncClient, desk: Desk) -> None:
    marker = f"Case-{uuid4().hex}"
    busy.screens.send(marker)
    busy.offers.send(marker)
    address = await _hand_off(client, desk, marker)
    await asyncio.sleep(SHOWN_SECONDS)
    await client.post(f"{address}/cancel", json={}, headers=_key(desk))


async def _hand_off(client: httpx.AsyncClient, desk: Desk, marker: str) -> str:
    """Hand off a case of that name; its address."""
    body = {
        "agent": {"name": desk.agent, "version": "1"},
        "kind": "question",
        "reason": "other",
        "summary": marker,
        "messages": [{"role": "user", "content": "Where is it?"}],
    }
    headers = _key(desk) | {"Idempotency-Key": marker}
    answer = await client.post("/api/v1/handoffs", json=body, headers=headers)
    return f"/api/v1/handoffs/{answer.raise_for_status().json()['id']}"


def _key(desk: Desk) -> dict[str, str]:
    return {"Authorization": f"Bearer {desk.key}"}


async def _accept(busy: _Busy, client: httpx.AsyncClient, session: str, socket: ClientConnection) -> None:
    """Accept whatever this person is offered, after a moment."""
    seen: set[str] = set()
    async with asyncio.TaskGroup() as tasks:
        async for text in _texts(socket):
            busy.offers.receive(0, text)
            for offer in set(_OFFER.findall(text)) - seen:
                seen.add(offer)
                tasks.create_task(_accept_one(busy, client, session, offer))


async def _accept_one(busy: _Busy, client: httpx.AsyncClient, session: str, offer: str) -> None:
    await asyncio.sleep(THINKING_SECONDS)
    started = time.perf_counter()
    headers = {
        "Cookie": f"sessionid={session}; csrftoken={_CSRF}",
        "X-CSRFToken": _CSRF,
        "HX-Request": "true",
    }
    answer = await client.post(f"/offers/{offer}/accept/", headers=headers)
    if answer.status_code == httpx.codes.CONFLICT:  # withdrawn, or somebody was first
        busy.refused += 1
        return
    answer.raise_for_status()
    busy.claim_seconds.append(time.perf_counter() - started)
    busy.claims += "/cases/" in answer.headers.get("HX-Redirect", "")


async def _socket(live: str, page: str, session: str) -> ClientConnection:
    """As a page opens it: signed in, without a cursor: what it is sent first does not count."""
    return await connect(
        f"{live.replace('http', 'ws')}/live/{page}/?view=all&cursor=0-0",
        origin=live,
        additional_headers={"Cookie": f"sessionid={session}"},
        max_size=None,
        open_timeout=60,
    )


async def _read(watch: Watch, number: int, socket: ClientConnection) -> None:
    async for text in _texts(socket):
        watch.receive(number, text)


async def _texts(socket: ClientConnection) -> AsyncIterator[str]:
    """What comes, with each ping answered: by that the desk knows who is there."""
    async for text in socket:
        if text == PING:
            await socket.send('{"type": "pong"}')
        yield str(text)


async def _reconnect(
    web: str, live: str, desk: Desk, sessions: list[str], stale: reconnect.Shown
) -> dict[str, list[float]]:
    """How long it takes all pages to come back that missed little, and those that missed all of the work."""
    recent = await reconnect.look(web, sessions[0])
    async with httpx.AsyncClient(base_url=web, timeout=60) as client:
        for _ in range(MISSED):
            await _hand_off(client, desk, newest := f"Case-{uuid4().hex}")
    return {
        "missed little": await reconnect.come_back(web, live, sessions, recent, newest),
        "missed much": await reconnect.come_back(web, live, sessions, stale, newest),
    }


def _claimed_twice(machine: Machine) -> int:
    """Cases whose claims overlap."""
    overlapping = """
        SELECT count(DISTINCT one.case_id) FROM escalations_claim one
        JOIN escalations_claim other ON other.case_id = one.case_id AND other.id > one.id
        WHERE other.started_at < coalesce(one.ended_at, 'infinity')
    """
    with psycopg.connect(machine.url("busy")) as connection:
        row = connection.execute(overlapping).fetchone()
        assert row
        return int(row[0])
