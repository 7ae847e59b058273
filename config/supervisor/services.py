"""The programs of Handrail itself on one machine, as command lines."""

import sys

PYTHON = sys.executable

# A deliverer waits at most 15 s and everything else is quick, so threads of one process do: a
# third of the memory of forked workers. Deployments fork, for the hard time limit (compose.yaml).
_WORKER_THREADS = "2"
_NO_CHATTER = ["--without-gossip", "--without-mingle", "--without-heartbeat"]


def web(port: int) -> list[str]:
    """One process that serves pages, REST calls, WebSockets and static files on 127.0.0.1."""
    return [
        *(PYTHON, "-m", "uvicorn", "config.asgi:application"),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--loop", "uvloop", "--http", "httptools", "--ws", "websockets-sansio"),
        *("--ws-ping-interval", "25", "--lifespan", "off", "--timeout-graceful-shutdown", "3"),
        *("--no-access-log", "--no-proxy-headers", "--no-server-header"),
    ]


def worker() -> list[str]:
    """The Celery worker."""
    celery = [PYTHON, "-m", "celery", "-A", "config.celery:app", "-q", "worker"]
    return [*celery, "--pool", "threads", "--concurrency", _WORKER_THREADS, *_NO_CHATTER]


def beat() -> list[str]:
    """What starts the sweeps. It keeps no schedule on disk: after a restart each sweep just runs again."""
    return [PYTHON, "-m", "celery", "-A", "config.celery:app", "-q", "beat", "-S", "celery.beat:Scheduler"]


def simulator() -> list[str]:
    """Agents that hand off a case now and then, so that the desk is alive."""
    return [PYTHON, "manage.py", "simulate_agents"]
