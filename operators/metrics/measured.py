"""Figures as tiles: each in the words of its unit, with how many cases it is of and how it was before."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from escalations import metrics
from escalations.metrics import Compared, Figure, Scope, Shape
from operators.metrics import words
from operators.metrics.filters import cases_url, scope_query
from operators.metrics.words import headline, spread
from operators.rendering.formatting import interval, percent, whole


@dataclass(frozen=True)
class Tile:
    """`value` is empty where there is not enough data.

    `change` is against the period before: in points of a share, else in % of what it was; `tone` says whether
    it is a good one.
    """

    name: str
    title: str
    meaning: str
    value: str
    note: str
    change: str
    tone: str
    n: int
    url: str


def tiles(names: Iterable[str], scope: Scope) -> list[Tile]:
    """The figures of the period beside those of the period before."""
    return [tile(one, scope) for one in metrics.compare(names, scope).values()]


def tile(compared: Compared, scope: Scope) -> Tile:
    """One figure beside that of the period before."""
    figure = compared.figure
    metric = figure.metric
    said, tone = words.change(compared)
    return Tile(
        name=metric.name,
        title=str(metric.title),
        meaning=str(metric.meaning),
        value=headline(figure) if metric.shape is Shape.COUNT or figure.is_enough else "",
        note=_note(figure),
        change=_("%(change)s against the period before") % {"change": said} if said else "",
        tone=f"{tone}-text" if tone else "",
        n=figure.n,
        url=cases_url(scope, metric),
    )


def parts(figure: Figure, scope: Scope) -> list[Tile]:
    """The share of each part of what was counted, with the address of its rows."""
    metric = figure.metric
    if metric.shape not in (Shape.SHARE, Shape.PARTS, Shape.COUNT) or not figure.n:
        return []
    return [
        Tile(
            name=part.name,
            title=str(part.title),
            meaning="",
            value=percent(figure.share_of(part.name)) if figure.is_enough else "",
            note=_part_note(figure, part.name),
            change="",
            tone="",
            n=figure.parts[part.name],
            url=f"{reverse('metric_rows', args=[metric.name])}?{scope_query(scope, part=part.name)}",
        )
        for part in metric.parts
    ]


def _part_note(figure: Figure, part: str) -> str:
    n = f"n = {whole(figure.parts[part])}"
    # What is open now is all there is, and no sample.
    if not figure.is_enough or figure.metric.shape is Shape.COUNT:
        return n
    return _("%(n)s · 95%% interval %(interval)s") % {"n": n, "interval": interval(figure.interval_of(part))}


def _note(figure: Figure) -> str:
    metric, n = figure.metric, f"n = {whole(figure.base if figure.of is not None else figure.n)}"
    if not figure.is_enough or metric.shape is Shape.COUNT:
        return n
    if metric.shape is Shape.VALUES:
        kind = _("mean") if metric.stands == "mean" else metric.stands
        return f"{kind} · {spread(figure)} · {n}"
    return _("%(n)s · 95%% interval %(interval)s") % {"n": n, "interval": interval(figure.interval)}
