"""The kinds of alerts: what each measures, of what it may be told apart, and what is too much by default."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from escalations.alerts import readings
from escalations.alerts.episodes import Limits, Reading
from escalations.models import AlertKind, AlertRule

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_HOUR = timedelta(hours=1)
_QUARTER = timedelta(minutes=15)
_DAY, _WEEK = 24, 168


@dataclass(frozen=True)
class Unit:
    """How a value is typed and shown: `scale` times what is stored. `text` is the same in all languages.

    A limit, as it is stored, is at least `least`, and at most `most` if there is one.
    """

    name: "StrOrPromise"
    text: Callable[[float], str]
    scale: float = 1
    least: float = 0
    most: float | None = None

    def holds(self, limit: float) -> bool:
        """Whether there can be such a limit."""
        return self.least <= limit and (self.most is None or limit <= self.most)


@dataclass(frozen=True)
class Kind:
    """`read` measures at moments that are `step` apart, and in earnest every so long.

    What is measured are the rows of `metric`, or what stands at a moment by the statement `standing`.
    """

    kind: AlertKind
    meaning: "StrOrPromise"
    unit: Unit
    threshold: float
    read: Callable[[AlertRule, Sequence[datetime]], list[Reading]]
    metric: str = ""
    standing: str = ""
    is_below: bool = False
    hours: int | None = None
    by_queue: bool = True
    by_agent: bool = True
    needs_agent: bool = False
    step: timedelta = _HOUR
    every: timedelta = timedelta(minutes=1)


def _lasting(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{round(seconds / 3600, 1):g} h"


_PERCENT = Unit("%", lambda value: f"{value:.1%}", 100, most=1)
_MINUTES = Unit(_("minutes"), _lasting, 1 / 60)
_HOURS = Unit(_("hours"), lambda value: f"{value / 3600:.1f} h", 1 / 3600)
_TIMES = Unit(_("times the baseline"), lambda value: f"{value:.2f}×", least=1)
_POINTS = Unit(_("points of Brier score"), lambda value: f"{value:+.3f}")
_DOLLARS = Unit(_("US dollars"), lambda value: f"${value:.2f}")
_COUNT = Unit(_("webhooks"), lambda value: f"{value:.0f}")

KINDS: dict[str, Kind] = {
    kind.kind: kind
    for kind in (
        Kind(
            AlertKind.SERVICE_LEVEL,
            _("Of the cases that came in the last hours, the share that was taken in time is under this."),
            _PERCENT,
            0.8,
            readings.share("service_level", "within"),
            metric="service_level",
            is_below=True,
            hours=1,
        ),
        Kind(
            AlertKind.OLDEST_CASE,
            _("The oldest open case is open for longer than this. Audits do not count."),
            _MINUTES,
            4 * 3600.0,
            readings.oldest_case,
            standing=readings.OPEN_CASES,
            step=_QUARTER,
        ),
        Kind(
            AlertKind.NO_ELIGIBLE,
            _("A case waits for longer than this, and nobody is available whose queues and skills fit."),
            _MINUTES,
            600.0,
            readings.nobody_eligible,
            standing=readings.ALONE,
            step=_QUARTER,
        ),
        Kind(
            AlertKind.ESCALATION_RATE,
            _(
                "The share of runs that were escalated is at least so many times what it was in the four "
                "weeks before, or so many times less, as sure as 95%."
            ),
            _TIMES,
            1.5,
            readings.escalation_rate,
            metric="escalated",
            hours=_DAY,
            by_queue=False,
            needs_agent=True,
            every=_QUARTER,
        ),
        Kind(
            AlertKind.CALIBRATION,
            _("The Brier score of what audits found is so much worse than in the four weeks before."),
            _POINTS,
            0.05,
            readings.worse_mean("brier"),
            metric="brier",
            hours=_WEEK,
            by_queue=False,
            every=_QUARTER,
        ),
        Kind(
            AlertKind.OVERRIDE,
            _("People decide otherwise than the agent proposed in more than this share of the decisions."),
            _PERCENT,
            0.4,
            readings.share("override", "overrode"),
            metric="override",
            hours=_DAY,
            every=_QUARTER,
        ),
        Kind(
            AlertKind.FAILURE_SPIKE,
            _(
                "One failure mode is at least so many times as frequent as in the four weeks before, as sure "
                "as 95%, and came five times."
            ),
            _TIMES,
            2.0,
            readings.spike("failure", leave_out=("none",)),
            metric="failure",
            hours=_DAY,
            every=_QUARTER,
        ),
        Kind(
            AlertKind.COST,
            _("The mean cost of a resolved case, agent and people together, is above this."),
            _DOLLARS,
            10.0,
            readings.mean("cost"),
            metric="cost",
            hours=_DAY,
            every=_QUARTER,
        ),
        Kind(
            AlertKind.DELIVERY,
            _("More webhooks than this failed, or were tried three times in vain."),
            _COUNT,
            5.0,
            readings.failed_deliveries,
            metric="webhooks",
            hours=1,
            by_queue=False,
            by_agent=True,
        ),
        Kind(
            AlertKind.AUDIT_BACKLOG,
            _("The oldest audit, second look or disagreement waits for longer than this."),
            _HOURS,
            72 * 3600.0,
            readings.oldest_audit,
            standing=readings.AUDITS,
            step=_QUARTER,
            every=_QUARTER,
        ),
    )
}


def of(rule: AlertRule) -> Kind:
    """What the rule is about."""
    return KINDS[rule.kind]


def limits(rule: AlertRule) -> Limits:
    """When the rule holds."""
    return Limits(rule.threshold, of(rule).is_below, timedelta(minutes=rule.cooldown_minutes))


def told(rule: AlertRule, value: float, detail: str = "") -> dict[str, str]:
    """What fills the gaps of a notice: the same in all languages."""
    unit = of(rule).unit
    return {
        "scope": rule.scope_name,
        "value": unit.text(value),
        "limit": unit.text(rule.threshold),
        "detail": detail,
    }
