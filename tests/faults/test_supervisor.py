"""One life of an installation: first start, Ctrl-C, restart from kept data, kill -9, a child that dies."""

import json
import signal
import stat
import time
import urllib.request

import psutil
import pytest

from config.supervisor.checks import free_port
from tests.config.installation import Installation
from tests.servers import wait_until

PROGRAMS = ("postgres", "valkey", "web", "worker", "beat")


@pytest.fixture
def installation(tmp_path):
    made = Installation(tmp_path)
    yield made
    made.end()


def ready(address: str) -> str:
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=10) as answer:
            return json.load(answer)["status"]
    except OSError as error:
        return str(error)


def start(installation: Installation) -> str:
    address = installation.start(PORT=str(free_port()), DEMO_TRAFFIC="0")
    wait_until(lambda: ready(address) == "ok", seconds=60, what="all checks pass, so worker and beat work")
    return address


def test_it_starts_stops_and_survives(installation):
    start(installation)
    demo = installation.folder / "var" / "demo.json"
    assert stat.S_IMODE(demo.stat().st_mode) == 0o600
    user = json.loads(demo.read_text())["users"][0]
    assert f"{user['username']}  " in installation.output
    assert user["password"] in installation.output

    everything = installation.children()
    began = time.monotonic()
    assert installation.signal(signal.SIGINT) == 0
    assert time.monotonic() - began < 10
    assert not any(process.is_running() for process in everything)

    kept = demo.read_bytes()
    address = installation.start(PORT=str(free_port()), DEMO_TRAFFIC="0")
    assert installation.cpu_seconds() < 15  # not by the clock, since other tests share the machine
    assert json.loads(demo.read_bytes())["users"] == json.loads(kept)["users"]
    assert json.loads(demo.read_bytes())["url"] == address

    everything = installation.children()
    assert installation.signal(signal.SIGKILL) == -signal.SIGKILL
    start(installation)
    assert not any(process.is_running() for process in everything)

    web = psutil.Process(json.loads((installation.folder / "var" / "run" / "web.pid").read_text())["pid"])
    web.kill()
    wait_until(lambda: "web ended; starting it again" in installation.output)
    wait_until(lambda: json.loads((installation.folder / "var/run/web.pid").read_text())["pid"] != web.pid)
    assert installation.signal(signal.SIGTERM) == 0
    assert not list((installation.folder / "var" / "run").iterdir())
