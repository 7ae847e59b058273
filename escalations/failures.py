"""Where agents fail: first errors by step, and what people said of the cause."""

from collections import defaultdict
from collections.abc import Mapping

from escalations import sql
from escalations.metrics import Figure, Scope, breakdown


def first_errors(scope: Scope) -> dict[int, Figure]:
    """How many first errors were found at each step, counted from 0."""
    found = breakdown(["first_error"], scope, "label")["first_error"]
    return {int(step): figure for step, figure in sorted(found.items(), key=lambda one: int(one[0]))}


def details(scope: Scope, mode: str = "") -> Mapping[str, list[tuple[str, int]]]:
    """What else was said, of one mode or of all: `responsible`, `tool`, `code` and `root`, each by name."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    rows = sql.run(
        "failure_details",
        since=scope.since,
        until=scope.until,
        agent=scope.agent,
        version=scope.version,
        queue=scope.queue,
        mode=mode,
    )
    for row in rows:
        found[row["what"]].append((row["name"], row["n"]))
    return found
