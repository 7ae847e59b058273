"""From the address of a PostgreSQL database to Django's settings for it."""

import sys
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

# Nobody may wait for a lock without end, a migration under load least of all.
_LOCKS = "-c lock_timeout=3s"
# No request may wait without end either: a slow database must become a clear 503.
_REQUESTS = "-c statement_timeout=10s -c idle_in_transaction_session_timeout=15s"
# Only `escalations.sql` prepares statements, and planning those anew costs more than running them.
_PLANS = "-c plan_cache_mode=force_generic_plan"
# Prepares what asks for it, and nothing because it came often. Django's own default prepares nothing at all.
_PREPARE_ON_REQUEST = sys.maxsize
_CONNECT_SECONDS = 3
_DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def postgresql(url: str, *, pool_size: int, timeouts: bool) -> dict[str, Any]:
    """Django's settings for the database that `url` names in any form that libpq reads.

    Everything else that the address says, such as `sslmode`, is passed on as it is.
    `pool_size` connections at most are kept open; 0 keeps none. `timeouts` ends statements and
    transactions that take longer than a request may.

    Raises:
        ImproperlyConfigured: libpq cannot read the address.
    """
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL is not an address of PostgreSQL: {error}".strip()) from None
    named = {django: str(parts.pop(libpq, None) or "") for libpq, django in _DJANGO_NAMES.items()}
    session = " ".join([_LOCKS, _PLANS, *([_REQUESTS] if timeouts else [])])
    options: dict[str, Any] = {
        "options": session,
        "connect_timeout": _CONNECT_SECONDS,
        "prepare_threshold": _PREPARE_ON_REQUEST,
    } | parts
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": _CONNECT_SECONDS}
    return {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": 0, "OPTIONS": options} | named
