"""How many rows a statement reads of each table, as PostgreSQL tells, and long tables to ask it on."""

import itertools
import json
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from psycopg.sql import SQL, Literal

from escalations import sql

# The tables that were long since dead rows were cleared: those of a rolled back test are read until then.
_were_long: set[str] = set()
# So many modules of tests leave so few that clearing them costs more. PostgreSQL does not by itself here.
_MODULES = 20
_modules = itertools.count(1)


def copy_case(case_id: UUID, number: int, **changed: str) -> None:
    """Add copies of a case to the table of cases, `changed` by SQL over `number`, and analyse all."""
    _copy("escalations_escalation", f"id = '{case_id}'", number, {"id": "gen_random_uuid()"} | changed)


def copy_rows(model: type[Model], size: int, **changed: str) -> None:
    """Add `size` copies of the first row of a table, likewise; `{size}` in the SQL is their number."""
    first = f"id = (SELECT id FROM {model._meta.db_table} LIMIT 1)"
    _copy(model._meta.db_table, first, size, {name: text.format(size=size) for name, text in changed.items()})


def _copy(table: str, which: str, number: int, changed: dict[str, str]) -> None:
    _were_long.add(table)
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
        columns = {name: changed.get(name, name) for (name,) in cursor.fetchall()}
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} "
            f"FROM {table}, generate_series(1, %s) AS number WHERE {which}",
            [number],
        )
        # All of them: what other tests left in the statistics of a table that is joined changes plans, too.
        cursor.execute(f"ANALYZE {', '.join(connection.introspection.table_names(cursor))}")


def clear_dead_rows() -> None:
    """Make all tables as quick as they were, if some were long or it is time. Not within a transaction."""
    if _were_long or next(_modules) % _MODULES == 0:
        with connection.cursor() as cursor:
            # Their indexes, too: a large one with few rows seems not worth the while.
            for table in sorted(_were_long):
                cursor.execute(f"VACUUM (FULL) {table}")
            cursor.execute("VACUUM (ANALYZE)")
        connection.close()  # tests that need no database have none that is open
        _were_long.clear()


def read_by_named(*names: str, **parameters: Any) -> Counter[str]:
    """The rows that a named statement reads, planned as the programs have it planned. It is carried out."""
    text, order = sql.compiled(*names)
    values = SQL(", ").join(Literal(parameters[name]) for name in order)
    given = SQL("({})").format(values) if order else SQL("")
    with connection.cursor() as cursor:
        cursor.execute(b"PREPARE asked AS " + text)
        try:
            cursor.execute(SQL("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE asked {}").format(given))
            return _rows(cursor.fetchone()[0])
        finally:
            cursor.execute("DEALLOCATE asked")


def read_by(statement: str) -> Counter[str]:
    """The rows that a statement with its parameters in it reads. It is carried out."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + statement)
        return _rows(cursor.fetchone()[0])


def read_while(act: Callable[[], object]) -> Counter[str]:
    """The rows that all statements of `act` read, Django's and the named ones; each is carried out twice."""
    named: list[tuple[tuple[str, ...], dict[str, Any]]] = []
    run = sql.run

    def noted(*names: str, **parameters: Any) -> list[dict[str, Any]]:
        named.append((names, parameters))
        return run(*names, **parameters)

    with pytest.MonkeyPatch.context() as patch, CaptureQueriesContext(connection) as asked:
        patch.setattr(sql, "run", noted)
        act()
    selects = [query["sql"] for query in asked if query["sql"].lstrip().startswith(("SELECT", "WITH"))]
    counts = [read_by(one) for one in selects] + [read_by_named(*names, **values) for names, values in named]
    return sum(counts, Counter())


def _rows(answer: Any) -> Counter[str]:
    [explained] = json.loads(answer) if isinstance(answer, str) else answer
    counted: Counter[str] = Counter()
    _count(explained["Plan"], counted)
    return counted


def _count(node: dict[str, Any], counted: Counter[str]) -> None:
    if table := node.get("Relation Name"):
        thrown_away = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        counted[table] += round((node["Actual Rows"] + thrown_away) * node["Actual Loops"])
    for part in node.get("Plans", []):
        _count(part, counted)
