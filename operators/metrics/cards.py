"""The cards on top of the metrics page: one figure each, in words, with the addresses of its cases."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from escalations.metrics import Compared, Figure, Scope
from operators.metrics.filters import cases_url, scope_query
from operators.metrics.words import change, spread
from operators.rendering.formatting import duration, interval, money, percent, whole

# In the order in which they stand.
CARDS = (
    *("intake", "backlog", "pickup", "resolution", "pickup_sla", "resolution_sla"),
    *("override", "cost", "expiry", "abandonment"),
)


@dataclass(frozen=True)
class Card:
    """`value` is empty where there is not enough data; `note` says of how many cases it is.

    `part` and `part_url` name the cases that want a look, such as the breached ones. `change` is against the
    period before, `tone` whether that is for the better; `more` is the page of the metric.
    """

    title: str
    meaning: str
    value: str
    note: str
    url: str
    part: str = ""
    part_url: str = ""
    change: str = ""
    tone: str = ""
    more: str = ""


def cards(figures: Mapping[str, Figure], before: Mapping[str, Figure], scope: Scope) -> list[Card]:
    """What the desk came to in the period, at a glance, against the period before."""
    intake = figures["intake"]
    drawn = [
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
    return [
        _compared(card, Compared(figures[name], before.get(name)), scope)
        for card, name in zip(drawn, CARDS, strict=True)
    ]


def _compared(card: Card, compared: Compared, scope: Scope) -> Card:
    said, tone = change(compared)
    more = f"{reverse('metric_rows', args=[compared.figure.metric.name])}?{scope_query(scope)}"
    return replace(card, change=said, tone=tone, more=more)


def _card(figure: Figure, scope: Scope, value: str, note: str, *, is_enough: bool = True) -> Card:
    metric = figure.metric
    return Card(
        title=str(metric.title),
        meaning=str(metric.meaning),
        value=value if is_enough else "",
        note=note if is_enough else f"n = {whole(figure.n)}",
        url=cases_url(scope, metric),
    )


def _count(figure: Figure, scope: Scope, note: str) -> Card:
    return _card(figure, scope, whole(figure.n), note)


def _times(figure: Figure, scope: Scope) -> Card:
    value = f"{duration(figure.p50)} · {duration(figure.p90)}"
    note = _("p50 and p90 · p95 %(p95)s · mean %(mean)s · n = %(n)s") % {
        "p95": duration(figure.p95),
        "mean": duration(figure.mean),
        "n": whole(figure.n),
    }
    return _card(figure, scope, value, note, is_enough=figure.is_enough)


def _share(figure: Figure, scope: Scope, part: str) -> Card:
    note = _("n = %(n)s · 95%% interval %(interval)s") % {
        "n": whole(figure.n),
        "interval": interval(figure.interval),
    }
    card = _card(figure, scope, percent(figure.share), note, is_enough=figure.is_enough)
    shown = figure.metric.part(part)
    if shown is None or not figure.parts[part]:
        return card
    words = f"{whole(figure.parts[part])} {shown.title}"
    return replace(card, part=words, part_url=cases_url(scope, figure.metric, part))


def _cost(together: Figure, people: Figure, scope: Scope) -> Card:
    value = money(together.mean)
    note = _("mean · %(spread)s · operators %(people)s of it · n = %(n)s") % {
        "spread": spread(together),
        "people": money(people.mean),
        "n": whole(together.n),
    }
    return _card(together, scope, value, note, is_enough=together.is_enough)


def _ratio(figure: Figure, intake: Figure, scope: Scope) -> Card:
    figure = replace(figure, of=intake.n)
    note = _("%(n)s of %(all)s received · 95%% interval %(interval)s") % {
        "n": whole(figure.n),
        "all": whole(intake.n),
        "interval": interval(figure.interval),
    }
    return _card(figure, scope, percent(figure.share), note, is_enough=figure.is_enough)


def _rate(figure: Figure, scope: Scope) -> str:
    period = scope.until - scope.since
    length = 3600 if scope.is_hourly else 86_400
    rate = figure.n / max(1.0, period.total_seconds() / length)
    words = _("%(rate)s an hour") if scope.is_hourly else _("%(rate)s a day")
    return words % {"rate": formats.number_format(f"{rate:.1f}", 1, use_l10n=True, force_grouping=True)}


def _ages(figure: Figure) -> str:
    if not figure.n:
        return _("nothing waits")
    ages = {
        "oldest": duration(figure.highest),
        "p50": duration(figure.p50),
        "p90": duration(figure.p90),
        "p95": duration(figure.p95),
    }
    if not figure.is_enough:
        return _("oldest %(oldest)s") % ages
    return _("age p50 %(p50)s · p90 %(p90)s · p95 %(p95)s · oldest %(oldest)s") % ages
