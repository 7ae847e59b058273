"""What the pages of alerts show."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from escalations.alerts import kinds
from escalations.alerts.episodes import Episode
from escalations.alerts.kinds import KINDS, Kind
from escalations.alerts.trial import Trial
from escalations.metrics import Scope
from escalations.models import Alert, AlertKind, AlertRule
from operators.alerts.stood import stood_url
from operators.metrics.filters import scope_query

PAGE = 50


@dataclass(frozen=True)
class Line:
    """A rule in the unit of its kind, and the alert that is on, if one is."""

    rule: AlertRule
    kind: Kind
    alert: Alert | None

    @property
    def limit(self) -> str:
        sign = "<" if self.kind.is_below else ">"
        return f"{sign} {self.kind.unit.text(self.rule.threshold)}"

    @property
    def value(self) -> str:
        return "" if self.rule.value is None else self.kind.unit.text(self.rule.value)

    @property
    def url(self) -> str:
        """Of what the value was measured from."""
        return _evidence(self.rule, self.rule.looked_at) if self.rule.looked_at else ""


@dataclass(frozen=True)
class Past:
    """An alert of the history, in words."""

    alert: Alert
    value: str
    worst: str
    limit: str

    @property
    def url(self) -> str:
        """Of what the first value was measured from."""
        return _evidence(self.alert.rule_then, self.alert.began_at, self.alert.detail)

    @property
    def worst_url(self) -> str:
        """Of what the worst one was measured from; empty where nobody noted when that was."""
        alert = self.alert
        if alert.worst == alert.value:
            return self.url
        return _evidence(alert.rule_then, alert.worst_at) if alert.worst_at else ""


@dataclass(frozen=True)
class Tried:
    """What would have fired: its first and its worst value, and where the rows of both are."""

    episode: Episode
    value: str
    worst: str
    url: str
    worst_url: str


def lines() -> list[Line]:
    """Every rule, those with an alert first."""
    on = {alert.rule_id: alert for alert in Alert.objects.filter(ended_at=None)}
    rules = AlertRule.objects.select_related("queue", "agent")
    found = [Line(rule, kinds.of(rule), on.get(rule.pk)) for rule in rules]
    return sorted(found, key=lambda line: line.alert is None)


def history(before: int | None) -> tuple[list[Past], int | None]:
    """A page of the alerts, the newest first, and the key of the next page."""
    alerts = Alert.objects.select_related("rule__queue", "rule__agent", "queue", "agent")
    page = list((alerts.filter(id__lt=before) if before else alerts)[: PAGE + 1])
    return [past(alert) for alert in page[:PAGE]], page[PAGE - 1].pk if len(page) > PAGE else None


def past(alert: Alert) -> Past:
    text = kinds.of(alert.rule).unit.text
    return Past(alert, text(alert.value), text(alert.worst), text(alert.threshold))


def _evidence(rule: AlertRule, at: datetime, part: str = "") -> str:
    """Where the rows are that a value was measured from: all, or of the part that it is about."""
    kind = kinds.of(rule)
    since = at - timedelta(hours=rule.hours)
    agent, queue = rule.agent.name if rule.agent else "", rule.queue.name if rule.queue else ""
    if kind.standing:
        return stood_url(kind, at, queue=queue, agent=agent)
    query = scope_query(Scope(since, at, ZoneInfo("UTC"), agent=agent, queue=queue), part=part)
    return f"{reverse('metric_rows', args=[kind.metric])}?{query}"


def would_have(trial: Trial, rule: AlertRule) -> list[Tried]:
    """The episodes of a trial."""
    text = kinds.of(rule).unit.text
    return [
        Tried(
            episode=one,
            value=text(one.began.value or 0.0),
            worst=text(one.worst),
            url=_evidence(rule, one.began.at, one.began.detail),
            worst_url=_evidence(rule, one.worst_at, one.began.detail if one.worst_at == one.began.at else ""),
        )
        for one in trial.episodes
    ]


def addable() -> list[Kind]:
    """The kinds that there is to add."""
    return list(KINDS.values())


def kind_called(name: str) -> AlertKind:
    """The kind that an address names.

    Raises:
        Http404: there is none.
    """
    if name not in AlertKind.values:
        raise Http404(_("There is no such alert."))
    return AlertKind(name)


def usual() -> list[AlertRule]:
    """A rule of each kind for the whole desk at its default, but those that are there."""
    there = set(AlertRule.objects.filter(queue=None, agent=None).values_list("kind", flat=True))
    return [
        AlertRule(kind=kind.kind, threshold=kind.threshold, hours=kind.hours or 1)
        for kind in KINDS.values()
        if not kind.needs_agent and kind.kind not in there
    ]
