import json
import time
import urllib.error
import urllib.request
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from config import health
from config.supervisor import services
from config.supervisor.checks import free_port
from config.supervisor.process import Process
from escalations.models import SweepRun
from tests.environment import SERVERS
from tests.servers import Server


@pytest.fixture
def sweeps(db):
    """Every sweep ended a moment ago."""
    for name in health.FREQUENT_SWEEPS:
        SweepRun.objects.create(name=name, finished_at=Now(), took_seconds=0.1, handled=0)
    return SweepRun.objects


def test_a_process_that_answers_is_alive_whatever_else_is_not(client):
    assert client.get("/healthz").json() == {"status": "ok"}


def test_all_is_well(client, sweeps):
    response = client.get("/readyz")
    assert response.status_code == 200
    answer = response.json()
    assert answer["status"] == "ok"
    assert set(answer["checks"]) == {"database", "migrations", "broker", "sweeper"}
    assert all(check["ms"] >= 0 for check in answer["checks"].values())


def test_a_late_sweep_degrades_and_does_not_turn_traffic_away(client, sweeps):
    sweeps.filter(name="timers").update(finished_at=Now() - timedelta(seconds=61))
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["checks"]["sweeper"]["reason"] == "no recent sweep of: timers"


def test_a_sweep_that_never_ran_is_late(client, db):
    assert client.get("/readyz").json()["checks"]["sweeper"]["status"] == "failed"


def test_a_dead_broker_degrades_and_does_not_turn_traffic_away(client, sweeps, valkey):
    valkey.stop()
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "degraded"
    assert response.json()["checks"]["broker"] == {"status": "failed", "reason": "unreachable"} | {
        "ms": response.json()["checks"]["broker"]["ms"]
    }


def test_a_dead_database_turns_traffic_away_quickly(program_environment):
    port = free_port()
    nowhere = f"postgresql://nobody:hidden@127.0.0.1:{free_port()}/none"
    process = Process(
        "unready",
        services.web(port),
        run_dir=SERVERS.folder / "run",
        environment=program_environment | {"DATABASE_URL": nowhere},
        log=SERVERS.folder / "unready.log",
    )
    server = Server(f"http://127.0.0.1:{port}", process, SERVERS.folder / "unready.log")
    try:
        server.start()
        started = time.monotonic()
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{server.url}/readyz", timeout=30)
        with refused.value as answer:
            assert answer.status == 503
            body = answer.read()
        assert time.monotonic() - started < 10
    finally:
        server.stop()
    assert json.loads(body)["checks"]["database"]["reason"] == "unreachable"
    assert b"hidden" not in body
