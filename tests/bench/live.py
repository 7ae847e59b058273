"""How soon a handoff is on the screens: from before its POST to the row in each of a hundred sockets."""

import asyncio
import json
import subprocess
import sys
from contextlib import ExitStack, suppress
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.bench import memory
from tests.bench.desk import Desk
from tests.bench.machine import ROOT, Machine
from tests.bench.report import Figure, percentile
from tests.bench.watch import Watch

SOCKETS = 100
PER_SECOND, SECONDS, FLOOR_SECONDS = 10, 20, 5
# As in a desk that keeps up: each case is withdrawn after a while, so lists stay short.
SHOWN_SECONDS = 2.0
MOST_P95_MS = 500.0
_LINE_BYTES = 20_000


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """The latency with all programs of a deployment running, and their memory after it."""
    machine.copy("live", of=desk.database)
    with ExitStack() as stack:
        web, web_process = stack.enter_context(machine.web("live"))
        live, live_process = stack.enter_context(machine.live("live"))
        background = stack.enter_context(machine.background("live"))
        floor = 1_000 * percentile(asyncio.run(_floor()), 0.95)
        p95 = 1_000 * percentile(asyncio.run(_product(web, live, desk)), 0.95)
        memory_figures = memory.measure([web_process, live_process, *background])
    how = (
        f"{SOCKETS} sockets with two views, {PER_SECOND} handoffs/s for {SECONDS} s, "
        "compression as browsers ask for it; floor: bare sockets, "
        f"{_LINE_BYTES:,} bytes to each"
    )
    met = p95 <= MOST_P95_MS
    return [
        Figure("handoff to screen p95", "ms", p95, floor, f"<= {MOST_P95_MS:.0f} ms", met, how),
        *memory_figures,
    ]


async def _product(web: str, live: str, desk: Desk) -> list[float]:
    watch = Watch(SOCKETS)
    async with httpx.AsyncClient(base_url=web, timeout=60) as client, asyncio.TaskGroup() as readers:
        sockets = [await _open_socket(live, desk, number) for number in range(SOCKETS)]
        reading = [readers.create_task(_read(watch, number, socket)) for number, socket in enumerate(sockets)]
        async with asyncio.TaskGroup() as agents:
            for _ in range(PER_SECOND * SECONDS):
                agents.create_task(_come_and_go(watch, client, desk))
                await asyncio.sleep(1 / PER_SECOND)
        for task, socket in zip(reading, sockets, strict=True):
            task.cancel()
            await socket.close()
    return watch.finish()


async def _open_socket(live: str, desk: Desk, number: int) -> ClientConnection:
    """As a queue page opens it: signed in, at the cursor of the page (here: none yet, so it re-syncs)."""
    view = ("waiting", "all")[number % 2]
    session = desk.sessions[number % len(desk.sessions)]
    return await connect(
        f"{live.replace('http', 'ws')}/live/queue/?view={view}&cursor=0-0",
        origin=live,
        additional_headers={"Cookie": f"sessionid={session}"},
        max_size=None,
    )


async def _read(watch: Watch, number: int, socket: ClientConnection) -> None:
    async for text in socket:
        watch.receive(number, str(text))


async def _come_and_go(watch: Watch, client: httpx.AsyncClient, desk: Desk) -> None:
    """Hand a case off whose name is unique, and withdraw it later."""
    marker = f"Case-{uuid4().hex}"
    key = {"Authorization": f"Bearer {desk.key}"}
    body = {
        "agent": {"name": desk.agent, "version": "1"},
        "kind": "takeover",
        "reason": "other",
        "summary": marker,
        "messages": [{"role": "user", "content": "Where is it?"}],
    }
    watch.send(marker)
    answer = await client.post("/api/v1/handoffs", json=body, headers=key | {"Idempotency-Key": marker})
    answer.raise_for_status()
    await asyncio.sleep(SHOWN_SECONDS)
    await client.post(f"/api/v1/handoffs/{answer.json()['id']}/cancel", json={}, headers=key)


async def _floor() -> list[float]:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.fanout"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    port = int(server.stdout.readline())
    watch = Watch(SOCKETS)
    try:
        streams = [await asyncio.open_connection("127.0.0.1", port, limit=2**20) for _ in range(SOCKETS)]
        reading = [
            asyncio.create_task(_read_lines(watch, number, reader))
            for number, (reader, _) in enumerate(streams)
        ]
        for _ in range(PER_SECOND * FLOOR_SECONDS):
            marker = uuid4().hex
            watch.send(marker)
            streams[0][1].write(json.dumps({"html": marker.ljust(_LINE_BYTES)}).encode() + b"\n")
            await asyncio.sleep(1 / PER_SECOND)
        for task, (_, writer) in zip(reading, streams, strict=True):
            task.cancel()
            writer.close()
    finally:
        server.terminate()
        server.wait()
    return watch.finish()


async def _read_lines(watch: Watch, number: int, reader: asyncio.StreamReader) -> None:
    with suppress(ConnectionError):
        while line := await reader.readline():
            watch.receive(number, line.decode())
