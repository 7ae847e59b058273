"""What a hundred times more cases cost the search: words of every case, of some, of one and of none."""

import http.client
import time
from contextlib import ExitStack
from urllib.parse import quote, urlsplit

from tests.bench.desk import Desk
from tests.bench.machine import Machine
from tests.bench.report import Figure, percentile
from tests.bench.rows import add_closed, add_queued, add_words

# Open and closed cases.
SMALL, LARGE = (100, 9_900), (10_000, 990_000)
PER_DAY = SMALL[1] / 30
WARM_UPS, ROUNDS = 2, 10
MOST_MS = 100.0
# In every case, in half of them, in one of a hundred, in the oldest only, in one, in none; and beginnings.
_SEARCHES = ("parcel", "refund", "kayak", "pigeon", "77", "albatross", "parc", "t12", "parcel kayak -pigeon")
# What a search box that is typed into asks for: the list, not the whole page.
_TYPING = {"HX-Request": "true", "HX-Target": "queue-list"}


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """95th percentile of the list of what was found, all searches alike; the floor is the small desk."""
    with ExitStack() as stack:
        urls = []
        for name, (waiting, closed) in (("few_words", SMALL), ("many_words", LARGE)):
            machine.copy(name, of=desk.database)
            add_closed(machine.url(name), desk, closed, per_day=PER_DAY)
            add_queued(machine.url(name), desk, waiting)
            add_words(machine.url(name), waiting + closed)
            urls.append(stack.enter_context(machine.web(name, processes=1))[0])
        machine.checkpoint()
        small, large = (percentile(times, 0.95) for times in _times(urls, desk.admin_session))
    how = (
        f"{len(_SEARCHES)} searches {ROUNDS} times each among {sum(LARGE):,} cases, open ones and all; "
        f"floor: among {sum(SMALL):,}"
    )
    return [Figure("search p95", "ms", large, small, f"<= {MOST_MS:.0f} ms", large <= MOST_MS, how)]


def _times(urls: list[str], session: str) -> list[list[float]]:
    """Milliseconds of each answer at each address."""
    connections = [http.client.HTTPConnection(urlsplit(url).netloc, timeout=60) for url in urls]
    taken: list[list[float]] = [[] for _ in urls]
    pages = [f"/?q={quote(words)}{scope}" for words in _SEARCHES for scope in ("", "&scope=all")]
    for turn in range(WARM_UPS + ROUNDS):
        for page in pages:
            for connection, times in zip(connections, taken, strict=True):
                milliseconds = _get(connection, page, session)
                if turn >= WARM_UPS:
                    times.append(milliseconds)
    return taken


def _get(connection: http.client.HTTPConnection, page: str, session: str) -> float:
    started = time.perf_counter()
    connection.request("GET", page, headers=_TYPING | {"Cookie": f"sessionid={session}"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{page} answered {answer.status} {answer.getheader('Location', '')}")
    return 1_000 * (time.perf_counter() - started)
