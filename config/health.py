"""Whether this process lives, and whether it can do its work. Open to all, so silent on details."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import redis
import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import F
from django.db.models.functions import Extract, Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

from escalations.models import SweepRun

# Sweeps that run every few seconds; longer silence means that the worker or beat is gone.
FREQUENT_SWEEPS = ("leases", "expired", "timers", "ages", "aside", "words")
SWEEP_LAG_LIMIT_SECONDS = 60.0
_BROKER_TIMEOUT_SECONDS = 1.0
_log = structlog.get_logger(__name__)


class NotWell(Exception):
    """A check failed; the message says how, without addresses or secrets."""


@dataclass(frozen=True)
class Check:
    """Something that must work. Without a `needed` one no request can be served."""

    name: str
    run: Callable[[], None]
    needed: bool


@login_not_required
@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers at all."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when requests can be served, 503 when not; "degraded" when work in the background is late."""
    results = {check.name: _result(check) for check in CHECKS}
    failed = [check for check in CHECKS if results[check.name]["status"] != "ok"]
    down = any(check.needed for check in failed)
    status = "down" if down else "degraded" if failed else "ok"
    return JsonResponse({"status": status, "checks": results}, status=503 if down else 200)


def _result(check: Check) -> dict[str, str | float]:
    started = time.perf_counter()
    result: dict[str, str | float] = {"status": "ok"}
    try:
        check.run()
    except NotWell as error:
        result = {"status": "failed", "reason": str(error)}
    except (DatabaseError, redis.RedisError) as error:
        _log.warning("health check failed", check=check.name, error=str(error))
        result = {"status": "failed", "reason": "unreachable"}
    return result | {"ms": round((time.perf_counter() - started) * 1000, 1)}


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotWell("migrations wait to be applied")


def _broker() -> None:
    with redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=_BROKER_TIMEOUT_SECONDS,
        socket_connect_timeout=_BROKER_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    ) as client:
        client.ping()


def _sweeper() -> None:
    lags = sweep_lags()
    missing = [name for name in FREQUENT_SWEEPS if name not in lags]
    late = [
        name
        for name, seconds in lags.items()
        if name in FREQUENT_SWEEPS and seconds > SWEEP_LAG_LIMIT_SECONDS
    ]
    if missing or late:
        raise NotWell(f"no recent sweep of: {', '.join(missing + late)}")


def sweep_lags() -> dict[str, float]:
    """Seconds since each sweep last finished, by the database's clock."""
    lag = Extract(Now() - F("finished_at"), "epoch")
    finished = SweepRun.objects.exclude(finished_at=None)
    return {name: float(seconds) for name, seconds in finished.values_list("name", lag)}


# The desk works without its broker and sweeps: everything they do is only later.
CHECKS = (
    Check("database", _database, needed=True),
    Check("migrations", _migrations, needed=True),
    Check("broker", _broker, needed=False),
    Check("sweeper", _sweeper, needed=False),
)
