"""What the pages of figures, cases and exports are narrowed to, as their addresses say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import CharField, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from escalations.metrics import Metric, Scope
from escalations.models import AgentVersion, Operator, Queue
from escalations.sla import clocks
from operators.access import who_sees_figures
from operators.fields.days import WITHIN_REASON, DayField

PERIODS = {
    "24h": gettext_lazy("Last 24 hours"),
    "7d": gettext_lazy("Last 7 days"),
    "30d": gettext_lazy("Last 30 days"),
    "90d": gettext_lazy("Last 90 days"),
}
DEFAULT_PERIOD = "7d"
CUSTOM = "custom"
# Each day of a period is a point of a chart.
LONGEST = timedelta(days=400)


class FilterForm(forms.Form):
    """Period, agent, version and queue. `since` and `until` are exact and win: links to cases have them.

    `versions` has (agent, version) by id, for whoever shows figures of them.
    """

    period = forms.ChoiceField(
        label=gettext_lazy("Time"),
        choices=[*PERIODS.items(), (CUSTOM, gettext_lazy("From … to …"))],
        required=False,
    )
    start = DayField(label=pgettext_lazy("day", "From"))
    end = DayField(label=pgettext_lazy("day", "To"))
    agent = forms.ChoiceField(label=gettext_lazy("Agent"), required=False)
    version = forms.ChoiceField(label=gettext_lazy("Version"), required=False)
    queue = forms.ChoiceField(label=gettext_lazy("Queue"), required=False)
    since = forms.DateTimeField(required=False, widget=forms.HiddenInput, validators=WITHIN_REASON)
    until = forms.DateTimeField(required=False, widget=forms.HiddenInput, validators=WITHIN_REASON)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data, auto_id="filter-%s")
        # In one query: an agent has a name, so what comes without one is a queue.
        of_queues = Queue.objects.order_by().values_list("id", Value("", CharField()), "name")
        of_versions = AgentVersion.objects.order_by().values_list("id", "agent__name", "name")
        known = sorted(of_versions.union(of_queues, all=True), key=lambda row: row[1:])
        self.versions = {key: (agent, name) for key, agent, name in known if agent}
        queues = [name for _key, agent, name in known if not agent]
        self._choose("agent", _("All agents"), {agent: agent for agent, _ in self.versions.values()})
        versions = {f"{agent}/{name}": f"{agent} {name}" for agent, name in self.versions.values()}
        self._choose("version", _("All versions"), versions)
        self._choose("queue", _("All queues"), {queue: queue for queue in queues})

    def _choose(self, field: str, everything: str, choices: dict[str, str]) -> None:
        cast(forms.ChoiceField, self.fields[field]).choices = [("", everything), *choices.items()]

    @property
    def is_linked(self) -> bool:
        """Whether the exact time of a link counts: not one that makes no sense."""
        return bool(self.cleaned_data.get("since") and self.cleaned_data.get("until"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end < start:
            self.add_error("end", _("This day is before the first."))
        agent, version = cleaned.get("agent"), cleaned.get("version", "")
        if agent and not version.startswith(f"{agent}/"):  # another agent was chosen since
            cleaned["version"] = ""
        return cleaned


@dataclass(frozen=True)
class Filters:
    """The form as it came, and the scope that it stands for, in which invalid entries do not count."""

    form: FilterForm
    scope: Scope

    @classmethod
    def of(cls, params: Mapping[str, Any], viewer: Operator, now: datetime) -> "Filters":
        """Read `params`; days are those of the viewer's zone, `now` is the database's."""
        zone = ZoneInfo(viewer.timezone)
        form = FilterForm({"period": DEFAULT_PERIOD} | {key: params[key] for key in params})
        form.is_valid()
        chosen = form.cleaned_data
        agent, __, version = chosen.get("version", "").partition("/")
        since, until = _drawable(form, *period(chosen, zone, now), zone, now)
        scope = Scope(
            since=since,
            until=until,
            zone=zone,
            agent=agent or chosen.get("agent", ""),
            version=version,
            queue=chosen.get("queue", ""),
        )
        return cls(form, scope)


def figures_asked(request: HttpRequest, *, period: str = DEFAULT_PERIOD) -> Filters:
    """What a page of figures is narrowed to: to that period unless its address says another.

    Raises:
        PermissionDenied: for operators.
    """
    params = {"period": period} | request.GET.dict()
    return Filters.of(params, who_sees_figures(request), clocks.database_now())


def cases_url(scope: Scope, metric: Metric, part: str = "", **changes: str) -> str:
    """The page with exactly the cases that a figure counts. `changes` are other parameters of that page.

    What counts something else than cases has its rows on the page of the metric.
    """
    if not metric.counts_cases:
        rows = scope_query(scope, part=part, label=changes.get("label", ""))
        return f"{reverse('metric_rows', args=[metric.name])}?{rows}"
    query = scope_query(scope, metric=metric.name, part=part, **changes)
    return f"{reverse('cases')}?{query}"


def scope_query(scope: Scope, **more: str) -> str:
    """The parameters of a page that is narrowed to exactly this, and others; empty ones are left out."""
    version = f"{scope.agent}/{scope.version}" if scope.version else ""
    parameters = {
        "since": scope.since.isoformat(),
        "until": scope.until.isoformat(),
        "agent": scope.agent,
        "version": version,
        "queue": scope.queue,
    } | more
    return urlencode({name: text for name, text in parameters.items() if text})


def period(chosen: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """From when until when the fields of a form say."""
    if chosen.get("since") and chosen.get("until"):
        return chosen["since"], chosen["until"]
    if chosen.get("period") == CUSTOM:
        today = now.astimezone(zone).date()
        last = chosen.get("end")
        first = chosen.get("start") or (last or today) - timedelta(days=6)
        return (
            datetime.combine(first, time.min, zone),
            datetime.combine(last + timedelta(days=1), time.min, zone) if last else now,
        )
    return _start(chosen.get("period") or DEFAULT_PERIOD, zone, now), now


def _drawable(
    form: FilterForm, since: datetime, until: datetime, zone: ZoneInfo, now: datetime
) -> tuple[datetime, datetime]:
    """The period; the default one, and a word about it, where it ends before it begins or is too long."""
    if since >= until:
        form.add_error("start", _("This day is still to come."))
    elif until - since > LONGEST:
        form.add_error("start", _("Show %(most)s days at most.") % {"most": LONGEST.days})
    else:
        return since, until
    form.cleaned_data |= {"since": None, "until": None}
    return _start(DEFAULT_PERIOD, zone, now), now


def _start(period: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The start of the first whole hour or day, so that no bucket of a chart is cut off at its start."""
    number = int(period[:-1])
    if period.endswith("h"):
        return now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=number - 1)
    first = now.astimezone(zone).date() - timedelta(days=number - 1)
    return datetime.combine(first, time.min, zone)
