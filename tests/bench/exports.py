"""How much memory an export takes however many rows it has, and how fast it writes them."""

from collections.abc import Iterator

from tests.bench import decisions
from tests.bench.decisions import Taken
from tests.bench.desk import Desk
from tests.bench.machine import FOLDER, Machine
from tests.bench.report import Figure

SMALL, LARGE = 10_000, 1_000_000
MOST_MIB = 190.0  # 200 MB
FORMATS = ("sft", "preference", "parquet")
# Handoffs of 4 MiB, the most that the desk takes.
FEW_LARGE, MANY_LARGE, LARGE_TURNS, MOST_RATIO = 20, 60, 20_000, 1.1


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
    return [*figures, *_of_large_handoffs(machine, desk)]


def _of_large_handoffs(machine: Machine, desk: Desk) -> Iterator[Figure]:
    for count in (FEW_LARGE, MANY_LARGE):
        name = f"exports_large_{count}"
        machine.copy(name, of=desk.database)
        decisions.fill(machine.url(name), desk, count, turns=LARGE_TURNS)
    for each in FORMATS:
        few, many = (_export(machine, f"exports_large_{count}", each) for count in (FEW_LARGE, MANY_LARGE))
        how = f"{MANY_LARGE} decisions of 4 MiB; the floor is the same with {FEW_LARGE}"
        goal, met = f"<= {MOST_RATIO:g} x", many.mib <= MOST_RATIO * few.mib
        yield Figure(f"export of {each} of large handoffs: memory", "MiB", many.mib, few.mib, goal, met, how)


def _export(machine: Machine, database: str, format_name: str) -> Taken:
    out = FOLDER / f"{database}.{format_name}"
    taken = decisions.taken(machine, database, "export_labels", "--format", format_name, "--out", str(out))
    out.unlink()
    return taken


def _rate(taken: Taken) -> float:
    """Rows a second: the command says last how many it wrote."""
    return int(taken.said.split()[0]) / taken.seconds
