"""What Django's connection sends to PostgreSQL, read from the wire, so that no cursor escapes the count."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg.pq import Trace

# Each statement is one of these messages to the server; those of the second kind had a Parse before, once.
_SENT = re.compile(r"^F\t\d+\t(?:Query\t \"(?P<text>[^\n]*)|Execute\t)", re.M)
_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Statements:
    """How many statements were sent, those that only begin or end transactions left out."""

    number = 0


@contextmanager
def statements() -> Iterator[Statements]:
    """Count the statements that Django's connection sends meanwhile."""
    counted = Statements()
    connection.ensure_connection()
    wire = connection.connection.pgconn
    with tempfile.TemporaryFile("w+b") as trace:
        wire.trace(trace.fileno())
        wire.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield counted
        finally:
            wire.untrace()
            trace.seek(0)
            text = trace.read().decode(errors="replace")
            sent = [match["text"] or "" for match in _SENT.finditer(text)]
            counted.number = sum(not one.upper().startswith(_CONTROL) for one in sent)
