"""What all our programs hold in memory together."""

from collections.abc import Iterable

import psutil

from config.supervisor.process import Process
from tests.bench.report import Figure

_MIB = 2**20


def measure(processes: Iterable[Process]) -> list[Figure]:
    """Proportional set size (pages shared by n processes count 1/n) of the programs and their children."""
    by_name = {process.name: _held(process.pid) for process in processes}
    note = ", ".join(f"{name} {held:.0f} MiB" for name, held in by_name.items())
    return [
        Figure(
            "memory", "MiB", sum(by_name.values()), None, "", None, f"{note}; without PostgreSQL and Valkey"
        )
    ]


def held(processes: Iterable[Process]) -> float:
    """MiB of them together."""
    return sum(_held(process.pid) for process in processes)


def _held(pid: int) -> float:
    parent = psutil.Process(pid)
    total = 0
    for process in [parent, *parent.children(recursive=True)]:
        memory = process.memory_full_info()
        # Only Linux knows the proportional size.
        total += getattr(memory, "pss", memory.rss)
    return total / _MIB
