"""How many handoffs of 20 kB a deployment takes in, against `pgbench` writing the same rows."""

import json
import secrets
from urllib.parse import urlsplit

from tests.bench import pgbench
from tests.bench.desk import Desk
from tests.bench.load import Load, drive
from tests.bench.machine import Machine
from tests.bench.report import Figure, median, percentile

CLIENTS = 16
BODY_BYTES = 20_000
ROUNDS, SECONDS, WARM_UP_SECONDS = 7, 3, 3
LEAST_RATIO, MOST_P99_MS = 0.3, 150.0

# The rows of escalations/sql/open.sql, without its look-ups and checks.
_ROWS = """
WITH known AS (
    SELECT uuidv7() AS id, now() AS moment
),
promised AS (
    INSERT INTO escalations_idempotencyrecord (agent_id, key, request_sha256, case_id, answer)
    SELECT :agent, gen_random_uuid()::text, :sha256, id, :answer FROM known
),
opened AS (
    INSERT INTO escalations_escalation (
        id, agent_id, agent_version_id, queue_id, state, kind, reason, priority, category, headline,
        conversation_id, run_id, skills, confidence_source, version, cycle, rank, received_at, pickup_due_at,
        due_at, on_expiry, waited_seconds, lease_token, delivery)
    SELECT id, :agent, :version, :queue, 'queued', 'takeover', 'other', 2, '', 'Bench',
           'conv_1', '', '{}', '', 1, 1, 1, moment, moment, moment, 'fail', 0, 0, ''
    FROM known
),
stored AS (
    INSERT INTO escalations_handoff (case_id, body, normalised_messages, traceparent, tracestate)
    SELECT id, :body, '', '', '' FROM known
),
logged AS (
    INSERT INTO escalations_event (case_id, kind, version, actor, data)
    SELECT id, 'opened', 1, 'agent bench', '{}' FROM known
),
timed AS (
    INSERT INTO escalations_timer (case_id, kind, due_at)
    SELECT id, kind, moment FROM known, unnest(ARRAY['pickup', 'resolution']) kind
)
INSERT INTO escalations_auditentry (actor, action, target, request_id)
SELECT 'key 12345678', 'open', 'case ' || id, :request FROM known;
"""


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """Rate and p99 of intake. Floor and product take turns on one database each, made alike."""
    machine.copy("intake_floor", of=desk.database)
    machine.copy("intake", of=desk.database)
    body = _body(desk.agent)
    floors, loads = [], []
    with machine.web("intake") as (url, _):
        _drive(url, desk.key, body, WARM_UP_SECONDS)
        for _ in range(ROUNDS):
            machine.checkpoint()
            floors.append(_floor(machine, desk, body))
            machine.checkpoint()
            loads.append(_drive(url, desk.key, body, SECONDS))
    floor, rate = median(floors), median([load.rate for load in loads])
    p99 = 1_000 * percentile([taken for load in loads for taken in load.seconds], 0.99)
    how = f"{CLIENTS} clients, {BODY_BYTES:,} bytes each, median of {ROUNDS} turns of {SECONDS} s"
    return [
        Figure(
            "intake", "handoffs/s", rate, floor, f">= {LEAST_RATIO} x floor", rate >= LEAST_RATIO * floor, how
        ),
        Figure("intake p99", "ms", p99, None, f"<= {MOST_P99_MS:.0f} ms", p99 <= MOST_P99_MS),
    ]


def _drive(url: str, key: str, body: bytes, seconds: float) -> Load:
    before, after = (
        f"POST /api/v1/handoffs HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nIdempotency-Key: ".encode(),
        b"\r\n\r\n" + body,
    )
    return drive(
        url,
        lambda: before + secrets.token_hex(16).encode() + after,
        clients=CLIENTS,
        seconds=seconds,
        status=201,
    )


def _floor(machine: Machine, desk: Desk, body: bytes) -> float:
    variables = {
        "agent": desk.agent_id,
        "version": desk.version_id,
        "queue": desk.queue_id,
        "sha256": "0" * 64,
        "request": "0" * 32,
        "answer": "x" * 900,
        "body": body.decode(),
    }
    url = machine.url("intake_floor")
    return pgbench.rate(_ROWS, url=url, clients=CLIENTS, seconds=SECONDS, variables=variables)


def _body(agent: str) -> bytes:
    """A conversation of about forty turns that fills the bytes exactly."""
    document = {
        "agent": {"name": agent, "version": "1"},
        "kind": "takeover",
        "reason": "other",
        "summary": "Bench",
        "conversation_id": "conv_1",
        "messages": [
            {"role": role, "content": " ".join(secrets.token_hex(3) for _ in range(60))}
            for _ in range(20)
            for role in ("user", "assistant")
        ],
    }
    text = json.dumps(document)
    document["messages"].append({"role": "user", "content": "x" * (BODY_BYTES - len(text) - 36)})
    return json.dumps(document).encode()
