"""Moves rows into the past: the one place that writes times by itself.

The transitions stamp what they write with the database's clock, as they must. Afterwards the events of a case
are put where they belong, and everything else that has a time is worked out from the events. Audit entries
stay: the log cannot be changed, and they were truly written now.
"""

from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from uuid import UUID

from django.db import connection

_TABLE = """
    CREATE TEMPORARY TABLE demo_moment (case_id uuid, place int, happened_at timestamptz) ON COMMIT DROP
"""


def move(moments: Sequence[tuple[UUID, int, datetime]]) -> None:
    """Set all times of these cases. A moment is the case, the place of the event in it from 1, and the time.

    Must run in a transaction. Queues need an SLA target for each priority.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        with cursor.copy("COPY demo_moment FROM STDIN") as copy:
            for moment in moments:
                copy.write_row(moment)
        cursor.execute("ANALYZE demo_moment")
        cursor.execute(files(__package__).joinpath("retiming.sql").read_text())
