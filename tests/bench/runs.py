"""How many finished runs a deployment takes in by batches, few or many there, and how fast it forgets.

The floor is `pgbench` writing the same rows.
"""

import json
import secrets
import time
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg

from escalations import sql
from tests.bench import pgbench
from tests.bench.desk import Desk
from tests.bench.load import Load, drive
from tests.bench.machine import Machine
from tests.bench.report import Figure, median, percentile

CLIENTS = 4
BATCH = 200
SECONDS, FLOOR_SECONDS, WARM_UP_SECONDS = 20, 5, 2
MANY = 2_000_000
LEAST_RUNS = 2_000
# With many rows there, at least this share of what it is with none.
LEAST_SHARE = 0.8
FORGOTTEN_AT_ONCE, FORGETTING_SECONDS = 5_000, 5

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
# As many rows as there would be after some weeks, in the order of their times.
_FILL = """
INSERT INTO escalations_run (
    id, agent_id, agent_version_id, run_id, conversation_id, category, confidence, confidence_source,
    turns, context_tokens, cost_usd, seconds, retries, tool_errors, finished_at, received_at,
    sampling_probability, drawn)
SELECT uuidv7(age.age), %(agent)s, %(version)s, gen_random_uuid()::text, 'conv_1', 'refund', 0.93,
       'self_report', 4, 2100, 0.05, 12.5, 0, 0, now() + age.age, now() + age.age, 0.01, number %% 100 = 0
FROM generate_series(1, %(count)s) AS number,
     LATERAL (SELECT (number - %(count)s) * (interval '120 days' / %(count)s) AS age) AS age
"""


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """Rate and p99 of batches on an empty table and on a long one, and how fast the long one is shortened."""
    for name in ("runs_floor", "runs", "runs_many"):
        machine.copy(name, of=desk.database)
    _fill(machine.url("runs_many"), desk)
    floors = []
    loads: dict[str, list[Load]] = {"runs": [], "runs_many": []}
    for name in ("runs", "runs_many", "runs_many", "runs"):
        floors.append(_floor(machine, desk))
        loads[name].append(_sustained(machine, desk, name))
    floor = BATCH * median(floors)
    few, many = (BATCH * median([load.rate for load in each]) for each in loads.values())
    how = f"{CLIENTS} clients, batches of {BATCH}, twice {SECONDS} s without a pause"
    return [
        Figure("runs", "runs/s", few, floor, f">= {LEAST_RUNS:,} runs/s", few >= LEAST_RUNS, how),
        _p99("a batch of runs p99", loads["runs"]),
        Figure(
            "runs, many there",
            "runs/s",
            many,
            few,
            f">= {LEAST_SHARE} x",
            many >= LEAST_SHARE * few,
            f"with {MANY:,} rows; the floor is the rate with none",
        ),
        _p99("a batch of runs p99, many there", loads["runs_many"]),
        _forgetting(machine),
    ]


def _p99(name: str, loads: list[Load]) -> Figure:
    taken = [seconds for load in loads for seconds in load.seconds]
    return Figure(name, "ms", 1_000 * percentile(taken, 0.99), None, "", None)


def _sustained(machine: Machine, desk: Desk, database: str) -> Load:
    body = _body(desk.agent)
    machine.checkpoint()
    with machine.web(database) as (url, _):
        _drive(url, desk.key, body, WARM_UP_SECONDS)
        return _drive(url, desk.key, body, SECONDS)


def _fill(url: str, desk: Desk) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        values = {"agent": desk.agent_id, "version": desk.version_id, "count": MANY}
        connection.execute(_FILL, values)
        connection.execute("VACUUM ANALYZE escalations_run")


def _forgetting(machine: Machine) -> Figure:
    """How many runs one worker forgets in a second, from the long table."""
    text, order = sql.compiled("forget_runs")
    values = {"bookmark": "runs", "kept": timedelta(days=30), "limit": FORGOTTEN_AT_ONCE}
    machine.checkpoint()
    forgotten = 0
    with psycopg.connect(machine.url("runs_many"), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO escalations_bookmark VALUES ('runs', '00000000-0000-0000-0000-000000000000')"
        )
        connection.execute("SET plan_cache_mode = force_generic_plan")
        cursor = psycopg.RawCursor(connection)
        started = time.perf_counter()
        while time.perf_counter() < started + FORGETTING_SECONDS:
            [(passed,)] = cursor.execute(text, [values[name] for name in order], prepare=True).fetchall()
            forgotten += passed
        rate = forgotten / (time.perf_counter() - started)
    how = f"{FORGOTTEN_AT_ONCE:,} at once, one worker, from {MANY:,} rows"
    return Figure(
        "runs forgotten", "runs/s", rate, None, f">= {LEAST_RUNS:,} runs/s", rate >= LEAST_RUNS, how
    )


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
    return pgbench.rate(_ROWS, url=url, clients=CLIENTS, seconds=FLOOR_SECONDS, variables=variables)


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
