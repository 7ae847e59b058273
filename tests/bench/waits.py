"""How soon long-polls wake while many are open, and what they hold of the database meanwhile."""

import asyncio
import json
import random
import subprocess
import sys
import time
from contextlib import suppress
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psycopg

from tests.bench.desk import Desk
from tests.bench.machine import ROOT, Machine
from tests.bench.report import Figure, percentile

FEW, MANY = 50, 500
PER_SECOND, WAKES = 10, 150
MOST_P95_MS = 300.0
_HANDOFF = {"kind": "question", "reason": "other", "question": "Bench?", "messages": []}
_MESSAGE = {"messages": [{"role": "user", "content": "Are you there?"}]}
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
_GIVEN_UP_SECONDS = 10.0


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """From before the message that changes a case to the answer of its long-poll, in two sizes."""
    figures = []
    for size in (FEW, MANY):
        name = f"waits_{size}"
        machine.copy(name, of=desk.database)
        with machine.web(name) as (web, _), machine.live(name) as (live, _):
            floor = asyncio.run(_floor(size))
            waits = _Waits(web, live, desk, machine.url(name), size)
            seconds = asyncio.run(waits.run())
        p95, floor_p95 = 1_000 * percentile(seconds, 0.95), 1_000 * percentile(floor, 0.95)
        how = (
            f"{size} open, {PER_SECOND} messages/s, {len(seconds)} wakes, median "
            f"{1_000 * percentile(seconds, 0.5):.0f} ms; floor: bare sockets"
        )
        goal, met = f"<= {MOST_P95_MS:.0f} ms", p95 <= MOST_P95_MS
        figures.append(Figure(f"{size} long-polls, wake p95", "ms", p95, floor_p95, goal, met, how))
        held = waits.connections_open - waits.connections_before
        note = f"{waits.connections_before} before, {waits.connections_open} with all open"
        figures.append(Figure.at_most(f"{size} long-polls, connections", "more", held, 0, note))
    return figures


class _Waits:
    """Long-polls at `live` while an agent speaks through `web`, each on a connection of its own."""

    def __init__(self, web: str, live: str, desk: Desk, database: str, size: int) -> None:
        self._web, self._live, self._desk, self._database, self._size = web, live, desk, database, size
        self._key = {"Authorization": f"Bearer {desk.key}"}
        self.connections_before = self.connections_open = 0

    async def run(self) -> list[float]:
        limits = httpx.Limits(max_connections=8)
        async with httpx.AsyncClient(base_url=self._web, headers=self._key, limits=limits) as client:
            ids = [await self._open(client) for _ in range(self._size)]
            # Each of the few threads of `live` has used its connection, so the pool is as large as it gets.
            await asyncio.gather(*(self._wait(case_id, after=0) for case_id in ids[:FEW]))
            self.connections_before = self._connections()
            waiting = {case_id: asyncio.create_task(self._wait(case_id, after=1)) for case_id in ids}
            await self._settled()
            self.connections_open = self._connections()
            chosen = random.Random(7).choices(ids, k=WAKES)
            return [await self._wake(client, case_id, waiting) for case_id in chosen]

    async def _open(self, client: httpx.AsyncClient) -> str:
        document = {"agent": {"name": self._desk.agent, "version": "1"}, **_HANDOFF}
        answer = await client.post(
            "/api/v1/handoffs", json=document, headers={"Idempotency-Key": str(uuid4())}
        )
        return str(answer.raise_for_status().json()["id"])

    async def _wake(
        self, client: httpx.AsyncClient, case_id: str, waiting: dict[str, asyncio.Task[tuple[float, int]]]
    ) -> float:
        """Change the case and wait for its answer; then there is a long-poll for it again."""
        began = time.perf_counter()
        answer = await client.post(
            f"/api/v1/handoffs/{case_id}/messages", json=_MESSAGE, headers={"Idempotency-Key": str(uuid4())}
        )
        answer.raise_for_status()
        ended, version = began + _GIVEN_UP_SECONDS, 0
        with suppress(TimeoutError):
            async with asyncio.timeout(_GIVEN_UP_SECONDS):
                ended, version = await waiting[case_id]
        waiting[case_id] = asyncio.create_task(self._wait(case_id, after=version))
        await asyncio.sleep(max(0.0, began + 1 / PER_SECOND - time.perf_counter()))
        return ended - began

    async def _wait(self, case_id: str, *, after: int) -> tuple[float, int]:
        """When the case was past that version, and the version; asks again for as long as it takes."""
        place = urlsplit(self._live)
        request = (
            f"GET /api/v1/handoffs/{case_id}/wait?timeout=55&after_version={after} HTTP/1.1\r\n"
            f"Host: {place.netloc}\r\nAuthorization: Bearer {self._desk.key}\r\nConnection: close\r\n\r\n"
        ).encode()
        while True:
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            try:
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                now, body = time.perf_counter(), await reader.read()
            finally:
                writer.close()
            if head[9:12] == b"200":
                return now, int(json.loads(body)["version"])
            if head[9:12] != b"204":
                raise RuntimeError((head + body).decode(errors="replace"))

    async def _settled(self) -> None:
        """Wait until the long-polls are open: nothing is under way in the database any more."""
        idle = 0
        while idle < 10:
            await asyncio.sleep(0.1)
            idle = idle + 1 if self._active() == 0 else 0

    def _active(self) -> int:
        return self._count(_CONNECTIONS + " AND state <> 'idle' AND pid <> pg_backend_pid()")

    def _connections(self) -> int:
        return self._count(_CONNECTIONS + " AND pid <> pg_backend_pid()")

    def _count(self, statement: str) -> int:
        with psycopg.connect(self._database) as connection:
            row = connection.execute(statement, [connection.info.dbname]).fetchone()
        return int(row[0]) if row else 0


async def _floor(size: int) -> list[float]:
    """The same with bare sockets: so many open, one after the other is answered."""
    argv = [sys.executable, "-m", "tests.bench.waker"]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout
            port = int(server.stdout.readline())
            streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(size)]
            for number, (_, writer) in enumerate(streams):
                writer.write(b"%d\n" % number)
            _, control = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.sleep(0.5)
            seconds = []
            for number in random.Random(7).choices(range(size), k=WAKES):
                reader, writer = streams[number]
                began = time.perf_counter()
                control.write(b"wake %d\n" % number)
                await reader.readline()
                seconds.append(time.perf_counter() - began)
                writer.write(b"%d\n" % number)
                await asyncio.sleep(0.02)
        finally:
            server.terminate()
    return seconds
