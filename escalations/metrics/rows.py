"""The facts behind a figure, one by one, and the cases that they are about."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.expressions import RawSQL

from escalations.metrics import narrowed
from escalations.metrics.registry import Metric
from escalations.metrics.scope import Scope
from escalations.models import Escalation
from escalations.models.case_queries import EscalationQuerySet

_PARAMETER = re.compile(r"%\((\w+)\)s")
_ROWS = """
SELECT fact.*, escalation.headline, version.name AS version, agent.name AS agent, queue.name AS queue
FROM (
    SELECT * FROM (
{facts}
    ) fact
    ORDER BY at DESC, case_id DESC, part, label
    LIMIT %(limit)s OFFSET %(offset)s
) fact
LEFT JOIN escalations_escalation escalation ON escalation.id = fact.case_id
LEFT JOIN escalations_agentversion version ON version.id = fact.version_id
LEFT JOIN escalations_agent agent ON agent.id = version.agent_id
LEFT JOIN escalations_queue queue ON queue.id = fact.queue_id
ORDER BY fact.at DESC, fact.case_id DESC, fact.part, fact.label
"""
_PAGE = 2_000
# In place of a label: the facts that have none.
NO_LABEL = "(none)"


@dataclass(frozen=True)
class Row:
    """One fact. `label` is what `Metric.label` says, `value` is in the metric's unit."""

    at: datetime
    case_id: UUID | None
    headline: str
    agent: str
    version: str
    queue: str
    part: str
    label: str
    value: float | None


def rows(
    metric: Metric,
    scope: Scope,
    *,
    part: str = "",
    label: str = "",
    limit: int,
    offset: int = 0,
) -> list[Row]:
    """The facts that a figure counts, the newest first: all, or of one part, of one label or `NO_LABEL`."""
    statement = _ROWS.format(facts=narrowed.facts([metric], scope, extra=_extra(metric, part, label)))
    chosen = narrowed.values(scope, part=part, label=_stored(label), limit=limit, offset=offset)
    with connection.cursor() as cursor:
        cursor.execute(statement, chosen)
        names = [column.name for column in cursor.description or ()]
        return [_row(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Place:
    """Where a list goes on: before `until`, `passed` facts of the last moment having been shown already."""

    until: datetime
    passed: int = 0

    def __str__(self) -> str:
        return f"{self.until.astimezone(UTC).isoformat()}_{self.passed}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Read the text form back.

        Raises:
            ValueError: it is not one.
        """
        moment, _, passed = text.rpartition("_")
        place = cls(datetime.fromisoformat(moment), int(passed))
        if place.until.tzinfo is None or not 2000 <= place.until.year < 3000 or not 0 <= place.passed < 2**31:
            raise ValueError("out of bounds")
        return place


def page(
    metric: Metric, scope: Scope, *, part: str = "", label: str = "", limit: int, place: Place | None = None
) -> tuple[list[Row], Place | None]:
    """Up to `limit` facts from a place on, and where the next page goes on; whatever comes meanwhile."""
    place = place or Place(scope.until)
    here = scope if metric.is_now else replace(scope, until=min(place.until, scope.until))
    found = rows(metric, here, part=part, label=label, limit=limit + 1, offset=place.passed)
    shown = found[:limit]
    if len(found) <= limit:
        return shown, None
    if metric.is_now:
        return shown, replace(place, passed=place.passed + limit)
    until = shown[-1].at + datetime.resolution
    passed = sum(row.at == shown[-1].at for row in shown)
    return shown, Place(until, passed + (place.passed if until == place.until else 0))


def all_rows(metric: Metric, scope: Scope, *, part: str = "", label: str = "") -> Iterator[Row]:
    """All of them, read a page at a time."""
    place: Place | None = Place(scope.until)
    while place:
        shown, place = page(metric, scope, part=part, label=label, limit=_PAGE, place=place)
        yield from shown


def cases(metric: Metric, scope: Scope, part: str = "", label: str = "") -> EscalationQuerySet:
    """The cases that a figure counts, or those in one of its parts or under one label."""
    facts = narrowed.facts([metric], scope, extra=_extra(metric, part, label))
    statement, ordered = _positional(
        f"SELECT fact.case_id FROM (\n{facts}\n) fact",  # noqa: S608 - of our own definitions
        narrowed.values(scope, part=part, label=_stored(label)),
    )
    return Escalation.objects.filter(id__in=RawSQL(statement, ordered))  # noqa: S611 - with parameters


def _stored(label: str) -> str:
    return "" if label == NO_LABEL else label


def _extra(metric: Metric, part: str, label: str) -> str:
    conditions = (["fact.part = %(part)s"] if metric.part(part) else []) + (
        ["coalesce(fact.label, '') = %(label)s"] if label else []
    )
    return " AND ".join(conditions)


def _positional(statement: str, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
    order = _PARAMETER.findall(statement)
    return _PARAMETER.sub("%s", statement), [values[name] for name in order]


def _row(found: dict[str, Any]) -> Row:
    return Row(
        at=found["at"],
        case_id=found["case_id"],
        headline=found["headline"] or "",
        agent=found["agent"] or "",
        version=found["version"] or "",
        queue=found["queue"] or "",
        part=found["part"],
        label=found["label"],
        value=found["value"],
    )
