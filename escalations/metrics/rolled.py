"""Figures out of what was counted ahead: the same as `counting` gives, with percentiles out of bins."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
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
    WHERE metric = ANY (%(metrics)s) AND hour >= %(since)s AND hour < %(counted_to)s AND {where}
{beside}
),
keyed AS (SELECT cell.*, {key} AS key FROM cell)
SELECT metric, key, part, {sums} FROM keyed GROUP BY metric, key, part{also}
"""
_BESIDE = """    UNION ALL
    SELECT metric, at, version_id, queue_id, part, label, {measure} FROM (
{facts}
    ) fact"""
# A page that asks until now does so a moment later.
_LATELY = timedelta(seconds=10)


@dataclass(frozen=True)
class _Table:
    """One of the tables of cells: what it holds of each, the same of a fact, and how that is added up."""

    name: str
    measure: str
    of_fact: str
    sums: str
    also: str = ""


_COUNTS = _Table(
    "escalations_rollup",
    "n, total",
    f"1, coalesce({rolling.MICRO}, 0)",
    "sum(n) AS n, sum(total) AS total",
)
_BINS = _Table("escalations_rollupbin", "n, bin", f"1, {rolling.BIN}", "bin, sum(n) AS n", also=", bin")


def applies(scope: Scope) -> bool:
    """Whether figures of this scope come from here: where cases are many, and hours are not cut apart."""
    return not _are_few(scope) and _are_whole(scope) and rolling.is_ready()


def count(metrics: Iterable[Metric], scope: Scope, by: str) -> Found:
    """The figures of each metric by a key; empty where there are no facts."""
    wanted = {metric.name: metric for metric in metrics}
    found: Found = {name: {} for name in wanted}
    counted_to = _counted_to(scope)
    for row in _ask(_COUNTS, wanted.values(), scope, by, counted_to):
        figure = found[row["metric"]].setdefault(row["key"], Figure.empty(wanted[row["metric"]]))
        found[row["metric"]][row["key"]] = _with(figure, row)
    measured = [metric for metric in wanted.values() if metric.has_percentiles]
    if measured:
        _set_percentiles(found, _ask(_BINS, measured, scope, by, counted_to))
    return found


def binned(metric: Metric, scope: Scope, by: str) -> list[dict[str, Any]]:
    """How many facts of each part are in each bin, by a key."""
    rows = _ask(_BINS, [metric], scope, by, _counted_to(scope))
    return [row for row in rows if row["bin"] is not None]


def _are_few(scope: Scope) -> bool:
    received = Escalation.objects.filter(received_at__gte=scope.since, received_at__lt=scope.until)
    return received.values("pk")[: FEW + 1].count() <= FEW


def _are_whole(scope: Scope) -> bool:
    """Whether no bucket starts within an hour, as days do in some zones. The end may lie in one."""
    starts: list[datetime] = [scope.since, *([] if scope.is_hourly else scope.buckets())]
    return all(moment.minute == moment.second == moment.microsecond == 0 for moment in _in_utc(starts))


def _in_utc(moments: Iterable[datetime]) -> list[datetime]:
    return [moment - (moment.utcoffset() or timedelta()) for moment in moments]


def _counted_to(scope: Scope) -> datetime:
    """Up to when whole hours are read; the rest of a period that ended within one is counted from the facts.

    Of the hour of this moment nothing is to come yet, so it is whole.
    """
    hour = scope.until.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    if hour == scope.until:
        return hour
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s < statement_timestamp()", [scope.until + _LATELY])
        [is_over] = cursor.fetchone()
    return hour if is_over else scope.until


def _statement(table: _Table, metrics: Iterable[Metric], scope: Scope, by: str, counted_to: datetime) -> str:
    told_apart = by in ("version", "agent", "queue") or scope.agent or scope.version or scope.queue
    one_by_one = ["cell.version_id <> 0", *narrowed.dimensions(scope, "cell")]
    whole = ["cell.version_id = 0", "cell.queue_id = 0"]
    facts = _beside(metrics, scope, counted_to)
    return _CELLS.format(
        table=table.name,
        measure=table.measure,
        where=" AND ".join(one_by_one if told_apart else whole),
        beside=_BESIDE.format(measure=table.of_fact, facts=facts) if facts else "",
        key=_KEYS[by],
        sums=table.sums,
        also=table.also,
    )


def _beside(metrics: Iterable[Metric], scope: Scope, counted_to: datetime) -> str:
    """The facts that are in no cell: of open cases, and of an hour that is cut apart."""
    unsettled = [metric for metric in metrics if metric.counts_open]
    kinds = [narrowed.facts(unsettled, scope, extra="NOT fact.settled")]
    if counted_to < scope.until:
        kinds.append(narrowed.facts(metrics, scope, extra="fact.settled AND fact.at >= %(counted_to)s"))
    return "\nUNION ALL\n".join(filter(None, kinds))


def _ask(
    table: _Table, metrics: Iterable[Metric], scope: Scope, by: str, counted_to: datetime
) -> list[dict[str, Any]]:
    wanted = list(metrics)
    chosen = narrowed.values(
        scope,
        metrics=[metric.name for metric in wanted],
        step=scope.step,
        zone="UTC" if scope.is_hourly else scope.zone.key,
        counted_to=counted_to,
    )
    with connection.cursor() as cursor:
        cursor.execute(_statement(table, wanted, scope, by, counted_to), chosen)
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
