"""From a decision to its receiver, against a bare POST, and what one dead endpoint costs the others."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable

import httpx
import psycopg

from tests.bench.desk import Desk
from tests.bench.hooks import Received, Receiver
from tests.bench.machine import ROOT, Machine
from tests.bench.report import Figure, percentile
from tests.bench.rows import add_queued

RATE, SECONDS, WARM_UP = 20, 60, 20
# As the product has it: a decision can be undone for so long.
UNDO_SECONDS, UNDONE_FOR = 5, 15
MOST_P50_MS, MOST_P99_MS = 300, 2_000
ENDPOINTS, QUEUED = 10, 1_000
MOST_TIMES = 2.0
POSTS = 200
# What has not come by then counts as so late.
GIVEN_UP_SECONDS = 60.0
_SECRET = "whsec_" + "A" * 43 + "="
# Longer than everything here takes: the webhooks wait until they are let go.
_HELD = 3_600


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """Both figures, with one receiver for all."""
    os.environ["WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES"] = "true"
    try:
        with Receiver() as receiver:
            return _steady(machine, desk, receiver) + _with_a_dead_one(machine, desk, receiver)
    finally:
        del os.environ["WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES"]


def _steady(machine: Machine, desk: Desk, receiver: Receiver) -> list[Figure]:
    database = "webhooks"
    machine.copy(database, of=desk.database)
    add_queued(machine.url(database), desk, WARM_UP + RATE * (SECONDS + UNDONE_FOR))
    _add_endpoints(machine.url(database), desk, [receiver.url + "/hook"])
    with machine.background(database):
        _resolve(machine, desk, database, WARM_UP, RATE, undo_seconds=0)
        _wait_for(receiver, WARM_UP)
        floor = _floor(receiver)
        begun = _resolve(machine, desk, database, RATE * SECONDS, RATE, undo_seconds=0)
        _wait_for(receiver, len(begun))
        taken = _taken(begun, receiver.received)
        receiver.received.clear()
        begun = _resolve(machine, desk, database, RATE * UNDONE_FOR, RATE, undo_seconds=UNDO_SECONDS)
        _wait_for(receiver, len(begun))
        stood = [one - UNDO_SECONDS for one in _taken(begun, receiver.received)]
    how = f"{RATE} decisions/s for {SECONDS} s, no time to undo, one worker; floor: a bare POST"
    p50, p99 = (1_000 * percentile(taken, share) for share in (0.5, 0.99))
    undoable = 1_000 * percentile(stood, 0.99)
    after = f"after the {UNDO_SECONDS} s in which it can be undone, for {UNDONE_FOR} s"
    return [
        Figure("decision to receiver p50", "ms", p50, floor, f"<= {MOST_P50_MS} ms", p50 <= MOST_P50_MS, how),
        Figure("decision to receiver p99", "ms", p99, floor, f"<= {MOST_P99_MS} ms", p99 <= MOST_P99_MS),
        Figure.at_most("decision that stands to receiver p99", "ms", undoable, MOST_P99_MS, after),
    ]


def _with_a_dead_one(machine: Machine, desk: Desk, receiver: Receiver) -> list[Figure]:
    full = "webhooks_queued"
    machine.copy(full, of=desk.database)
    cases = QUEUED // ENDPOINTS
    add_queued(machine.url(full), desk, cases)
    _add_endpoints(machine.url(full), desk, [f"{receiver.url}/{number}" for number in range(ENDPOINTS)])
    _resolve(machine, desk, full, cases, 0, undo_seconds=_HELD)
    times = {}
    for dead in (False, True):
        database = f"webhooks_{'dead' if dead else 'well'}"
        machine.copy(database, of=full)
        if dead:
            _execute(
                machine.url(database),
                "UPDATE agents_api_webhookendpoint SET url = %s WHERE url LIKE %s",
                [receiver.url + "/dead", "%/0"],
            )
        times[dead] = 1_000 * percentile(_drained(machine, database, receiver), 0.95)
    how = (
        f"{QUEUED:,} webhooks queued for {ENDPOINTS} endpoints, one of which takes requests and never "
        "answers; the others' p95 until they have theirs; floor: with all of them well"
    )
    goal, met = f"<= {MOST_TIMES:g} x floor", times[True] <= MOST_TIMES * times[False]
    return [Figure("beside a dead endpoint p95", "ms", times[True], times[False], goal, met, how)]


def _drained(machine: Machine, database: str, receiver: Receiver) -> list[float]:
    """How long after they were let go the webhooks of all endpoints but the first arrived."""
    others = QUEUED - QUEUED // ENDPOINTS
    with machine.background(database):
        time.sleep(8)  # the worker is up, and has looked
        receiver.received.clear()
        moment = time.time() + 4
        _execute(machine.url(database), "UPDATE escalations_escalation SET dispatch_at = NULL")
        _execute(
            machine.url(database),
            "UPDATE agents_api_webhookdelivery SET next_attempt_at = to_timestamp(%s)",
            [moment],
        )
        _wait_for(receiver, others, of_others)
    taken = [one.at - moment for one in receiver.received if of_others(one)]
    return taken + [GIVEN_UP_SECONDS] * (others - len(taken))


def of_others(one: Received) -> bool:
    """Whether it went to an endpoint that is well in both runs."""
    return one.path not in ("/0", "/dead")


def _resolve(
    machine: Machine, desk: Desk, database: str, count: int, rate: float, *, undo_seconds: int
) -> dict[str, float]:
    """Decide so many cases in a process of its own: when each was begun, by case."""
    operators = [str(one) for one in desk.operator_ids]
    environment = machine.program_environment(database) | {
        "UNDO_SECONDS": str(undo_seconds),
        "DATABASE_POOL_SIZE": "0",
    }
    argv = [sys.executable, "-m", "tests.bench.resolver", str(count), str(rate), *operators]
    with subprocess.Popen(
        argv, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        said, _ = process.communicate("\n")
    begun: dict[str, float] = json.loads(said)
    return begun


def _floor(receiver: Receiver) -> float:
    """The median time of a bare POST, in milliseconds, until it is there."""
    receiver.received.clear()
    body = json.dumps({"type": "handoff.resolved", "data": {"filler": "x" * 1_000}}).encode()
    sent = []
    with httpx.Client(limits=httpx.Limits(max_keepalive_connections=0)) as client:
        for _ in range(POSTS):
            sent.append(time.time())
            client.post(receiver.url + "/floor", content=body)
    came = [one.at for one in receiver.received]
    receiver.received.clear()
    return 1_000 * percentile([at - start for at, start in zip(came, sent, strict=True)], 0.5)


def _taken(begun: dict[str, float], received: list[Received]) -> list[float]:
    came = {json.loads(one.body)["data"]["handoff_id"]: one.at for one in received}
    return [came.get(case, start + GIVEN_UP_SECONDS) - start for case, start in begun.items()]


def _wait_for(receiver: Receiver, count: int, wanted: Callable[[Received], bool] = lambda _: True) -> None:
    """Until so many have come, or the time is over."""
    end = time.monotonic() + GIVEN_UP_SECONDS
    while sum(map(wanted, list(receiver.received))) < count and time.monotonic() < end:
        time.sleep(0.2)


def _add_endpoints(url: str, desk: Desk, addresses: list[str]) -> None:
    for address in addresses:
        _execute(
            url,
            "INSERT INTO agents_api_webhookendpoint (agent_id, url, secret, events, is_active) "
            "VALUES (%s, %s, %s, '[]', true)",
            [desk.agent_id, address, _SECRET],
        )


def _execute(url: str, statement: str, values: list[object] | None = None) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement, values)
