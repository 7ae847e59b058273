"""Many cases at once, by SQL, in the shape that the product leaves behind."""

from importlib.resources import files
from typing import Any, LiteralString, cast

import psycopg

from tests.bench.desk import Desk

_FILLED = [f"escalations_{name}" for name in ("escalation", "handoff", "claim", "resolution")]
# Indexes without a constraint: built at once they cost a third of what they do row by row.
_EVENTS = """
    INSERT INTO escalations_event (case_id, kind, version, actor, data, created_at)
    SELECT escalation.id, 'claimed', number, 'system', '{}', escalation.received_at + number * interval '30 s'
    FROM escalations_escalation escalation, generate_series(1, %s) number
"""
_TOUCHED = """
    WITH chosen AS (
        SELECT id FROM escalations_escalation
        WHERE id >= (SELECT uuidv7(-random() * interval '29 days')) ORDER BY id LIMIT %s
    ),
    moved AS (
        UPDATE escalations_escalation SET version = version + 1, cost_usd = random() * 3
        FROM chosen WHERE escalations_escalation.id = chosen.id RETURNING escalations_escalation.id
    )
    INSERT INTO escalations_event (case_id, kind, version, actor, data)
    SELECT id, 'claimed', 2, 'system', '{}' FROM moved
"""
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = ANY (%s::regclass[]) AND NOT indisunique
"""


def add_queued(url: str, desk: Desk, count: int) -> None:
    """Add so many waiting cases, and refresh the planner's statistics."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_statement("queued"), _parameters(desk, count=count))
        connection.execute("VACUUM ANALYZE")


def add_closed(url: str, desk: Desk, count: int, *, per_day: float) -> None:
    """Add so many resolved cases, at so many a day up to now, with their claims and resolutions."""
    with psycopg.connect(url) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")  # checking what fits costs time
        connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
        indexes = connection.execute(_INDEXES, [_FILLED]).fetchall()
        for name, _ in indexes:
            connection.execute(cast(LiteralString, f"DROP INDEX {name}"))
        connection.execute(_statement("closed"), _parameters(desk, count=count, per_day=per_day))
        for _, definition in indexes:
            connection.execute(definition)


def add_words(url: str, count: int) -> None:
    """Add the words of all `count` cases for the search. The index is built at once."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '256MB'")
        [(definition,)] = connection.execute(
            "SELECT pg_get_indexdef('case_words_by_time'::regclass)"
        ).fetchall()
        connection.execute("DROP INDEX case_words_by_time")
        connection.execute(_statement("words"), {"count": count})
        connection.execute(definition)
        connection.execute("VACUUM ANALYZE")


def add_events(url: str, each: int) -> None:
    """Add so many events to each case, in the order in which they would have come; indexes at once."""
    with psycopg.connect(url) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("SET LOCAL maintenance_work_mem = '256MB'")
        indexes = connection.execute(_INDEXES, [["escalations_event"]]).fetchall()
        for name, _ in indexes:
            connection.execute(cast(LiteralString, f"DROP INDEX {name}"))
        connection.execute(_EVENTS, [each])
        for _, definition in indexes:
            connection.execute(definition)


def touch(connection: psycopg.Connection, count: int) -> None:
    """Change so many cases as a transition does: their rows, and an event each."""
    connection.execute(_TOUCHED, [count])


def _statement(name: str) -> LiteralString:
    return cast(LiteralString, files(__package__).joinpath(f"{name}.sql").read_text())


def _parameters(desk: Desk, **more: object) -> dict[str, Any]:
    return desk.__dict__ | {"operator_id": desk.operator_ids[0]} | more
