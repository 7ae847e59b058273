"""Named statements for the paths that must cost one round trip; Django's ORM writes the others.

They run prepared. Settings force generic plans for prepared statements: planning one of these anew
costs more than running it.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from django.db import connection
from django.db.models.expressions import RawSQL
from psycopg.rows import dict_row

_COMMENT = re.compile(r"--[^\n]*")
_LOCK = re.compile(rb" FOR NO KEY UPDATE OF \w+ SKIP LOCKED")
_PARAMETER = re.compile(r"%\((\w+)\)s")


@cache
def _text(*names: str) -> str:
    return "".join(files(__package__).joinpath(f"{name}.sql").read_text() for name in names)


@cache
def compiled(*names: str) -> tuple[bytes, tuple[str, ...]]:
    """The text of `escalations/sql/<name>.sql`, joined, with `$1`-style parameters, and their names in order.

    Done once: psycopg would parse statements of this length anew each time.
    """
    text = _COMMENT.sub("", _text(*names))
    order = tuple(dict.fromkeys(_PARAMETER.findall(text)))
    numbered = _PARAMETER.sub(lambda match: f"${order.index(match[1]) + 1}", text)
    return " ".join(numbered.split()).encode(), order


def embedded(*names: str, **parameters: Any) -> RawSQL:
    """A named statement as an expression, for a question of the ORM to be asked together with it.

    It is planned with the question, so it suits one that would cost a round trip of its own.
    """
    text = _COMMENT.sub("", _text(*names)).strip().removesuffix(";")
    values = [parameters[name] for name in _PARAMETER.findall(text)]
    return RawSQL(_PARAMETER.sub("%s", text), values)  # noqa: S611 - a file of ours, with parameters


def run(*names: str, **parameters: Any) -> list[dict[str, Any]]:
    """Run a named statement, or one made of several parts, in the current transaction (or its own).

    Raises:
        django.db.Error: as the ORM would, wrapped the same way.
    """
    return _execute(*compiled(*names), parameters)


def look(*names: str, **parameters: Any) -> list[dict[str, Any]]:
    """Run it only to know what it would choose: it locks no row that somebody else would then pass over."""
    text, order = compiled(*names)
    return _execute(_LOCK.sub(b"", text), order, parameters)


def _execute(text: bytes, order: Sequence[str], parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    connection.ensure_connection()
    with connection.wrap_database_errors:
        cursor: psycopg.RawCursor[dict[str, Any]] = psycopg.RawCursor(
            connection.connection, row_factory=dict_row
        )
        with cursor:
            cursor.execute(text, [parameters[name] for name in order], prepare=True)
            return cursor.fetchall()
