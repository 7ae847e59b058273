"""How many finished runs a deployment takes in by batches, against `pgbench` writing the same rows."""

import json
import secrets
from urllib.parse import urlsplit

from tests.bench import pgbench
from tests.bench.desk import Desk
from tests.bench.load import Load, drive
from tests.bench.machine import Machine
from tests.bench.report import Figure, median, percentile

CLIENTS = 4
BATCH = 200
ROUNDS, SECONDS, WARM_UP_SECONDS = 5, 3, 2
LEAST_RUNS = 2_000

# The rows of escalations/sql/runs.sql, without its look-ups and the draw.
_ROWS = f"""
INSERT INTO escalations_run (
    id, agent_id, agent_version_id, run_id, conversation_id, category, confidence, confidence_source,
    turns, context_tokens, cost_usd, seconds, retries, tool_errors, finished_at, sampling_probability, drawn)
SELECT uuidv7(), :agent, :version, gen_random_uuid()::text, 'conv_1', 'refund', 0.93, 'self_report',
       4, 2100, 0.05, 12.5, 0, 0, now(), 0, false
FROM generate_series(1, {BATCH});
"""
_MARK = b"0" * 32


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """Rate and p99 of batches. Floor and product take turns on one database each, made alike."""
    machine.copy("runs_floor", of=desk.database)
    machine.copy("runs", of=desk.database)
    body = _body(desk.agent)
    floors, loads = [], []
    with machine.web("runs") as (url, _):
        _drive(url, desk.key, body, WARM_UP_SECONDS)
        for _ in range(ROUNDS):
            machine.checkpoint()
            floors.append(_floor(machine, desk))
            machine.checkpoint()
            loads.append(_drive(url, desk.key, body, SECONDS))
    floor, rate = BATCH * median(floors), BATCH * median([load.rate for load in loads])
    p99 = 1_000 * percentile([taken for load in loads for taken in load.seconds], 0.99)
    how = f"{CLIENTS} clients, batches of {BATCH}, median of {ROUNDS} turns of {SECONDS} s"
    return [
        Figure("runs", "runs/s", rate, floor, f">= {LEAST_RUNS:,} runs/s", rate >= LEAST_RUNS, how),
        Figure("a batch of runs p99", "ms", p99, None, "", None),
    ]


def _drive(url: str, key: str, body: bytes, seconds: float) -> Load:
    head = (
        f"POST /api/v1/runs HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()

    def request() -> bytes:
        return head + body.replace(_MARK, secrets.token_hex(16).encode())

    return drive(url, request, clients=CLIENTS, seconds=seconds, status=200)


def _floor(machine: Machine, desk: Desk) -> float:
    variables = {"agent": desk.agent_id, "version": desk.version_id}
    url = machine.url("runs_floor")
    return pgbench.rate(_ROWS, url=url, clients=CLIENTS, seconds=SECONDS, variables=variables)


def _body(agent: str) -> bytes:
    """A batch whose run_ids hold a mark, so that each request can have new ones."""
    run = {
        "agent": {"name": agent, "version": "1"},
        "conversation_id": "conv_1",
        "category": "refund",
        "confidence": 0.93,
        "confidence_source": "self_report",
        "usage": {"turns": 4, "context_tokens": 2100, "cost_usd": "0.05", "seconds": 12.5, "retries": 0},
        "tool_errors": 0,
        "finished_at": "2026-03-02T09:30:00Z",
    }
    runs = [run | {"run_id": f"{_MARK.decode()}-{number}"} for number in range(BATCH)]
    return json.dumps({"runs": runs}).encode()
