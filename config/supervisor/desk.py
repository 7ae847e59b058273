"""Everything of one machine, started in order and stopped in the reverse order."""

import fcntl
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from . import checks, services
from .keeper import Keeper, keep_running, stop_together
from .keys import kept_secrets, write_private
from .postgres import Postgres
from .process import Process, end_leftovers
from .valkey import Valkey
from .welcome import welcome

_ROOT = Path(__file__).resolve().parents[2]
_VAR = _ROOT / "var"
_RUN = _VAR / "run"
_WEB_SECONDS = 60.0
# What `manage.py` in another terminal needs to work on the same data.
_SHARED = ("SECRET_KEY", "API_KEY_PEPPER", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL")


def run() -> None:
    """Start everything and keep it running until KeyboardInterrupt.

    Raises:
        Refused: something is in the way, or does not start.
    """
    _VAR.mkdir(exist_ok=True)
    with _only_one(), ExitStack() as stack:
        end_leftovers(_RUN)
        port = checks.port_number(os.environ)
        checks.check_port_is_free(port)
        address = f"http://127.0.0.1:{port}"
        environment = _environment(address)
        data_servers = _start_data_servers(stack, environment)
        write_private(_VAR / "env", "".join(f"{name}='{environment[name]}'\n" for name in _SHARED))
        _prepare(environment)
        programs = _start_programs(stack, address, port, environment)
        welcome(address, _VAR / "demo.json")
        keep_running(data_servers + programs)


def _environment(address: str) -> dict[str, str]:
    """This process's environment, completed with what suits one machine."""
    defaults = {
        "PUBLIC_URL": address,
        "LOG_FORMAT": "console",
        "LOG_LEVEL": "WARNING",
        "WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES": "true",  # agents under development run on this machine
        "PYTHONUNBUFFERED": "1",
    }
    given = {name: value for name, value in os.environ.items() if value}
    return defaults | kept_secrets(_VAR / "secrets.json") | given


def _start_data_servers(stack: ExitStack, environment: dict[str, str]) -> list[Keeper]:
    """Start what no address was given for, and add its address to `environment`."""
    keepers = []
    if "DATABASE_URL" in environment:
        checks.check_database(environment["DATABASE_URL"])
    else:
        postgres = Postgres(_VAR / "postgres", run_dir=_RUN)
        stack.callback(postgres.stop)
        postgres.start()
        postgres.create_database("handrail")
        environment["DATABASE_URL"] = postgres.url("handrail")
        keepers.append(Keeper(postgres.process, postgres.start))
    if "REDIS_URL" in environment:
        checks.check_broker(environment["REDIS_URL"])
    else:
        valkey = Valkey(_VAR / "valkey", run_dir=_RUN)
        stack.callback(valkey.stop)
        valkey.start()
        environment["REDIS_URL"] = valkey.url
        keepers.append(Keeper(valkey.process, valkey.start))
    return keepers


def _prepare(environment: dict[str, str]) -> None:
    """Bring tables, static files and demo data up to date; it says itself what went wrong."""
    done = subprocess.run([services.PYTHON, "-m", "config.supervisor.prepare"], env=environment, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


def _start_programs(stack: ExitStack, address: str, port: int, environment: dict[str, str]) -> list[Keeper]:
    """Start the web server, and the rest when it answers, so that they do not slow each other down."""
    commands = {"web": services.web(port), "worker": services.worker(), "beat": services.beat()}
    if environment.get("DEMO_TRAFFIC") != "0":
        commands["agents"] = services.simulator()
    processes = [
        Process(name, argv, run_dir=_RUN, environment=environment, on_line=_say)
        for name, argv in commands.items()
    ]
    stack.callback(stop_together, processes)
    for process in processes:
        process.start()
        if process.name == "web":
            _wait_for_web(address, process)
    return [Keeper(process, process.start) for process in processes]


def _wait_for_web(address: str, web: Process) -> None:
    deadline = time.monotonic() + _WEB_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()  # noqa: S310  our own http address
            return
        except OSError:  # refused, reset, or no answer in time: not up yet
            if not web.running() or time.monotonic() > deadline:
                raise checks.Refused("the web server did not start; its output stands above.") from None
        time.sleep(0.1)


@contextmanager
def _only_one() -> Iterator[None]:
    """Hold a lock that ends with this process, however it ends."""
    with (_VAR / "supervisor.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise checks.Refused(f"it already runs from {_ROOT}; stop that one first.") from None
        yield


def _say(name: str, line: str) -> None:
    sys.stdout.write(f"{name:<8} | {line}\n")
    sys.stdout.flush()
