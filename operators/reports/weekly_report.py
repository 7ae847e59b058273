"""The report of one week, for a page and a mail: what came in, how it went, what went wrong, what it cost."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from escalations import metrics
from escalations.metrics import Scope
from escalations.models import Operator
from escalations.reports.coverage import Coverage, coverage
from escalations.reports.failures import first_errors
from operators.metrics import hours
from operators.metrics.charts import failure_charts, time_charts, version_charts
from operators.metrics.charts.chart import Chart
from operators.metrics.filters import FilterForm
from operators.metrics.measured import Tile, tiles

_TILES = {
    "flow": ["intake", "abandonment", "expiry", "repeats", "reopens"],
    "time": ["pickup", "resolution", "resolution_net", "pickup_sla", "resolution_sla"],
    "quality": ["override", "over_escalation", "agreement", "could_be_code", "retries"],
    "cost": ["cost", "people_cost", "agent_cost", "handle", "run_time"],
}
_IN_MAIL = ["intake", "resolution", "pickup", "pickup_sla", "override", "over_escalation", "cost"]
_SHORT_SHOWN = 10


@dataclass(frozen=True)
class Week:
    """A week by ISO 8601: from Monday, in the zone of whoever reads."""

    year: int
    number: int
    zone: ZoneInfo

    @classmethod
    def before(cls, now: datetime, zone: ZoneInfo) -> "Week":
        """The last one that is over."""
        year, number, _day = (now.astimezone(zone).date() - timedelta(days=7)).isocalendar()
        return cls(year, number, zone)

    @property
    def monday(self) -> date:
        """Raises ValueError: that year has no such week."""
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def scope(self) -> Scope:
        start = datetime.combine(self.monday, time.min, self.zone)
        return Scope(start, datetime.combine(self.monday + timedelta(days=7), time.min, self.zone), self.zone)

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def path(self) -> str:
        return reverse("weekly_report_of", args=[self.year, self.number])

    def moved(self, weeks: int) -> "Week":
        """So many weeks later."""
        year, number, _day = (self.monday + timedelta(weeks=weeks)).isocalendar()
        return Week(year, number, self.zone)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02}"


@dataclass(frozen=True)
class Short:
    """An hour of the day in which a skill had more work than people, and the address of its cases."""

    skill: str
    hour: str
    work: float
    people: float
    url: str


@dataclass(frozen=True)
class Report:
    """Figures by topic, drawings, and the hours with too few people."""

    week: Week
    tiles: dict[str, list[Tile]]
    charts: list[Chart]
    short: list[Short]
    presence_is_known: bool


def report(week: Week) -> Report:
    """What the page of the week shows."""
    scope = week.scope
    every = tiles([name for names in _TILES.values() for name in names], scope)
    by_name = {tile.name: tile for tile in every}
    covered = coverage(scope)
    return Report(
        week=week,
        tiles={topic: [by_name[name] for name in names] for topic, names in _TILES.items()},
        charts=_charts(scope),
        short=_short(covered, scope) if covered.is_known else [],
        presence_is_known=covered.is_known,
    )


def mail_of(operator: Operator, week: Week) -> tuple[str, str]:
    """Subject and text of the mail that leads to the report, in the language spoken when it is asked for."""
    subject = _("Handrail: report of the week from %(monday)s to %(sunday)s") % {
        "monday": week.monday.isoformat(),
        "sunday": week.sunday.isoformat(),
    }
    context = {
        "operator": operator,
        "week": week,
        "tiles": tiles(_IN_MAIL, week.scope),
        "report_url": settings.PUBLIC_URL + week.path,
        "preferences_url": settings.PUBLIC_URL + reverse("preferences"),
    }
    return subject, render_to_string("operators/reports/weekly_report.txt", context)


def _charts(scope: Scope) -> list[Chart]:
    series = metrics.series(["intake", "resolution", "pickup_sla", "resolution_sla", "pickup"], scope)
    names = ["failure", "override", "cost", "people_cost", "agent_cost"]
    by_version = metrics.breakdown(names, scope, "version")
    versions = FilterForm({}).versions
    drawn = [
        time_charts.flow(series, scope),
        *time_charts.over_time(series, scope),
        *version_charts.by_version(by_version, versions, scope),
        failure_charts.histogram(first_errors(scope), scope, ""),
    ]
    return [chart for chart in drawn if chart.rows]


def _short(covered: Coverage, scope: Scope) -> list[Short]:
    found = [
        Short(
            skill.name,
            f"{hour:02}:00",
            cell.work or 0.0,
            cell.people,
            hours.url(scope, skill.name, "", hour),
        )
        for skill in covered.skills
        for hour, cell in enumerate(skill.cells)
        if cell.is_short
    ]
    return sorted(found, key=lambda one: one.people - one.work)[:_SHORT_SHOWN]
