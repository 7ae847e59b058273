"""The figures of the desk, for programs that hold a report key."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpResponse, JsonResponse
from ninja import Query, Router
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from agents_api import intake
from agents_api.answers import rfc3339
from agents_api.auth import ReaderRequest, ReportKeyAuth
from agents_api.documentation import openapi
from agents_api.pages import has_no_nul
from agents_api.problems import Flaw, Problem
from agents_api.requests.cursors import Cursor
from agents_api.schemas.base import Moment
from agents_api.schemas.metrics import MetricList, MetricTold, RowPage
from escalations import metrics
from escalations.metrics import METRICS, NO_LABEL, Figure, Metric, Place, Scope, Shape, Survival
from escalations.models import AgentVersion, Queue, ReportScope
from escalations.sla import clocks

router = Router(auth=ReportKeyAuth(ReportScope.METRICS))

PAGE_MAX = 1_000
_LONGEST = timedelta(days=400)
_HOURLY_AT_MOST = timedelta(days=62)
_PERIODS = {"24h": 1, "7d": 7, "30d": 30, "90d": 90}
_Name = Annotated[str, StringConstraints(max_length=60), AfterValidator(has_no_nul)]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("There is no such time zone.")
    return name


class ScopeQuery(BaseModel):
    """What figures are of."""

    period: Literal["24h", "7d", "30d", "90d"] = Field(
        default="7d", description="Up to now. `since` and `until` win."
    )
    since: Moment | None = None
    until: Moment | None = Field(default=None, description="Exclusive; without it, now.")
    agent: _Name = ""
    version: _Name = ""
    queue: _Name = ""


class MetricQuery(ScopeQuery):
    """And what they are told apart by."""

    by: Literal["version", "agent", "queue", "label"] | None = None
    bucket: Literal["hour", "day"] | None = Field(default=None, description="Hours for up to 62 days.")
    zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="UTC", description="In which days begin."
    )


class RowsQuery(ScopeQuery):
    """Which facts to list."""

    part: _Name = ""
    label: Annotated[str, StringConstraints(max_length=200), AfterValidator(has_no_nul)] = Field(
        default="", description=f"`{NO_LABEL}`: those without one."
    )
    limit: int = Field(default=100, ge=1, le=PAGE_MAX)
    cursor: Cursor = None


@router.get(
    "/metrics",
    response={200: MetricList},
    url_name="metrics",
    summary="List the metrics",
    openapi_extra=openapi.reading(problems=[]),
)
def list_metrics(request: ReaderRequest) -> HttpResponse:
    """Every metric of the desk with its definition."""
    return JsonResponse({"items": [_defined(metric) for metric in METRICS.values()]})


@router.get(
    "/metrics/{name}",
    response={200: MetricTold},
    url_name="metric",
    summary="Read a metric",
    openapi_extra=openapi.reading(problems=[404, 422]),
)
def get_metric(request: ReaderRequest, name: str, query: Query[MetricQuery]) -> HttpResponse:
    """The figure of a period, that of the period before, and if asked for by group and over time.

    Groups are versions (as `agent/version`), agents, queues, or what the label of the metric says.
    """
    intake.check_query(MetricQuery, request)
    metric = _named(name)
    now = clocks.database_now()
    scope = replace(_scope(query, now), zone=ZoneInfo(query.zone), bucket=query.bucket or "")
    if query.bucket == "hour" and scope.until - scope.since > _HOURLY_AT_MOST:
        raise _flaw("bucket", "Hours are given for up to 62 days.")
    compared = metrics.compare([name], scope)[name]
    return JsonResponse(
        {
            "metric": _defined(metric),
            "since": rfc3339(scope.since),
            "until": rfc3339(scope.until),
            "figure": figure_json(compared.figure),
            "before": compared.before and figure_json(compared.before),
            "difference": compared.difference,
            "notable": compared.is_notable,
            "change": compared.change,
            "immature": bool(metric.matures and scope.until > now - metric.matures),
            "survival": _survival(metrics.waiting(scope)) if metric.is_censored else None,
            "groups": _groups(metric, scope, query.by) if query.by else None,
            "buckets": _buckets(metric, scope, now) if query.bucket and _has_course(metric) else None,
        }
    )


@router.get(
    "/metrics/{name}/rows",
    response={200: RowPage},
    url_name="metric_rows",
    summary="List the rows behind a metric",
    openapi_extra=openapi.reading(problems=[404, 422]),
)
def list_rows(request: ReaderRequest, name: str, query: Query[RowsQuery]) -> HttpResponse:
    """The facts that the figure counts, the newest first: all, or those of one part or under one label."""
    intake.check_query(RowsQuery, request)
    metric, scope = _named(name), _scope(query, clocks.database_now())
    if query.part and metric.part(query.part) is None:
        raise _flaw("part", "The metric has no such part.")
    shown, place = metrics.page(
        metric,
        scope,
        part=query.part,
        label=query.label,
        limit=query.limit,
        place=_place(query.cursor) if query.cursor else None,
    )
    return JsonResponse(
        {"items": [_row_json(row) for row in shown], "next_cursor": _cursor(place) if place else None}
    )


def figure_json(figure: Figure) -> dict[str, Any]:
    """A figure as a JSON value."""
    has_share = bool(figure.metric.share or figure.metric.per)
    return {
        "n": figure.n,
        "value": figure.value,
        "enough": figure.is_enough,
        "of": figure.of,
        "people": figure.people,
        "share": figure.share if has_share else None,
        "interval": figure.interval if has_share and figure.base else None,
        "parts": {
            name: {"n": n, "share": figure.share_of(name), "interval": figure.interval_of(name)}
            for name, n in figure.parts.items()
        },
        "p50": figure.p50,
        "p90": figure.p90,
        "p95": figure.p95,
        "mean": figure.mean,
        "highest": figure.highest,
        "binned": figure.is_binned,
    }


def _survival(curve: Survival) -> dict[str, Any]:
    return {"n": curve.n, "events": curve.events, "median": curve.median, "interval": curve.interval}


def _named(name: str) -> Metric:
    if name not in METRICS:
        raise Problem("not-found", "There is no such metric.")
    return METRICS[name]


def _scope(query: ScopeQuery, now: datetime) -> Scope:
    until = query.until or now
    since = query.since or until - timedelta(days=_PERIODS[query.period])
    if not timedelta(0) < until - since <= _LONGEST:
        raise _flaw("since", "It comes before `until`, or now, by 400 days at most.")
    for name, value, is_known in (
        ("agent", query.agent, AgentVersion.objects.filter(agent__name=query.agent)),
        ("version", query.version, AgentVersion.objects.filter(name=query.version)),
        ("queue", query.queue, Queue.objects.filter(name=query.queue)),
    ):
        if value and not is_known.exists():
            raise _flaw(name, "There is none of that name.")
    return Scope(since, until, ZoneInfo("UTC"), query.agent, query.version, query.queue)


def _flaw(name: str, detail: str) -> Problem:
    return Problem("invalid-request", errors=[Flaw(f"/query/{name}", detail)])


def _groups(metric: Metric, scope: Scope, by: str) -> list[dict[str, Any]]:
    found = metrics.breakdown([metric.name], scope, by)[metric.name]
    curves = metrics.waiting_by(scope, by) if metric.is_censored else {}
    names = {key: key for key in found}
    if by == "version":
        versions = AgentVersion.objects.values_list("id", "agent__name", "name")
        names = {key: f"{agent}/{name}" for key, agent, name in versions}
    return [
        {"key": names[key], **_told(found[key], curves.get(key))}
        for key in sorted(found, key=lambda key: names[key])
    ]


def _has_course(metric: Metric) -> bool:
    return bool(metric.flows) or not metric.is_now


def _buckets(metric: Metric, scope: Scope, now: datetime) -> list[dict[str, Any]]:
    if metric.flows:
        scope = scope.past(now)
    found = metrics.series([metric.name], scope)[metric.name]
    curves = metrics.waiting_over_time(scope) if metric.is_censored else {}
    return [
        {
            "start": rfc3339(start.astimezone(UTC)),
            **_told(found.get(start) or Figure.empty(metric), curves.get(start)),
        }
        for start in scope.buckets()
    ]


def _told(figure: Figure, curve: Survival | None) -> dict[str, Any]:
    """One group or bucket."""
    return {"figure": figure_json(figure), "survival": curve and _survival(curve)}


def _row_json(row: metrics.Row) -> dict[str, Any]:
    return {
        "at": rfc3339(row.at),
        "handoff_id": row.case_id and str(row.case_id),
        "agent": row.agent,
        "version": row.version,
        "queue": row.queue,
        "part": row.part,
        "label": row.label,
        "value": row.value,
    }


def _cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def _place(cursor: str) -> Place:
    try:
        return Place.parse(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode())
    except ValueError:
        raise _flaw("cursor", "This is no cursor of ours.") from None


def _defined(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "title": str(metric.title),
        "meaning": str(metric.meaning),
        "topic": metric.topic,
        "shape": metric.shape.value,
        "unit": metric.unit,
        "stands": metric.stands if metric.shape is Shape.VALUES else None,
        "parts": [{"name": part.name, "title": str(part.title)} for part in metric.parts],
        "share": metric.share or None,
        "per": metric.per or None,
        "label": metric.label or None,
        "is_now": metric.is_now,
        "came": list(metric.came),
        "went": list(metric.went),
        "matures_days": metric.matures.days if metric.matures else None,
        "sql": metric.sql,
    }
