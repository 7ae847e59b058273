"""Figures in words: values in their units, how they changed, and what their labels stand for."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations.metrics import METRICS, NO_LABEL, Compared, Figure, Metric, Scope, Shape, Survival
from escalations.models import Fault, Operator, Reason, Responsible, State
from operators import parameters
from operators.rendering.formatting import duration, interval, money, percent, whole

NOTHING = "–"
# Under so many seconds, thousandths are told.
_SHORT = 0.1
PERCENTILES = ("p50", "p90", "p95")
_SHARES = (Shape.SHARE, Shape.RATE)


def amount(metric: Metric, value: float | None) -> str:
    """A value in the unit of the metric."""
    if value is None:
        return NOTHING
    value = shown(metric, value)
    if metric.unit == "seconds" and 0 < value < _SHORT:
        return f"{round(1000 * value)} ms"
    if metric.unit == "seconds":
        return duration(value)
    if metric.unit == "usd":
        return money(value)
    if metric.unit == "share":
        return percent(value)
    return formats.number_format(f"{value:.2f}".rstrip("0").rstrip("."), use_l10n=True, force_grouping=True)


def shown(metric: Metric, value: float) -> float:
    """A value as pages tell it: they count steps from 1, as the page of a case does, and the API from 0."""
    return value + 1 if metric.unit == "step" else value


def headline(figure: Figure) -> str:
    """The one number that stands for the metric, a dash where there is not enough data.

    Of one person it is their rate: nothing is spread unevenly over one.
    """
    if figure.metric.shape in (Shape.COUNT, Shape.PARTS):
        return whole(figure.n)
    if figure.metric.shape is Shape.GINI and figure.people == 1:
        return amount(figure.metric, figure.mean)
    if not figure.is_enough:
        return NOTHING
    if figure.metric.shape in _SHARES:
        return str(percent(figure.share))
    if figure.metric.shape is Shape.GINI:
        return amount(figure.metric, figure.gini)
    return amount(figure.metric, figure.typical)


def spread(figure: Figure) -> str:
    """How sure or how wide it is: the interval of a share, or the percentiles beside what stands for it.

    Of how something is spread over people: the mean, and over how many.
    """
    if figure.metric.shape is Shape.GINI:
        return _per_person(figure)
    if not figure.is_enough or (figure.metric.shape in (Shape.COUNT, Shape.PARTS) and figure.p90 is None):
        return ""
    if figure.metric.shape in _SHARES:
        return interval(figure.interval)
    if figure.p50 is None:
        return ""
    stands = figure.metric.stands if figure.metric.shape is Shape.VALUES else ""
    values = {name: amount(figure.metric, getattr(figure, name)) for name in PERCENTILES if name != stands}
    return " · ".join(f"{name} {value}" for name, value in values.items())


def median_wait(curve: Survival) -> str:
    """Kaplan and Meier's median with its interval; a dash where there is none."""
    if not curve.is_enough or curve.median is None:
        return NOTHING
    wait = METRICS["wait"]
    low, high = (amount(wait, bound) for bound in curve.interval)
    values = {"median": amount(wait, curve.median), "low": low, "high": high}
    return _("%(median)s (%(low)s to %(high)s)") % values


def _per_person(figure: Figure) -> str:
    if figure.mean is None:
        return ""
    rate = amount(figure.metric, figure.mean)
    people = figure.people or 0
    words = ngettext("%(rate)s an hour · %(n)s person", "%(rate)s an hour · %(n)s people", people)
    return words % {"rate": rate, "n": people}


def change(compared: Compared) -> tuple[str, str]:
    """How the value changed against the period before, and its tone; empty where it cannot be said."""
    metric, by = compared.figure.metric, compared.difference
    if by is None:
        return "", ""
    better = "good" if (by > 0) == (metric.better == "up") else "bad"
    tone = better if metric.better and compared.is_notable else ""
    if metric.shape in _SHARES:
        return _("%(points)s points") % {"points": _signed(100 * by, 1)}, tone
    if compared.change is None:
        return "", ""
    return f"{_sign(round(100 * compared.change))}{percent(abs(compared.change), 0)}", tone


def _sign(number: float) -> str:
    return "±" if number == 0 else "−" if number < 0 else "+"


def _signed(number: float, places: int) -> str:
    text = formats.number_format(f"{abs(number):.{places}f}", places, use_l10n=True, force_grouping=True)
    return f"{_sign(round(number, places))}{text}"


def is_immature(metric: Metric, scope: Scope, now: datetime) -> bool:
    """Whether the period ends so lately that its figure may still change."""
    return bool(metric.matures and scope.until > now - metric.matures)


def labels(metric: Metric, found: Iterable[str]) -> Mapping[str, str]:
    """What each label is called: people by their names, reasons and states by theirs."""
    wanted = {label for label in found if label}
    name = _NAMED.get(metric.label)
    named = name(wanted) if name else {}
    return {label: named.get(label, label) for label in wanted} | {"": NOTHING, NO_LABEL: NOTHING}


def _people(ids: Iterable[str]) -> dict[str, str]:
    people = Operator.objects.filter(pk__in=list(filter(None, map(parameters.number, ids))))
    return {str(person.pk): str(person) for person in people}


def _steps(found: Iterable[str]) -> dict[str, str]:
    """Steps as pages count them, see `shown`."""
    return {one: str(int(one) + 1) for one in found if parameters.number(one) is not None}


def _tool_fault(label: str) -> str:
    """A tool and how it failed, as the facts join them."""
    tool, dot, kind = label.rpartition(" · ")
    return f"{tool}{dot}{Fault(kind).label}" if kind in Fault else label


_NAMED: dict[str, Callable[[Iterable[str]], dict[str, str]]] = {
    "operator": _people,
    "reason": lambda every: {one: str(Reason(one).label) for one in every if one in Reason},
    "state": lambda every: {one: str(State(one).label) for one in every if one in State},
    "responsible": lambda every: {one: str(Responsible(one).label) for one in every if one in Responsible},
    "step": _steps,
    "tool": lambda every: {one: _tool_fault(one) for one in every},
}
