"""Empty the database after a test that committed: only what it filled.

Django truncates all tables and makes content types and permissions anew, which takes most of the time of a
short test. Here the few tables that hold rows are found in one question and their rows deleted.
"""

from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

# Made with the tables, and equal for all tests.
_KEPT = {"django_content_type", "auth_permission", "django_migrations"}
_TRIES = 5
# So many dead rows would slow down the tests that follow.
_MANY = 500


def empty_tables(*__: Any, **___: Any) -> None:
    """Delete all rows. In place of the command `flush`, whose arguments it takes.

    Tried again where PostgreSQL ended it for a request that a closed page left behind.
    """
    for _ in range(_TRIES - 1):
        try:
            return _empty()
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
    return _empty()


def _empty() -> None:
    tables = [f'"{table}"' for table in connection.introspection.table_names() if table not in _KEPT]
    with transaction.atomic(), connection.cursor() as cursor:
        # What is being written now is waited for, so that it is deleted as well.
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(" UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in tables))
        filled = [table for (table,) in cursor.fetchall()]
        # Foreign keys and the triggers that forbid deletion are for others.
        cursor.execute("SET LOCAL session_replication_role = replica")
        many = []
        for table in filled:
            cursor.execute(f"DELETE FROM {table}")
            if cursor.rowcount > _MANY:
                many.append(table)
    with connection.cursor() as cursor:
        for table in many:
            cursor.execute(f"VACUUM {table}")
