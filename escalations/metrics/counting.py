"""Facts turned into figures as they are asked for, by one statement for all metrics."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db import connection

from escalations.metrics import narrowed
from escalations.metrics.figure import Figure
from escalations.metrics.registry import Metric, Shape
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
# Each label has a rate: its facts without a value ÷ what those with one add up to, which are hours; less than
# one is too short for a rate. The coefficient is that of C. Gini, "Variabilità e mutabilità", 1912: half the
# mean difference of two rates ÷ their mean; with the n rates x in order, Σ (2i - n - 1)·x[i] ÷ (n·Σ x[i]).
_SPREAD = """
WITH fact AS (
{facts}
),
rate AS (
SELECT fact.metric, {key} AS key, fact.label, count(*) FILTER (WHERE fact.value IS NULL) AS number,
       sum(fact.value) AS hours
FROM fact GROUP BY 1, 2, 3 HAVING sum(fact.value) >= 1
),
ranked AS (
SELECT rate.*, number / hours AS rate, row_number() OVER spread AS place, count(*) OVER everybody AS people,
       sum(number / hours) OVER everybody AS together
FROM rate
WINDOW spread AS (PARTITION BY metric, key ORDER BY number / hours), everybody AS (PARTITION BY metric, key)
)
SELECT metric, key, count(*) AS people, (sum(number) / sum(hours))::float8 AS mean,
       CASE WHEN count(*) > 1
            THEN sum((2 * place - people - 1) * rate)::float8 / nullif(max(people * together), 0) END AS gini
FROM ranked GROUP BY metric, key
"""

Found = dict[str, dict[Any, Figure]]


def count(metrics: Iterable[Metric], scope: Scope, by: str) -> Found:
    """The figures of each metric by a key; empty where there are no facts."""
    wanted = {metric.name: metric for metric in metrics}
    if not wanted:
        return {}
    found = _assembled(wanted, asked(_COUNT, wanted.values(), scope, by))
    spread = [metric for metric in wanted.values() if metric.shape is Shape.GINI and found[metric.name]]
    for row in asked(_SPREAD, spread, scope, by) if spread else ():
        figure = found[row.pop("metric")]
        key = row.pop("key")
        figure[key] = replace(figure[key], **row)
    return found


def asked(statement: str, metrics: Iterable[Metric], scope: Scope, by: str) -> list[dict[str, Any]]:
    """The rows of a statement over `{facts}` by a `{key}`."""
    facts = narrowed.facts(metrics, scope)
    zone = "UTC" if scope.is_hourly else scope.zone.key
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(fractions=[*PERCENTILES.values()], facts=facts, key=_KEYS[by]),
            narrowed.values(scope, step=scope.step, zone=zone),
        )
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


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
    if not metric.has_percentiles or row["percentiles"] is None:
        return figure
    percentiles = dict(zip(PERCENTILES, row["percentiles"], strict=True))
    return replace(figure, **percentiles, mean=row["mean"], highest=row["highest"])
