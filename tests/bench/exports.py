"""How much memory an export takes however many rows it has, and how fast it writes them."""

from tests.bench import decisions
from tests.bench.decisions import Taken
from tests.bench.desk import Desk
from tests.bench.machine import FOLDER, Machine
from tests.bench.report import Figure

SMALL, LARGE = 10_000, 1_000_000
MOST_MIB = 190.0  # 200 MB
FORMATS = ("sft", "preference", "parquet")


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """Peak resident memory and rows a second of `export_labels`, with few and with many decisions."""
    found: dict[int, dict[str, Taken]] = {}
    for count in (SMALL, LARGE):
        name = f"exports_{count}"
        machine.copy(name, of=desk.database)
        decisions.fill(machine.url(name), desk, count)
        machine.checkpoint()
        found[count] = {each: _export(machine, name, each) for each in FORMATS}
    figures = []
    for each in FORMATS:
        few, many = found[SMALL][each], found[LARGE][each]
        how = f"{LARGE:,} decisions; the floor is the same with {SMALL:,}"
        name = f"export of {each}"
        goal, met = f"<= {MOST_MIB:g} MiB", many.mib <= MOST_MIB
        figures += [
            Figure(f"{name}: memory", "MiB", many.mib, few.mib, goal, met, how),
            Figure(name, "rows/s", _rate(many), _rate(few), "", None),
        ]
    return figures


def _export(machine: Machine, database: str, format_name: str) -> Taken:
    out = FOLDER / f"{database}.{format_name}"
    taken = decisions.taken(machine, database, "export_labels", "--format", format_name, "--out", str(out))
    out.unlink()
    return taken


def _rate(taken: Taken) -> float:
    """Rows a second: the command says last how many it wrote."""
    return int(taken.said.split()[0]) / taken.seconds
