"""`python -m tests.bench [FIGURE ...]`: measure, print a table, write var/bench.json."""

import importlib
import os
import sys
from contextlib import ExitStack

from tests.bench import machine, report

FIGURES = (
    *("intake", "runs", "checks", "claims", "webhooks", "live", "busy", "pages", "search", "next_case"),
    *("waits", "refused", "exports", "builds", "figures", "rollups"),
)


def main(wanted: list[str]) -> int:
    """Measure what is wanted, or everything. 0 when all goals are met."""
    figures: list[report.Figure] = []
    with ExitStack() as stack:
        bench = machine.Machine(stack)
        bench.make_template()
        bench.copy("desk")
        os.environ |= bench.environment("desk") | {"DATABASE_POOL_SIZE": "0"}
        desk = _made_desk()
        for name in wanted or FIGURES:
            print(f"measuring {name} ...", file=sys.stderr, flush=True)
            figures += importlib.import_module(f"tests.bench.{name}").measure(bench, desk)
    print(report.table(figures))
    report.write(machine.ROOT / "var" / "bench.json", figures)
    return 0 if all(figure.met is not False for figure in figures) else 1


def _made_desk():
    """Django reads its settings when it is imported, so only now."""
    import django

    django.setup()
    from tests.bench.desk import make_desk

    return make_desk("desk")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
