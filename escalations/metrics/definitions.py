"""Every metric of the desk, each defined once.

The same definition gives the figure, its share of each part, and the list of cases behind it. Flows are
counted when the event happened: `clock` is the field whose time must lie in the period.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import DurationField, ExpressionWrapper, F, FloatField, Func, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from escalations.models import OPEN_STATES, FailureMode, State

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

RECEIVED, PICKED_UP, CLOSED, NOW = "received_at", "first_claimed_at", "closed_at", ""


@dataclass(frozen=True)
class Part:
    """Some of a metric's cases, with a name for links and a title for people."""

    name: str
    title: "StrOrPromise"
    rows: Q
    tone: str = "accent"


@dataclass(frozen=True)
class Metric:
    """One definition.

    `rows` are the cases that count, `parts` tell some of them apart, `value` is what percentiles are taken
    of (`unit`: "seconds" or "usd"). `share` names the part whose share of the cases is the figure, `per`
    the metric that the count is divided by instead. `of_decisions` says that `decision`, the current
    resolution, is used.
    """

    name: str
    title: "StrOrPromise"
    meaning: "StrOrPromise"
    clock: str
    rows: Q
    parts: tuple[Part, ...] = ()
    value: Combinable | None = None
    unit: str = "cases"
    share: str = ""
    per: str = ""
    of_decisions: bool = False

    def part(self, name: str) -> Part | None:
        """The part of that name, or None."""
        return next((part for part in self.parts if part.name == name), None)


class _Seconds(Func):
    """The length of an interval. `date_part` gives a float at once, `extract` takes the way by numeric."""

    template = "date_part('epoch', %(expressions)s)"
    output_field = FloatField()


def _seconds(start: Combinable, end: Combinable) -> Combinable:
    return _Seconds(ExpressionWrapper(end - start, output_field=DurationField()))


def _age(
    title: "StrOrPromise", name: str, *, over: timedelta | None, up_to: timedelta | None, tone: str
) -> Part:
    """Cases that wait longer than `over` and no longer than `up_to`."""
    rows = Q()
    if over is not None:
        rows &= Q(received_at__lt=Now() - Value(over))
    if up_to is not None:
        rows &= Q(received_at__gte=Now() - Value(up_to))
    return Part(name, title, rows, tone)


_RESOLVED = Q(state=State.RESOLVED)
_WAIT = _seconds(F("received_at"), F("first_claimed_at"))
_SPAN = _seconds(F("received_at"), F("closed_at"))
_AGENT_COST = Coalesce(Cast("cost_usd", FloatField()), 0.0)
_PEOPLE_COST = Coalesce(
    F("decision__handle_seconds") / 3600.0 * Cast("decision__operator__hourly_cost_usd", FloatField()), 0.0
)
_QUARTER, _HOUR, _SHIFT, _DAY = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(days=1),
)

_ALL = [
    Metric(
        "intake",
        _("Intake"),
        _("Cases received."),
        RECEIVED,
        Q(),
    ),
    Metric(
        "backlog",
        _("Backlog"),
        _("Cases open now and their age: now − received. The period does not apply."),
        NOW,
        Q(state__in=OPEN_STATES),
        parts=(
            _age(_("up to 15 min"), "fresh", over=None, up_to=_QUARTER, tone="soft"),
            _age(_("15 min to 1 h"), "quarter", over=_QUARTER, up_to=_HOUR, tone="accent"),
            _age(_("1 to 4 h"), "hour", over=_HOUR, up_to=_SHIFT, tone="accent"),
            _age(_("4 h to 1 day"), "shift", over=_SHIFT, up_to=_DAY, tone="warn"),
            _age(_("over 1 day"), "day", over=_DAY, up_to=None, tone="bad"),
        ),
        value=_seconds(F("received_at"), Now()),
        unit="seconds",
    ),
    Metric(
        "pickup",
        _("Time to pickup"),
        _("First claim − received, of the cases first claimed in the period."),
        PICKED_UP,
        Q(first_claimed_at__isnull=False),
        value=_WAIT,
        unit="seconds",
    ),
    Metric(
        "resolution",
        _("Time to resolution"),
        _("Resolved − received, waiting included, of the cases resolved in the period."),
        CLOSED,
        _RESOLVED,
        value=_SPAN,
        unit="seconds",
    ),
    Metric(
        "pickup_sla",
        _("SLA kept, pickup"),
        _(
            "Claimed in time ÷ (claimed in time + too late or still unclaimed past due), "
            "of the cases received, in the newest cycle of each."
        ),
        RECEIVED,
        Q(),
        parts=(
            Part("met", _("in time"), Q(picked_up_at__lte=F("pickup_due_at")), "good"),
            Part(
                "breached",
                pgettext_lazy("cases", "breached"),
                Q(picked_up_at__gt=F("pickup_due_at"))
                | Q(picked_up_at=None, closed_at=None, pickup_due_at__lte=Now())
                | Q(picked_up_at=None, closed_at__gt=F("pickup_due_at")),
                "bad",
            ),
        ),
        share="met",
    ),
    Metric(
        "resolution_sla",
        _("SLA kept, resolution"),
        _(
            "Resolved in time ÷ (resolved in time + closed late or still open past due), "
            "of the cases received."
        ),
        RECEIVED,
        Q(),
        parts=(
            Part("met", _("in time"), _RESOLVED & Q(closed_at__lte=F("due_at")), "good"),
            Part(
                "breached",
                pgettext_lazy("cases", "breached"),
                Q(closed_at__gt=F("due_at")) | Q(closed_at=None, due_at__lte=Coalesce("paused_at", Now())),
                "bad",
            ),
        ),
        share="met",
    ),
    Metric(
        "override",
        _("Override rate"),
        _("Decided otherwise than the agent proposed ÷ decided where it proposed something."),
        CLOSED,
        _RESOLVED,
        parts=(
            Part("overrode", _("decided otherwise"), Q(decision__overrode=True), "warn"),
            Part("agreed", _("as proposed"), Q(decision__overrode=False), "good"),
        ),
        share="overrode",
        of_decisions=True,
    ),
    Metric(
        "failure",
        _("Failure modes"),
        _("Share of the labelled cases by what went wrong first, as the operator judged."),
        CLOSED,
        _RESOLVED,
        parts=tuple(
            Part(mode.value, mode.label, Q(decision__failure_primary=mode.value)) for mode in FailureMode
        ),
        of_decisions=True,
    ),
    Metric(
        "cost",
        _("Cost per resolved case"),
        _(
            "What the agent's run cost + the operators' time × their hourly rate. "
            "A run whose cost the agent did not report counts as $0."
        ),
        CLOSED,
        _RESOLVED,
        parts=(Part("reported", _("agent's cost known"), Q(cost_usd__isnull=False)),),
        value=_AGENT_COST + _PEOPLE_COST,
        unit="usd",
        of_decisions=True,
    ),
    Metric(
        "agent_cost",
        _("Agent's part of the cost"),
        _("What the agent's run cost, as far as it reported that."),
        CLOSED,
        _RESOLVED,
        value=_AGENT_COST,
        unit="usd",
    ),
    Metric(
        "people_cost",
        _("Operators' part of the cost"),
        _("The operators' time on a resolved case × their hourly rate."),
        CLOSED,
        _RESOLVED,
        value=_PEOPLE_COST,
        unit="usd",
        of_decisions=True,
    ),
    Metric(
        "expiry",
        _("Expired"),
        _("Closed by the agent's hard limit with nobody's decision ÷ intake."),
        CLOSED,
        Q(state=State.EXPIRED),
        per="intake",
    ),
    Metric(
        "abandonment",
        _("Abandoned"),
        _("Withdrawn by the agent before the first claim, 5 s or later ÷ intake."),
        CLOSED,
        Q(state=State.CANCELLED, first_claimed_at=None)
        & Q(closed_at__gte=F("received_at") + Value(timedelta(seconds=5))),
        per="intake",
    ),
]

METRICS = {metric.name: metric for metric in _ALL}
