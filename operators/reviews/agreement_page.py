"""Agreement as the page shows it: by label, by person, by week, each leading to its pairs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalations.metrics import ENOUGH
from escalations.models import Operator
from escalations.reviews import pairs
from escalations.reviews.agreement import Estimate
from escalations.reviews.comparing import BY_NAME, FIELDS, Field
from escalations.reviews.pairs import Measured, Pair
from operators import parameters
from operators.metrics.charts.chart import Cell, Chart
from operators.rendering.formatting import day, percent

PERIODS = {
    4: gettext_lazy("Last 4 weeks"),
    12: gettext_lazy("Last 12 weeks"),
    52: gettext_lazy("Last year"),
}
_DEFAULT_WEEKS = 12


@dataclass(frozen=True)
class Value:
    """A figure with its interval, both as text."""

    value: str
    interval: str = ""


@dataclass(frozen=True)
class Line:
    """One row: what it is of, how many pairs, and its figures."""

    title: str | Promise
    url: str
    n: int
    cells: list[Value]


@dataclass(frozen=True)
class Choice:
    """What the page is narrowed to: so many weeks, one label, and of its pairs those of a person or week."""

    weeks: int
    field: Field
    person: int | None = None
    week: date | None = None
    only_differing: bool = False

    @classmethod
    def of(cls, params: Mapping[str, str]) -> "Choice":
        """What the address says; the senseless is left out."""
        weeks = params.get("weeks", "")
        return cls(
            weeks=int(weeks) if weeks in map(str, PERIODS) else _DEFAULT_WEEKS,
            field=BY_NAME.get(params.get("field", ""), FIELDS[0]),
            person=parameters.number(params.get("person", "")),
            week=parameters.day(params.get("week", "")),
            only_differing=params.get("only") == "differing",
        )

    def pairs(self, now: datetime, zone: ZoneInfo) -> Sequence[Pair]:
        """The pairs of the weeks until `now`, narrowed to the person and the week."""
        found = pairs.pairs(now - timedelta(weeks=self.weeks), now)
        if self.person is not None:
            found = [pair for pair in found if self.person in {one.pk for one in pair.people}]
        if self.week is not None:
            found = pairs.by_week(found, zone).get(self.week, [])
        return found

    def pairs_url(self, field: Field, **narrowed: str) -> str:
        """Where the pairs of a label are."""
        return f"{reverse('pairs')}?{urlencode({'weeks': self.weeks, 'field': field.name} | narrowed)}"

    @property
    def url(self) -> str:
        """Where the figures of this label are."""
        return f"{reverse('agreement')}?{urlencode({'weeks': self.weeks, 'field': self.field.name})}"

    def narrowed(self) -> dict[str, str]:
        """The person and the week, as the address says them."""
        named = {"person": self.person, "week": self.week}
        return {name: str(value) for name, value in named.items() if value is not None}


def counting(choice: Choice, now: datetime, zone: ZoneInfo) -> Sequence[Pair]:
    """The pairs that count for the chosen label, all of them or those that differ in it."""
    found = pairs.counting(choice.pairs(now, zone), choice.field)
    return [pair for pair in found if pair.differs(choice.field)] if choice.only_differing else found


def by_field(found: Sequence[Pair], choice: Choice) -> list[Line]:
    """Every label."""
    return [_line(one.field.title, choice.pairs_url(one.field), one) for one in pairs.measure_all(found)]


def by_person(found: Sequence[Pair], choice: Choice) -> list[Line]:
    """The chosen label, of the pairs that each person has part in."""
    lines = []
    for person, theirs in pairs.by_person(found).items():
        url = choice.pairs_url(choice.field, person=str(person.pk))
        lines.append(_line(str(person), url, pairs.measure(theirs, choice.field)))
    return lines


def by_week(found: Sequence[Pair], choice: Choice, zone: ZoneInfo) -> tuple[list[Line], Chart]:
    """The chosen label, week by week, and a chart of it."""
    weeks = {
        monday: pairs.measure(theirs, choice.field) for monday, theirs in pairs.by_week(found, zone).items()
    }
    urls = {monday: choice.pairs_url(choice.field, week=monday.isoformat()) for monday in weeks}
    lines = [_line(day(monday), urls[monday], one) for monday, one in weeks.items()]
    return lines, _chart(dict(reversed(weeks.items())), urls, choice)


def narrowed_words(choice: Choice) -> str:
    """Which pairs a page shows, as a sentence."""
    who = Operator.objects.filter(pk=choice.person).first() if choice.person is not None else None
    words = [str(PERIODS[choice.weeks])]
    if choice.week is not None:
        words = [_("Week from %(day)s") % {"day": day(choice.week)}]
    if who is not None:
        words.append(str(who))
    return " · ".join(words)


def _line(title: str | Promise, url: str, one: Measured) -> Line:
    return Line(
        title,
        url,
        one.n,
        [
            _share(one.same),
            _share(one.near) if one.near else Value(""),
            _beyond_chance(one.kappa) if one.kappa else Value(""),
            _beyond_chance(one.alpha),
        ],
    )


def _share(found: Estimate) -> Value:
    return _value(found, lambda share: percent(share, 0))


def _beyond_chance(found: Estimate) -> Value:
    if found.n >= ENOUGH and found.value is None:
        return Value(_("only one label"))
    return _value(found, lambda value: formats.number_format(f"{value:.2f}", 2, use_l10n=True))


def _value(found: Estimate, worded: Callable[[float], str]) -> Value:
    if found.n < ENOUGH or found.value is None or found.low is None or found.high is None:
        return Value(_("not enough data") if found.n else "–")
    low, high = worded(found.low), worded(found.high)
    # Samples of pairs that never differ never do: an interval of no width says nothing.
    interval = _("%(low)s to %(high)s") % {"low": low, "high": high} if low != high else ""
    return Value(worded(found.value), interval)


def _chart(weeks: Mapping[date, Measured], urls: Mapping[date, str], choice: Choice) -> Chart:
    points = [
        {"value": round(100 * one.same.value, 1), "href": urls[monday]}
        if one.same.value is not None and one.n >= ENOUGH
        else None
        for monday, one in weeks.items()
    ]
    labels = [day(monday) for monday in weeks]
    lines = [{"name": _("same"), "tone": "accent", "data": points}]
    rows = [
        (label, [Cell(_share(one.same).value, urls[monday]), Cell(str(one.n), urls[monday], one.n)])
        for label, (monday, one) in zip(labels, weeks.items(), strict=True)
    ]
    return Chart(
        id="agreement",
        title=_("Week by week"),
        # xgettext:no-python-format
        hint=_("% of pairs that say the same"),
        data={"type": "line", "unit": "%", "zero": True, "max": 100, "x": labels, "series": lines},
        headings=[_("Week from"), _("same"), _("pairs")],
        rows=rows,
    )
