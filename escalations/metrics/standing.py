"""How many of a metric of this moment there were at other times: those of now, less what came since, and with
what went since.

So a past is never read from its beginning, and costs the same however long that is. What came and went is
counted ahead, but for the last hour or two: what a pass has still to come to would be missed there.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from escalations.metrics import counting, rolled, rolling
from escalations.metrics.counting import Found
from escalations.metrics.figure import Figure
from escalations.metrics.registry import METRICS, Metric
from escalations.metrics.scope import Scope
from escalations.models import OPEN_STATES, Escalation, Resolution
from escalations.models.case_queries import EscalationQuerySet

_FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
_LATELY = "SELECT date_trunc('hour', statement_timestamp() - interval '1 hour', 'UTC')"


def course(metric: Metric, scope: Scope, *, ahead: bool) -> dict[datetime, Figure]:
    """The number at the end of each bucket, by its start; of the last one at the end of the period.

    Of a bucket that is to come it is the number of now.
    """
    starts = list(scope.buckets())
    if not starts:
        return {}
    hour = starts[0].astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    scope = replace(scope, since=hour, bucket=scope.step)
    stood = _stood(metric, scope)
    count = rolled.count if ahead else counting.count
    changes = _changes(metric, count(_flows(metric), scope, "time"))
    stood += sum(change for start, change in changes.items() if start < starts[0])
    figures = {}
    for start in starts:
        stood += changes[start]
        figures[start] = Figure(metric, n=stood)
    return figures


def open_cases(scope: Scope, at: datetime) -> EscalationQuerySet:
    """The cases that were open at a moment, by what is known today: as many as the backlog's `course` has.

    Of the scope only what it is narrowed to counts. What closed before `at` is not looked at.
    """
    still = Q(state__in=OPEN_STATES) | Q(closed_at__gte=at)
    # A decision that was taken back later, or its case opened again, closed it for a while.
    closed_then = Resolution.objects.filter(case=OuterRef("pk"), created_at__lt=at, superseded_at__gte=at)
    narrowed = {
        "agent_version__agent__name": scope.agent,
        "agent_version__name": scope.version,
        "queue__name": scope.queue,
    }
    return Escalation.objects.filter(
        still,
        ~Exists(closed_then),
        received_at__lt=at,
        **{name: value for name, value in narrowed.items() if value},
    )


def _stood(metric: Metric, scope: Scope) -> int:
    """How many there were when the period began, which is a whole hour."""
    recent = max(scope.since, _lately()) if rolling.is_ready() else scope.since
    # In one statement: nothing comes or goes between the two.
    now = counting.count([metric, *_flows(metric)], replace(scope, since=recent, until=_FOREVER), "")
    stood = sum(figure.n for figure in now[metric.name].values()) - sum(_changes(metric, now).values())
    if recent == scope.since:
        return stood
    earlier = rolled.count(_flows(metric), replace(scope, until=recent), "")
    return stood - sum(_changes(metric, earlier).values())


def _changes(metric: Metric, found: Found) -> Counter[datetime]:
    """What came less what went, by a key."""
    changes: Counter[datetime] = Counter()
    for name in metric.flows:
        sign = 1 if name in metric.came else -1
        for key, figure in found[name].items():
            changes[key] += sign * figure.n
    return changes


def _flows(metric: Metric) -> list[Metric]:
    return [METRICS[name] for name in metric.flows]


def _lately() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(_LATELY)
        moment: datetime = cursor.fetchone()[0]
    return moment.astimezone(UTC)
