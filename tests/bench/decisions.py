"""Decided cases as a desk has them, and what a command that reads them all takes."""

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from importlib.resources import files
from typing import Any, LiteralString, cast

import psycopg

from tests.bench.desk import Desk
from tests.bench.machine import ROOT, Machine

# Without the packages named first, which a desk has not: pyarrow would load pandas, and structlog rich.
_MANAGE = """
import sys
from django.core.management import execute_from_command_line

class Hidden:
    names = frozenset(sys.argv[1].split())

    def find_spec(self, name, path=None, target=None):
        if name in self.names:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hidden())
execute_from_command_line(["manage.py", *sys.argv[2:]])
"""
_ACTION = {
    "tool_call_id": "call_9",
    "name": "issue_refund",
    "arguments": {"order_id": "W2378156", "amount": 912},
    "input_schema": {
        "type": "object",
        "properties": {"order_id": {"type": "string"}, "amount": {"type": "integer"}},
    },
}


@dataclass(frozen=True)
class Taken:
    """MiB at the most and seconds of a process, and the last line that it said."""

    mib: float
    seconds: float
    said: str


def fill(url: str, desk: Desk, count: int, *, turns: int = 8) -> None:
    """Add so many decided cases, each with so many turns of a fifth of a kilobyte."""
    decided = [{"tool_call_id": "call_9", "decision": "approve", "arguments": None, "message": ""}]
    edited = [decided[0] | {"decision": "edit", "arguments": {"order_id": "W2378156", "amount": 456}}]
    parameters = desk.__dict__ | {
        "operator_id": desk.operator_ids[0],
        "count": count,
        "body": json.dumps(_body(turns)),
        "approved": json.dumps(decided),
        "edited": json.dumps(edited),
    }
    statement = cast(LiteralString, files(__package__).joinpath("decisions.sql").read_text())
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction():
            connection.execute(
                "SET LOCAL session_replication_role = replica"
            )  # checking what fits costs time
            connection.execute(statement, parameters)
        connection.execute("VACUUM ANALYZE")


def _body(turns: int) -> dict[str, Any]:
    said = (
        {"role": role, "content": f"Turn {turn}: " + "what was found out so far. " * 6}
        for turn in range(turns // 2)
        for role in ("assistant", "user")
    )
    return {
        "messages": [
            {"role": "system", "content": "Help people with their orders. " * 10},
            {"role": "user", "content": "Case 0: I want my money back for order W2378156."},
            *said,
            # Other words in each case, so that no two are nearly alike.
            {"role": "user", "content": "WORDS"},
        ],
        "pending_actions": [_ACTION],
    }


def taken(machine: Machine, database: str, *command: str) -> Taken:
    """What a command of the desk takes in a process of its own.

    Raises:
        RuntimeError: it failed.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _MANAGE, " ".join(_only_for_tests()), *command],
        cwd=ROOT,
        env=machine.program_environment(database),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed: {said[-2_000:]}")
    return Taken(used.ru_maxrss / 1024, time.perf_counter() - started, said.splitlines()[-1])


def _only_for_tests() -> list[str]:
    """The packages that are here and that requirements.txt does not name."""
    wanted = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    return [
        package
        for package, owners in packages_distributions().items()
        if wanted.isdisjoint(re.sub(r"[-_.]+", "-", owner).lower() for owner in owners)
    ]
