"""Named statements for the paths that must cost one round trip; Django's ORM writes the others."""

from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from django.db import connection
from psycopg.rows import dict_row


@cache
def statement(name: str) -> str:
    """The text of `escalations/sql/<name>.sql`."""
    return files(__package__).joinpath(f"{name}.sql").read_text()


def run(*names: str, **parameters: Any) -> list[dict[str, Any]]:
    """Run a named statement, or one made of several parts, in the current transaction (or its own).

    It is prepared once per connection.

    Raises:
        django.db.Error: as the ORM would, wrapped the same way.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor: psycopg.Cursor[dict[str, Any]] = psycopg.Cursor(connection.connection, row_factory=dict_row)
        with cursor:
            cursor.execute("".join(map(statement, names)), parameters, prepare=True)
            return cursor.fetchall()
