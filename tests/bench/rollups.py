"""Whether figures are counted as fast as cases come: 50 a second, each of which changes four times."""

import json
import subprocess
import sys

import psycopg

from tests.bench.desk import Desk
from tests.bench.figures import count_ahead
from tests.bench.machine import ROOT, Machine
from tests.bench.report import Figure, median
from tests.bench.rows import add_closed, add_events, touch

# Cases that were counted before.
HISTORY = 100_000
PER_SECOND, CHANGES = 50, 4
# As often as the sweep runs.
EVERY_SECONDS, PASSES = 5, 12
# Half of the time is left for all else that a worker does.
MOST_SHARE = 0.5


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """Median time of a pass over what came in the seconds since the last one."""
    database = "rollups"
    machine.copy(database, of=desk.database)
    add_closed(machine.url(database), desk, HISTORY, per_day=HISTORY / 30)
    add_events(machine.url(database), 1)
    count_ahead(machine, database)
    taken = []
    with psycopg.connect(machine.url(database), autocommit=True) as connection:
        for _ in range(PASSES):
            touch(connection, PER_SECOND * CHANGES * EVERY_SECONDS)
            taken.append(_pass(machine, database))
    seconds = median(taken)
    how = (
        f"median of {PASSES} passes over {PER_SECOND * CHANGES * EVERY_SECONDS:,} changed cases among "
        f"{HISTORY:,}: what {PER_SECOND} a second that change {CHANGES} times leave in {EVERY_SECONDS} s"
    )
    return [Figure.at_most("rollup pass", "s", seconds, MOST_SHARE * EVERY_SECONDS, how)]


def _pass(machine: Machine, database: str) -> float:
    """Seconds that the first pass of a fresh program takes: nothing is warm in it."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.bench.roller"],
        cwd=ROOT,
        env=machine.program_environment(database),
        check=True,
        capture_output=True,
    )
    return float(json.loads(answer.stdout.splitlines()[-1])[0])
