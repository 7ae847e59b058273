"""How many cases sixteen operators take and decide, against `pgbench` running the same statements."""

import json
import re
import subprocess
import sys

from escalations import redaction, sql
from escalations.transitions import Labels
from tests.bench import pgbench
from tests.bench.desk import OPERATORS, Desk
from tests.bench.machine import ROOT, Machine
from tests.bench.report import Figure, median
from tests.bench.rows import add_queued

# Sixteen workers; several processes, because the threads of one share its interpreter.
PROCESSES = 4
ROUNDS, SECONDS = 3, 6
# More than either side takes in a turn.
WAITING = 30_000
LEAST_RATIO = 0.3

# Where the name of a parameter alone does not do. `id` comes from the claim before.
_NAMES = {
    "operator_id": ":operator_id::bigint",
    "lease_token": ":lease_token::bigint",
    "case_id": ":id::uuid",
    "resolution_id": "uuidv7()",
    "revision_id": "uuidv7()",
    "response": "NULL",
    "overrode": "NULL",
    "edit_distance": "NULL",
} | {name: f":{name}::text" for name in ("how", "actor", "request_id", "decision", "message")}
_VALUES = {
    "how": "pulled",
    "actor": "operator 1",
    "request_id": "-",
    "lease": "120 s",
    "decision": "takeover",
    "actions": "[]",
    "message": "Done.",
    "resume": "{}",
    "labels": json.dumps(Labels("take_over", "no", "none").columns()),
    "suggested": "[]",
    "pii_policy_version": str(redaction.VERSION),
    "undo_seconds": "5",
}
_HANDOFF = """
    SELECT handoff.*, escalation.* FROM escalations_handoff handoff
    JOIN escalations_escalation escalation ON escalation.id = handoff.case_id WHERE handoff.case_id = :id;
"""


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """Pairs of `claim_next` and `resolve` per second. Both sides start each turn with equally many cases."""
    machine.copy("claims_full", of=desk.database)
    add_queued(machine.url("claims_full"), desk, WAITING)
    floors, rates = [], []
    for _ in range(ROUNDS):
        for turns, turn in ((floors, _floor), (rates, _product)):
            machine.copy("claims", of="claims_full")
            machine.checkpoint()
            turns.append(turn(machine, desk))
    floor, rate = median(floors), median(rates)
    how = (
        f"{OPERATORS} workers in {PROCESSES} processes, {WAITING:,} cases waiting, "
        f"median of {ROUNDS} turns of {SECONDS} s"
    )
    met = rate >= LEAST_RATIO * floor
    return [Figure("claim and resolve", "cases/s", rate, floor, f">= {LEAST_RATIO} x floor", met, how)]


def _product(machine: Machine, desk: Desk) -> float:
    """Processes that call the transitions, started together."""
    environment = machine.environment("claims") | {"DATABASE_POOL_SIZE": "0"}
    shares = [desk.operator_ids[start::PROCESSES] for start in range(PROCESSES)]
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.bench.claim_worker", str(SECONDS), *map(str, share)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for share in shares
    ]
    for worker in workers:
        _expect(worker)
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    done = sum(int(_expect(worker)) for worker in workers)
    for worker in workers:
        worker.wait()
    return done / SECONDS


def _expect(worker: subprocess.Popen[str]) -> str:
    """The next line of a worker.

    Raises:
        RuntimeError: it ended instead.
    """
    assert worker.stdout is not None
    line = worker.stdout.readline()
    if not line:
        raise RuntimeError("a worker of the claims failed; its output stands above")
    return line


def _floor(machine: Machine, desk: Desk) -> float:
    """The statements of `claim_next` and `resolve`, as the product sends them."""
    script = [
        "\\set operator_id :first_operator + :client_id",
        "BEGIN;",
        _for_pgbench("lock_desk"),
        _for_pgbench("candidate_next", "lease").removesuffix(";") + " \\gset",
        "COMMIT;",
        _HANDOFF,
        _for_pgbench("resolve"),
    ]
    variables = _VALUES | {"first_operator": min(desk.operator_ids)}
    url = machine.url("claims")
    return pgbench.rate("\n".join(script), url=url, clients=OPERATORS, seconds=SECONDS, variables=variables)


def _for_pgbench(*names: str) -> str:
    """A named statement with pgbench's variables, whose types have to be said at each place."""
    text, order = sql.compiled(*names)

    def variable(place: re.Match[str]) -> str:
        name = order[int(place[1]) - 1]
        return f"({_NAMES.get(name, f':{name}')})"

    return re.sub(r"\$(\d+)", variable, text.decode())
