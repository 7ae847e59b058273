"""How long `POST /checks` takes in the server, with a policy that has every kind of rule."""

import json
from urllib.parse import urlsplit

import psycopg

from tests.bench.desk import Desk
from tests.bench.load import drive
from tests.bench.machine import Machine
from tests.bench.report import Figure, percentile

CLIENTS, SECONDS, FLOOR_SECONDS, WARM_UP_SECONDS = 2, 8, 2, 3
MOST_P95_MS = 5.0
RULES = {
    "confidence": {"*": 0.6, "refund": 0.7},
    "never": ["legal", "medical"],
    "turns": 20,
    "context_tokens": 50_000,
    "cost_usd": 3,
    "tool_failures": 3,
    "approve_tools": [
        "transfer",
        {"name": "refund", "when": [{"argument": "amount", "op": ">", "value": 100}]},
    ],
    "phrases": [f"word number {number}" for number in range(50)],
    "asks_for_person": True,
    "checkpoints": ["*"],
}


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """p95 in the server, as it tells itself, with as many clients as web processes; `/healthz` is the floor.

    Beside it p95 from the first byte sent to the last received, in which the clients have a part.
    """
    machine.copy("checks", of=desk.database)
    with psycopg.connect(machine.url("checks")) as connection:
        connection.execute(
            "INSERT INTO escalations_policy (agent_id, number, rules) VALUES (%s, 1, %s)",
            [desk.agent_id, json.dumps(RULES)],
        )
    with machine.web("checks") as (url, _):
        request = _request(url, desk)
        drive(url, lambda: request, clients=CLIENTS, seconds=WARM_UP_SECONDS, status=200)
        load = drive(url, lambda: request, clients=CLIENTS, seconds=SECONDS, status=200)
        health = f"GET /healthz HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n\r\n".encode()
        floor = drive(url, lambda: health, clients=CLIENTS, seconds=FLOOR_SECONDS, status=200)
    p95 = 1_000 * percentile(load.served, 0.95)
    least = 1_000 * percentile(floor.served, 0.95)
    how = f"{CLIENTS} clients, {SECONDS} s, {load.rate:,.0f} checks/s, all kinds of rules, 50 phrases"
    goal = f"<= {MOST_P95_MS:g} ms"
    there_and_back = 1_000 * percentile(load.seconds, 0.95)
    return [
        Figure("checks in the server p95", "ms", p95, least, goal, p95 <= MOST_P95_MS, how),
        Figure("checks there and back p95", "ms", there_and_back, None, "", None),
    ]


def _request(url: str, desk: Desk) -> bytes:
    document = {
        "agent": {"name": desk.agent, "version": "1"},
        "category": "refund",
        "confidence": 0.62,
        "usage": {"turns": 21, "context_tokens": 3_100, "cost_usd": "0.12", "seconds": 41, "retries": 0},
        "tool_failures": 1,
        "pending_actions": [{"name": "refund", "arguments": {"order": "W100", "amount": 900}}],
        "last_user_message": "I want my money back, and I want to talk to a person. " * 10,
    }
    body = json.dumps(document).encode()
    head = (
        f"POST /api/v1/checks HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n"
        f"Authorization: Bearer {desk.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
