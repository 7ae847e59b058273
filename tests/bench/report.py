"""A figure, the table of all figures, and the file that keeps them."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured value. `ratio` is value to floor; `goal` says in words what it must reach.

    `met` is None where no goal was set. `note` says how it was measured.
    """

    name: str
    unit: str
    value: float
    floor: float | None
    goal: str
    met: bool | None
    note: str = ""

    @classmethod
    def at_most(cls, name: str, unit: str, value: float, most: float, note: str) -> "Figure":
        """A value with a bound of its own instead of a floor."""
        return cls(name, unit, value, None, f"<= {most:g} {unit}", value <= most, note)

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "MISSED", None: "-"}[self.met]


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def table(figures: Sequence[Figure]) -> str:
    """The figures as text, a line each, with their notes below."""
    head = ("figure", "value", "floor", "ratio", "goal", "")
    rows = [
        (
            figure.name,
            _amount(figure.value, figure.unit),
            _amount(figure.floor, figure.unit),
            f"{figure.ratio:.2f}" if figure.ratio else "-",
            figure.goal or "-",
            figure.verdict,
        )
        for figure in figures
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)) for row in (head, *rows)
    ]
    notes = [f"{figure.name}: {figure.note}" for figure in figures if figure.note]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:], "", *notes])


def write(path: Path, figures: Sequence[Figure]) -> None:
    """Write the figures as JSON: name, unit, value, floor, ratio, goal, met, note."""
    rows = [asdict(figure) | {"ratio": figure.ratio} for figure in figures]
    path.write_text(json.dumps(rows, indent=2) + "\n")


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"
