"""How much memory an export takes however many rows it has, and how fast it writes them."""

import json
import os
import subprocess
import sys
import time
from importlib.resources import files
from typing import LiteralString, cast

import psycopg

from tests.bench.desk import Desk
from tests.bench.machine import FOLDER, ROOT, Machine
from tests.bench.report import Figure

SMALL, LARGE = 10_000, 1_000_000
MOST_MIB = 200.0
FORMATS = ("sft", "preference", "parquet")
# As on a desk, which has no pandas: pyarrow loads it where it is.
_MANAGE = """
import sys
from django.core.management import execute_from_command_line

class NoPandas:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NoPandas())
execute_from_command_line(["manage.py", *sys.argv[1:]])
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
_BODY = {
    "messages": [
        {"role": "system", "content": "Help people with their orders. " * 10},
        {"role": "user", "content": "Case 0: I want my money back for order W2378156."},
        *(
            {"role": role, "content": f"Turn {turn}: " + "what was found out so far. " * 6}
            for turn in range(4)
            for role in ("assistant", "user")
        ),
    ],
    "pending_actions": [_ACTION],
}


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """Peak resident memory and rows a second of `export_labels`, with few and with many decisions."""
    found: dict[int, dict[str, tuple[float, float]]] = {}
    for count in (SMALL, LARGE):
        name = f"exports_{count}"
        machine.copy(name, of=desk.database)
        _fill(machine.url(name), desk, count)
        machine.checkpoint()
        found[count] = {each: _export(machine, name, each) for each in FORMATS}
    figures = []
    for each in FORMATS:
        memory, rate = found[LARGE][each]
        before = found[SMALL][each][0]
        how = f"{LARGE:,} decisions; the floor is the same with {SMALL:,}"
        name = f"export of {each}"
        figures += [
            Figure(f"{name}: memory", "MiB", memory, before, f"<= {MOST_MIB:g} MiB", memory <= MOST_MIB, how),
            Figure(name, "rows/s", rate, found[SMALL][each][1], "", None),
        ]
    return figures


def _fill(url: str, desk: Desk, count: int) -> None:
    decided = [{"tool_call_id": "call_9", "decision": "approve", "arguments": None, "message": ""}]
    edited = [decided[0] | {"decision": "edit", "arguments": {"order_id": "W2378156", "amount": 456}}]
    parameters = desk.__dict__ | {
        "operator_id": desk.operator_ids[0],
        "count": count,
        "body": json.dumps(_BODY),
        "approved": json.dumps(decided),
        "edited": json.dumps(edited),
    }
    statement = cast(LiteralString, files(__package__).joinpath("exports.sql").read_text())
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction():
            connection.execute(
                "SET LOCAL session_replication_role = replica"
            )  # checking what fits costs time
            connection.execute(statement, parameters)
        connection.execute("VACUUM ANALYZE")


def _export(machine: Machine, database: str, format_name: str) -> tuple[float, float]:
    """MiB at the most, and rows a second, of a process of its own."""
    out = FOLDER / f"{database}.{format_name}"
    command = [sys.executable, "-c", _MANAGE, "export_labels", "--format", format_name, "--out", str(out)]
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
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
        raise RuntimeError(f"The export of {format_name} failed: {said[-2_000:]}")
    rows = int(said.splitlines()[-1].split()[0])
    out.unlink()
    return used.ru_maxrss / 1024, rows / (time.perf_counter() - started)
