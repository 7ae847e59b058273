"""A connection of its own that holds a transaction open for as long as a test wants."""

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from django.db import connection


@pytest.fixture
def slow_writer(transactional_db: None) -> Iterator[psycopg.Connection]:
    """What it wrote is rolled back unless the test commits."""
    parameters = connection.get_connection_params()
    names = {"dbname", "user", "password", "host", "port"} & set(parameters)
    with psycopg.connect(**{name: parameters[name] for name in names}) as writer:
        yield writer
        writer.rollback()


def write_event(writer: psycopg.Connection, case_id: UUID, kind: str) -> None:
    writer.execute(
        "INSERT INTO escalations_event (case_id, kind, version, actor, data)"
        " VALUES (%s, %s, 2, 'test', '{}')",
        [case_id, kind],
    )
