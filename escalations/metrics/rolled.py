"""Figures out of what was counted ahead: the same as `counting` gives, with percentiles out of bins."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from escalations.metrics import bins, narrowed, rolling
from escalations.metrics.counting import PERCENTILES, Found
from escalations.metrics.figure import Figure
from escalations.metrics.registry import Metric
from escalations.metrics.scope import Scope
from escalations.models import Escalation

# So many cases of a period are counted as they are asked for: exactly, and including this very moment.
FEW = 3_000
_KEYS = {
    "": "NULL::text",
    "version": "cell.version_id::text",
    "agent": "(SELECT one.agent_id::text FROM escalations_agentversion one WHERE one.id = cell.version_id)",
    "queue": "cell.queue_id::text",
    "label": "cell.label",
    "time": "date_trunc(%(step)s, cell.hour, %(zone)s)",
}
_CELLS = """
WITH cell AS (
    SELECT metric, hour, version_id, queue_id, part, label, {measure} FROM {table} cell
    WHERE metric = ANY (%(metrics)s) AND hour >= %(since)s AND hour < %(until)s AND {where}
{open}
),
keyed AS (SELECT cell.*, {key} AS key FROM cell)
SELECT metric, key, part, {sums} FROM keyed GROUP BY metric, key, part{also}
"""
_OPEN = """    UNION ALL
    SELECT metric, at, version_id, queue_id, part, label, {measure} FROM (
{facts}
    ) fact"""


def applies(scope: Scope) -> bool:
    """Whether figures of this scope come from here: where cases are many, and hours are not cut apart."""
    return not _are_few(scope) and _are_whole(scope) and rolling.is_ready()


def count(metrics: Iterable[Metric], scope: Scope, by: str) -> Found:
    """The figures of each metric by a key; empty where there are no facts."""
    wanted = {metric.name: metric for metric in metrics}
    found: Found = {name: {} for name in wanted}
    for row in _ask(_counts(wanted.values(), scope, by), wanted.values(), scope):
        figure = found[row["metric"]].setdefault(row["key"], Figure.empty(wanted[row["metric"]]))
        found[row["metric"]][row["key"]] = _with(figure, row)
    measured = [metric for metric in wanted.values() if metric.has_percentiles]
    if measured:
        _set_percentiles(found, _ask(_bins(measured, scope, by), measured, scope))
    return found


def binned(metric: Metric, scope: Scope, by: str) -> list[dict[str, Any]]:
    """How many facts of each part are in each bin, by a key."""
    return [row for row in _ask(_bins([metric], scope, by), [metric], scope) if row["bin"] is not None]


def _are_few(scope: Scope) -> bool:
    received = Escalation.objects.filter(received_at__gte=scope.since, received_at__lt=scope.until)
    return received.values("pk")[: FEW + 1].count() <= FEW


def _are_whole(scope: Scope) -> bool:
    """Whether no bucket starts within an hour, as days do in some zones. The end may be in the future."""
    starts: list[datetime] = [scope.since, *([] if scope.is_hourly else scope.buckets())]
    return all(moment.minute == moment.second == moment.microsecond == 0 for moment in _in_utc(starts))


def _in_utc(moments: Iterable[datetime]) -> list[datetime]:
    return [moment - (moment.utcoffset() or timedelta()) for moment in moments]


def _counts(metrics: Iterable[Metric], scope: Scope, by: str) -> str:
    facts = f"1, coalesce({rolling.MICRO}, 0)"
    return _statement(
        metrics, scope, by, "escalations_rollup", "n, total", facts, "sum(n) AS n, sum(total) AS total"
    )


def _bins(metrics: Iterable[Metric], scope: Scope, by: str) -> str:
    facts = f"1, {rolling.BIN}"
    return _statement(
        metrics, scope, by, "escalations_rollupbin", "n, bin", facts, "bin, sum(n) AS n", also=", bin"
    )


def _statement(
    metrics: Iterable[Metric],
    scope: Scope,
    by: str,
    table: str,
    measure: str,
    of_facts: str,
    sums: str,
    also: str = "",
) -> str:
    unsettled = [metric for metric in metrics if metric.counts_open]
    facts = narrowed.facts(unsettled, scope, extra="NOT fact.settled") if unsettled else ""
    told_apart = by in ("version", "agent", "queue") or scope.agent or scope.version or scope.queue
    one_by_one = ["cell.version_id <> 0", *narrowed.dimensions(scope, "cell")]
    whole = ["cell.version_id = 0", "cell.queue_id = 0"]
    return _CELLS.format(
        table=table,
        measure=measure,
        where=" AND ".join(one_by_one if told_apart else whole),
        open=_OPEN.format(measure=of_facts, facts=facts) if facts else "",
        key=_KEYS[by],
        sums=sums,
        also=also,
    )


def _ask(statement: str, metrics: Iterable[Metric], scope: Scope) -> list[dict[str, Any]]:
    chosen = narrowed.values(
        scope,
        metrics=[metric.name for metric in metrics],
        step=scope.step,
        zone="UTC" if scope.is_hourly else scope.zone.key,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, chosen)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _with(figure: Figure, row: Mapping[str, Any]) -> Figure:
    """The figure with what was counted of one part; its mean is of all that it has so far."""
    added, n = int(row["n"]), figure.n + int(row["n"])
    parts = {**figure.parts, row["part"]: added} if row["part"] else figure.parts
    figure = replace(figure, n=n, parts=parts)
    if not figure.metric.has_percentiles or not n:
        return figure
    total = (figure.mean or 0.0) * (n - added) + int(row["total"]) / 1_000_000  # see `rolling.MICRO`
    return replace(figure, mean=total / n, is_binned=True)


def _set_percentiles(found: Found, rows: Iterable[Mapping[str, Any]]) -> None:
    gathered: dict[tuple[str, Any], dict[int, int]] = {}
    for row in rows:
        if row["bin"] is not None:
            counts = gathered.setdefault((row["metric"], row["key"]), {})
            counts[row["bin"]] = counts.get(row["bin"], 0) + int(row["n"])
    for (name, key), counts in gathered.items():
        p50, p90, p95 = bins.percentiles([*counts.items()], [*PERCENTILES.values()])
        found[name][key] = replace(found[name][key], p50=p50, p90=p90, p95=p95)
