"""The cards on top of the metrics page: one figure each, in words, with the addresses of its cases."""

from collections.abc import Mapping
from dataclasses import dataclass

from escalations.metrics import Figure, Scope
from operators.filters import cases_url
from operators.templatetags.desk import duration, money, percent


@dataclass(frozen=True)
class Card:
    """`value` is empty where there is not enough data; `note` says of how many cases it is.

    `part` and `part_url` name the cases that want a look, such as the breached ones.
    """

    title: str
    meaning: str
    value: str
    note: str
    url: str
    part: str = ""
    part_url: str = ""


def cards(figures: Mapping[str, Figure], scope: Scope) -> list[Card]:
    """What the desk came to in the period, at a glance."""
    intake = figures["intake"]
    return [
        _count(intake, scope, _rate(intake, scope)),
        _count(figures["backlog"], scope, _ages(figures["backlog"])),
        _times(figures["pickup"], scope),
        _times(figures["resolution"], scope),
        _share(figures["pickup_sla"], scope, "breached"),
        _share(figures["resolution_sla"], scope, "breached"),
        _share(figures["override"], scope, "overrode"),
        _cost(figures["cost"], figures["people_cost"], scope),
        _ratio(figures["expiry"], intake, scope),
        _ratio(figures["abandonment"], intake, scope),
    ]


def interval(bounds: tuple[float, float]) -> str:
    """A 95% interval of a share as "90.3 to 95.3%"."""
    return f"{100 * bounds[0]:.1f} to {percent(bounds[1])}"


def _card(figure: Figure, scope: Scope, value: str, note: str, *, is_enough: bool = True) -> Card:
    metric = figure.metric
    return Card(
        title=metric.title,
        meaning=metric.meaning,
        value=value if is_enough else "",
        note=note if is_enough else f"n = {figure.n:,}",
        url=cases_url(scope, metric),
    )


def _count(figure: Figure, scope: Scope, note: str) -> Card:
    return _card(figure, scope, f"{figure.n:,}", note)


def _times(figure: Figure, scope: Scope) -> Card:
    value = f"{duration(figure.p50)} · {duration(figure.p90)}"
    note = f"p50 · p90 · n = {figure.n:,}"
    return _card(figure, scope, value, note, is_enough=figure.is_enough)


def _share(figure: Figure, scope: Scope, part: str) -> Card:
    note = f"n = {figure.n:,} · 95% interval {interval(figure.interval)}"
    card = _card(figure, scope, percent(figure.share), note, is_enough=figure.is_enough)
    shown = figure.metric.part(part)
    if shown is None or not figure.parts[part]:
        return card
    words = f"{figure.parts[part]:,} {shown.title}"
    return Card(**(vars(card) | {"part": words, "part_url": cases_url(scope, figure.metric, part)}))


def _cost(whole: Figure, people: Figure, scope: Scope) -> Card:
    value = money(whole.mean)
    note = f"mean · p90 {money(whole.p90)} · operators {money(people.mean)} of it · n = {whole.n:,}"
    return _card(whole, scope, value, note, is_enough=whole.is_enough)


def _ratio(figure: Figure, of: Figure, scope: Scope) -> Card:
    share = figure.n / of.n if of.n else None
    note = f"{figure.n:,} of {of.n:,} received"
    return _card(figure, scope, percent(share), note, is_enough=of.is_enough)


def _rate(figure: Figure, scope: Scope) -> str:
    period = scope.until - scope.since
    length, word = (3600, "an hour") if scope.is_hourly else (86_400, "a day")
    return f"{figure.n / max(1.0, period.total_seconds() / length):,.1f} {word}"


def _ages(figure: Figure) -> str:
    if not figure.n:
        return "nothing waits"
    oldest = f"oldest {duration(figure.highest)}"
    if not figure.is_enough:
        return oldest
    return f"age p50 {duration(figure.p50)} · p90 {duration(figure.p90)} · {oldest}"
