"""The facts of metrics within a scope, as SQL to be asked from."""

from collections.abc import Iterable, Sequence
from typing import Any

from escalations.metrics.registry import Metric, parameters
from escalations.metrics.scope import Scope
from escalations.models.people import CONNECTED, SILENT

COLUMNS = "case_id, at, version_id, queue_id, part, label, value"


def facts(metrics: Iterable[Metric], scope: Scope, *, extra: str = "") -> str:
    """`SELECT metric, …` over the facts of several metrics. `extra` is a condition more, on `fact`.

    Named parameters: those of `values(scope)`, and what `extra` names.
    """
    return "\nUNION ALL\n".join(_of_one(metric, scope, extra) for metric in metrics)


def values(scope: Scope, **more: Any) -> dict[str, Any]:
    """What the statements of `facts` name."""
    names = {"agent": scope.agent, "version": scope.version, "queue": scope.queue}
    period = {"since": scope.since, "until": scope.until}
    return {**period, **names, "silent": SILENT, "connected": CONNECTED, **parameters(), **more}


def _of_one(metric: Metric, scope: Scope, extra: str) -> str:
    conditions = [*_period(metric), *dimensions(scope), *([extra] if extra else [])]
    where = f"\nWHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT '{metric.name}' AS metric, {COLUMNS} FROM (\n{metric.sql}\n) fact{where}"  # noqa: S608 - ours


def _period(metric: Metric) -> Sequence[str]:
    return () if metric.is_now else ("fact.at >= %(since)s", "fact.at < %(until)s")


def dimensions(scope: Scope, table: str = "fact") -> list[str]:
    """The conditions that narrow rows with `version_id` and `queue_id` to the names of a scope."""
    found = []
    if scope.agent or scope.version:
        found.append(f"{table}.version_id = ANY (ARRAY(SELECT version.id {_VERSIONS}))")
    if scope.queue:
        found.append(f"{table}.queue_id = (SELECT id FROM escalations_queue WHERE name = %(queue)s)")  # noqa: S608 - with parameters
    return found


_VERSIONS = (
    "FROM escalations_agentversion version JOIN escalations_agent agent ON agent.id = version.agent_id "
    "WHERE (%(agent)s = '' OR agent.name = %(agent)s) AND (%(version)s = '' OR version.name = %(version)s)"
)
