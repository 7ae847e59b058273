"""How much memory building a dataset version takes however many rows it has, and how fast it is built."""

from django.db import connections

from escalations.models import Dataset
from tests.bench import decisions
from tests.bench.decisions import Taken
from tests.bench.desk import Desk
from tests.bench.machine import FOLDER, Machine
from tests.bench.report import Figure

SMALL, LARGE = 5_000, 50_000
MOST_MIB, MOST_RATIO = 250.0, 1.1


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """Peak resident memory and rows a second of a build, all formats, with few and with many decisions."""
    Dataset.objects.create(name="all")
    connections.close_all()  # nobody may be connected to what is copied
    few, many = (_build(machine, desk, count) for count in (SMALL, LARGE))
    how = f"all formats of {LARGE:,} decisions; the floor is the same with {SMALL:,}"
    goal, met = f"<= {MOST_MIB:g} MiB, <= {MOST_RATIO:g} x", many.mib <= min(MOST_MIB, MOST_RATIO * few.mib)
    return [
        Figure("build of a dataset: memory", "MiB", many.mib, few.mib, goal, met, how),
        Figure("build of a dataset", "rows/s", LARGE / many.seconds, SMALL / few.seconds, "", None),
    ]


def _build(machine: Machine, desk: Desk, count: int) -> Taken:
    name = f"builds_{count}"
    machine.copy(name, of=desk.database)
    decisions.fill(machine.url(name), desk, count)
    machine.checkpoint()
    taken = decisions.taken(
        machine, name, "export_dataset", "all", "--build", "--format", "sft", "--out", str(FOLDER / name)
    )
    if not taken.said.startswith(f"{count} rows"):
        raise RuntimeError(f"Not all rows are in it: {taken.said}")
    return taken
