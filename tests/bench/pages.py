"""What a hundred times more history costs the queue and metrics pages."""

import http.client
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

from tests.bench.desk import Desk
from tests.bench.machine import Machine
from tests.bench.report import Figure, median
from tests.bench.rows import add_closed, add_queued

# Open and closed cases. The large desk has no busier days, it has more of them.
SMALL, LARGE = (100, 10_000), (10_000, 1_000_000)
PER_DAY = SMALL[1] / 30
WARM_UPS, REQUESTS = 5, 25
MOST_RATIO = 1.5
_PAGES = {"queue page": "/", "metrics page": "/figures/?period=30d"}


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """Median time of each page on the large desk; the floor is that on the small one, in turns."""
    with ExitStack() as stack:
        urls = []
        for name, (waiting, closed) in (("small", SMALL), ("large", LARGE)):
            machine.copy(name, of=desk.database)
            add_closed(machine.url(name), desk, closed, per_day=PER_DAY)
            add_queued(machine.url(name), desk, waiting)
            urls.append(stack.enter_context(machine.web(name, processes=1))[0])
        machine.checkpoint()
        return [_figure(name, page, urls, desk) for name, page in _PAGES.items()]


def _figure(name: str, page: str, urls: list[str], desk: Desk) -> Figure:
    small, large = _times(urls, page, desk.admin_session)
    how = (
        f"median of {REQUESTS}; {LARGE[0]:,} open and {LARGE[1]:,} closed cases at {PER_DAY:.0f} a day, "
        f"floor: {SMALL[0]:,} and {SMALL[1]:,} at as many a day"
    )
    met = large <= MOST_RATIO * small
    return Figure(name, "ms", large, small, f"<= {MOST_RATIO} x floor", met, how)


def _times(urls: list[str], page: str, session: str) -> list[float]:
    """Median milliseconds at each address."""
    connections = [http.client.HTTPConnection(urlsplit(url).netloc, timeout=60) for url in urls]
    taken: list[list[float]] = [[] for _ in urls]
    for turn in range(WARM_UPS + REQUESTS):
        for connection, times in zip(connections, taken, strict=True):
            started = time.perf_counter()
            connection.request("GET", page, headers={"Cookie": f"sessionid={session}"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.client.OK:
                raise RuntimeError(f"{page} answered {answer.status} {answer.getheader('Location', '')}")
            if turn >= WARM_UPS:
                times.append(1_000 * (time.perf_counter() - started))
    return [median(times) for times in taken]
