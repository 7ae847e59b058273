"""Charts as values: what charts.js draws, and the table behind it, each number with its cases' address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from escalations.metrics import METRICS, Figure, Scope
from operators.metrics.charts.columns import Column
from operators.metrics.filters import cases_url

Series = Mapping[str, Mapping[Any, Figure]]
MODE_TONES = {
    "edge_case": "accent",
    "context_dilution": "warn",
    "error_cascade": "bad",
    "integration": "ink",
    "cost": "good",
    "other": "soft",
    "none": "",
}
CASES = "cases"


@dataclass(frozen=True)
class Cell:
    """One number of a table, linked to its cases; `number` is what a file of the table has in its place."""

    text: str
    url: str = ""
    number: float | None = None


@dataclass(frozen=True)
class Chart:
    """`data` is as charts.js wants it; each row starts with its heading."""

    id: str
    title: str
    hint: str
    data: Mapping[str, Any]
    headings: list[str]
    rows: list[tuple[str, list[Cell]]]
    is_wide: bool = False

    @property
    def is_drawn(self) -> bool:
        """Whether there is data enough anywhere for a point."""
        return any(point is not None for line in self.data["series"] for point in line["data"])

    @property
    def script_id(self) -> str:
        """Of the element that holds `data`."""
        return f"chart-{self.id}"


@dataclass(frozen=True)
class Row:
    """What a row is called, the key of its figures, the scope of its cases, and a label that they share."""

    label: str
    key: Any
    scope: Scope
    of_label: str = ""


@dataclass(frozen=True)
class Table:
    """Rows that several charts share."""

    heading: str
    rows: list[Row]
    series: Series

    def chart(self, id_: str, title: str, hint: str, kind: str, unit: str, *shown: Column) -> Chart:
        """A chart of the columns that have a tone, over a table of all of them."""
        drawn = []
        lines: list[list[Cell]] = [[] for _ in self.rows]
        for column in shown:
            points = []
            for row, cells in zip(self.rows, lines, strict=True):
                figure = self.series[column.metric].get(row.key) or Figure.empty(METRICS[column.metric])
                url = cases_url(row.scope, figure.metric, column.part, label=row.of_label)
                cells.append(Cell(column.text(figure), url, column.value(figure)))
                points.append(point(column.value(figure), url))
            if column.tone:
                drawn.append((column.title, column.tone, points))
        labels = [row.label for row in self.rows]
        headings = [self.heading, *(column.title for column in shown)]
        return Chart(
            id_,
            title,
            hint,
            data(kind, unit, labels, drawn),
            headings,
            list(zip(labels, lines, strict=True)),
        )


def of_rows(
    id_: str,
    title: str,
    hint: str,
    kind: str,
    unit: str,
    headings: list[str],
    rows: list[tuple[str, list[Cell]]],
) -> Chart:
    """A chart of the first column of a table."""
    points = [point(cells[0].number, cells[0].url) for _, cells in rows]
    drawn = data(kind, unit, [label for label, _ in rows], [(headings[1], "accent", points)])
    return Chart(id_, title, hint, drawn, headings, rows)


def data(kind: str, unit: str, x: list[str], series: Iterable[tuple[str, str, list[Any]]]) -> dict[str, Any]:
    """What charts.js draws; `series` are names, tones and points."""
    lines = [{"name": name, "tone": tone, "data": points} for name, tone, points in series]
    drawn = {"type": kind, "unit": unit, "zero": True, "x": x, "series": lines}
    if unit == CASES:
        drawn |= {"unit": _("cases"), "whole": True}
    return drawn | {"max": 100} if (kind, unit) == ("line", "%") else drawn


def point(value: float | None, url: str) -> dict[str, Any] | None:
    """One value and where it leads; None where there is none."""
    return None if value is None else {"value": value, "href": url}
