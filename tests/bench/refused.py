"""Whether memory stays flat while bodies come that nobody should send: deep, huge, broken, endless."""

import json
import secrets
import time
from collections.abc import Sequence

import httpx

from config.supervisor.process import Process
from tests.agents_api.strange import STRANGE
from tests.bench import memory
from tests.bench.desk import Desk
from tests.bench.machine import Machine
from tests.bench.report import Figure

# Whole rounds of all bodies: first some that fill pools and caches.
WARM_UP, FEW, MANY = 4, 2, 8
MOST_GROWTH = 1.1
_HERE = "here-4711"


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """Memory of `web` and of `live` after some requests and after many more, in the same processes."""
    figures = []
    for role in ("web", "live"):
        database = f"refused_{role}"
        machine.copy(database, of=desk.database)
        with getattr(machine, role)(database) as (url, process):
            bodies = _bodies(desk.agent)
            _send(url, desk.key, bodies, WARM_UP)
            _send(url, desk.key, bodies, FEW)
            before = _settled(process)
            _send(url, desk.key, bodies, MANY)
            after = _settled(process)
        growth = after / before
        how = f"{before:.0f} -> {after:.0f} MiB in {MANY * len(bodies):,} more requests, bodies up to 4 MiB"
        goal = f"<= {MOST_GROWTH} x"
        figures.append(Figure(f"refused, {role}", "MiB", after, before, goal, growth <= MOST_GROWTH, how))
    return figures


def _settled(process: Process) -> float:
    """MiB once the last request is over and forgotten: the least of some looks."""
    looks = []
    for _ in range(10):
        time.sleep(0.2)
        looks.append(memory.held([process]))
    return min(looks)


def _send(url: str, key: str, bodies: Sequence[bytes], rounds: int) -> None:
    # A server need not read what it refuses, so each request has a connection for itself.
    fixed = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Connection": "close"}
    with httpx.Client(base_url=url, timeout=60, headers=fixed) as client:
        for body in [*bodies] * rounds:
            headers = {"Idempotency-Key": secrets.token_hex(16)}
            answer = client.post("/api/v1/handoffs", content=body, headers=headers)
            if not 400 <= answer.status_code < 500:
                raise RuntimeError(f"{answer.status_code}: {answer.text[:300]}")


def _bodies(agent: str) -> list[bytes]:
    """Handoffs with something strange in the place of the messages, and whole bodies of four megabytes."""
    document = {"agent": {"name": agent, "version": "1"}, "kind": "takeover", "reason": "other"}
    text = json.dumps(document | {"messages": _HERE}).encode()
    strange = [each if isinstance(each, bytes) else each.encode() for each in STRANGE.values()]
    broken = [text.replace(f'"{_HERE}"'.encode(), each) for each in strange if each != b"[]"]
    large = [
        b"[" * 4_000_000,
        b'{"a":' * 800_000,
        b'"' + b"x" * 4_190_000 + b'"',
        b"[" + b"0," * 2_000_000 + b"0]",
        b"9" * 4_000_000,
        b"[" + b'{"a":0},' * 500_000 + b"0]",
        b"x" * 4_500_000,
    ]
    return [*broken, *large]
