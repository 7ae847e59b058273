"""Facts turned into figures as they are asked for, by one statement for all metrics."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db import connection

from escalations.metrics import narrowed
from escalations.metrics.figure import Figure
from escalations.metrics.registry import Metric
from escalations.metrics.scope import Scope

PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95}
# What the facts can be told apart by, as SQL over a fact.
_KEYS = {
    "": "NULL::text",
    "version": "fact.version_id::text",
    "agent": "(SELECT one.agent_id::text FROM escalations_agentversion one WHERE one.id = fact.version_id)",
    "queue": "fact.queue_id::text",
    "label": "fact.label",
    "time": "date_trunc(%(step)s, fact.at, %(zone)s)",
}
_COUNT = """
WITH fact AS (
{facts}
),
keyed AS (
SELECT fact.metric, {key} AS key, fact.part, fact.value FROM fact
)
SELECT metric, key, CASE WHEN grouping(part) = 0 THEN part END AS part, count(*) AS n,
       percentile_cont(ARRAY{fractions}) WITHIN GROUP (ORDER BY value) AS percentiles,
       avg(value) AS mean, max(value) AS highest
FROM keyed
GROUP BY GROUPING SETS ((metric, key), (metric, key, part))
"""

Found = dict[str, dict[Any, Figure]]


def count(metrics: Iterable[Metric], scope: Scope, by: str) -> Found:
    """The figures of each metric by a key; empty where there are no facts."""
    wanted = {metric.name: metric for metric in metrics}
    if not wanted:
        return {}
    statement = _COUNT.format(
        fractions=[*PERCENTILES.values()], facts=narrowed.facts(wanted.values(), scope), key=_KEYS[by]
    )
    with connection.cursor() as cursor:
        zone = "UTC" if scope.is_hourly else scope.zone.key
        cursor.execute(statement, narrowed.values(scope, step=scope.step, zone=zone))
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return _assembled(wanted, rows)


def _assembled(wanted: Mapping[str, Metric], rows: list[dict[str, Any]]) -> Found:
    found: Found = {name: {} for name in wanted}
    for row in rows:
        if row["part"] is None:
            found[row["metric"]][row["key"]] = _figure(wanted[row["metric"]], row)
    for row in rows:
        if row["part"]:
            figure = found[row["metric"]][row["key"]]
            parts = {**figure.parts, row["part"]: row["n"]}
            found[row["metric"]][row["key"]] = replace(figure, parts=parts)
    return found


def _figure(metric: Metric, row: Mapping[str, Any]) -> Figure:
    figure = replace(Figure.empty(metric), n=row["n"])
    if not metric.measures or row["percentiles"] is None:
        return figure
    percentiles = dict(zip(PERCENTILES, row["percentiles"], strict=True))
    return replace(figure, **percentiles, mean=row["mean"], highest=row["highest"])
