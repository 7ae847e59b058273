"""Where agents fail: first errors and root causes by step, and what people said of the cause."""

from collections.abc import Mapping

from escalations.metrics import Figure, Scope, breakdown

# What people say of a case beyond the mode: each has figures by its label.
SAID = ("missed_checkpoints", "root_cause", "responsible", "tool_faults", "external_codes")


def first_errors(scope: Scope) -> dict[int, Figure]:
    """How many first errors were found at each step, counted from 0."""
    found = breakdown(["first_error"], scope, "label")["first_error"]
    return {int(step): figure for step, figure in sorted(found.items(), key=lambda one: int(one[0]))}


def said(scope: Scope, mode: str = "") -> dict[str, list[tuple[str, int]]]:
    """How many cases each of `SAID` is true of, by its label: of one mode or of all, the most first."""
    return {
        name: _most_first({label: _n(figure, mode) for label, figure in by_label.items()})
        for name, by_label in breakdown(SAID, scope, "label").items()
    }


def _n(figure: Figure, mode: str) -> int:
    return figure.parts[mode] if mode else figure.n


def _most_first(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(((label, n) for label, n in counted.items() if n), key=lambda one: (-one[1], one[0]))
