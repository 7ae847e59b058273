"""What a hundred times more cases and events in the same weeks cost the metrics page, counted ahead."""

import http.client
import subprocess
import sys
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import psycopg

from tests.bench.desk import Desk
from tests.bench.machine import ROOT, Machine
from tests.bench.report import Figure, percentile
from tests.bench.rows import add_closed, add_events

# Cases; each has ten events. Both desks are as old, the large one is as much busier.
SMALL, LARGE = 10_000, 1_000_000
EVENTS, DAYS = 10, 30
WARM_UPS, REQUESTS = 5, 60
MOST_RATIO, MOST_MS = 1.5, 300.0
PAGE = "/figures/"


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """95th percentile of the page on the large desk; the floor is that on the small one, in turns."""
    with ExitStack() as stack:
        urls = []
        for name, cases in (("few_figures", SMALL), ("many_figures", LARGE)):
            machine.copy(name, of=desk.database)
            add_closed(machine.url(name), desk, cases, per_day=cases / DAYS)
            add_events(machine.url(name), EVENTS)
            count_ahead(machine, name)
            urls.append(stack.enter_context(machine.web(name, processes=1))[0])
        machine.checkpoint()
        small, large = (percentile(times, 0.95) for times in _times(urls, desk.admin_session))
    how = (
        f"p95 of {REQUESTS}; last 7 days of {LARGE:,} cases with {LARGE * EVENTS:,} events in {DAYS} days; "
        f"floor: {SMALL:,} and {SMALL * EVENTS:,}"
    )
    goal = f"<= {MOST_RATIO} x floor and {MOST_MS:.0f} ms"
    met = large <= MOST_RATIO * small and large <= MOST_MS
    return [Figure("figures p95", "ms", large, small, goal, met, how)]


def count_ahead(machine: Machine, database: str) -> None:
    """Work off the backlog, and refresh the planner's statistics."""
    with psycopg.connect(machine.url(database), autocommit=True) as connection:
        connection.execute("ANALYZE")
    command = [sys.executable, "-m", "tests.bench.roller"]
    environment = machine.program_environment(database) | {"DATABASE_TIMEOUTS": "false"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    with psycopg.connect(machine.url(database), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _times(urls: list[str], session: str) -> list[list[float]]:
    """Milliseconds of each answer at each address, in turns."""
    connections = [http.client.HTTPConnection(urlsplit(url).netloc, timeout=60) for url in urls]
    taken: list[list[float]] = [[] for _ in urls]
    for turn in range(WARM_UPS + REQUESTS):
        for connection, times in zip(connections, taken, strict=True):
            started = time.perf_counter()
            connection.request("GET", PAGE, headers={"Cookie": f"sessionid={session}"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.client.OK:
                raise RuntimeError(f"{PAGE} answered {answer.status} {answer.getheader('Location', '')}")
            if turn >= WARM_UPS:
                times.append(1_000 * (time.perf_counter() - started))
    return taken
