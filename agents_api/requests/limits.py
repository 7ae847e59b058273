"""How many requests a key may make: counted in memory at once, and together with other processes soon after.

No request waits for anybody. A thread adds what this process counted to counters in Valkey and learns there
what the others counted, a few times a second: so much may pass beyond a limit. While Valkey is away each
process counts for itself. Repeated requests count like any other.

What a key may make is on the row of its agent, which a process learns as it looks the key up anyway.
"""

import threading
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Protocol

import redis
from django.conf import settings
from django.http import HttpRequest
from redis.backoff import NoBackoff
from redis.retry import Retry

from agents_api.problems import Problem
from escalations.background import Nudger

# Requests are counted in stretches of so many seconds.
WINDOW = 10
# So many refused look-ups of one key, or from one address, are answered in each; then without looking.
FAILURES_OF_KEY, FAILURES_FROM_ADDRESS = 10, 200
_EXCHANGE_EVERY = 0.25
_VALKEY_SECONDS = 1.0
# What is beyond is not counted: memory stays flat, whatever keys and addresses come.
_MOST = 10_000


class Shown(Protocol):
    """A key as it was shown at the door."""

    @property
    def digest(self) -> str: ...


@dataclass(frozen=True)
class Standing:
    """What a key may still do in this stretch; `resets_in` is in seconds."""

    limit: int
    left: int
    resets_in: int

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers has them."""
        return {
            "RateLimit-Policy": f'"key";q={self.limit};w={WINDOW}',
            "RateLimit": f'"key";r={self.left};t={self.resets_in}',
        }


@dataclass
class _Count:
    own: int = 0
    told: int = 0
    of_others: int = 0

    @property
    def total(self) -> int:
        return self.own + self.of_others


class Counters:
    """Counts by name of the present stretch of time."""

    def __init__(self, space: str) -> None:
        self._space = space
        self._lock = threading.Lock()
        self._stretch = 0
        self._counts: dict[str, _Count] = {}

    def add(self, name: str) -> int:
        """Count one more; how many that makes."""
        with self._lock:
            counts = self._present()
            if name not in counts and len(counts) >= _MOST:
                return 0
            count = counts.setdefault(name, _Count())
            count.own += 1
            return count.total

    def total(self, name: str) -> int:
        """How many were counted, here and elsewhere."""
        with self._lock:
            count = self._present().get(name)
            return count.total if count else 0

    def exchange(self, valkey: redis.Redis) -> None:
        """Tell the other processes what was counted here since the last time, and learn what they counted.

        Raises:
            redis.RedisError: Valkey is away; the counts of this process stay.
        """
        with self._lock:
            counts, stretch = self._present(), self._stretch
            news = {name: each.own - each.told for name, each in counts.items() if each.own > each.told}
        if not news:
            return
        pipeline = valkey.pipeline(transaction=False)
        for name, more in news.items():
            key = f"handrail:limits:{self._space}:{stretch}:{name}"
            pipeline.incrby(key, more)
            pipeline.expire(key, 2 * WINDOW)
        totals = pipeline.execute()[::2]
        with self._lock:
            for (name, more), total in zip(news.items(), totals, strict=True):
                counts[name].told += more
                counts[name].of_others = total - counts[name].told

    def _present(self) -> dict[str, _Count]:
        stretch = int(time.time() // WINDOW)
        if stretch != self._stretch:
            self._stretch, self._counts = stretch, {}
        return self._counts


_requests, _failures = Counters("requests"), Counters("failures")
# Keys that were valid when they were last looked up, with what their agents' rows say.
_known: dict[str, int | None] = {}


def admit(request: HttpRequest, shown: Shown) -> Standing | None:
    """Count a request under a well-formed key; None if there is no limit.

    Raises:
        Problem: there were too many.
    """
    digest = shown.digest
    if digest not in _known and (
        _failures.total(digest) >= FAILURES_OF_KEY
        or _failures.total(address_of(request)) >= FAILURES_FROM_ADDRESS
    ):
        raise _too_many("Too many requests came with keys that are not valid.")
    limit = WINDOW * (_known.get(digest) or settings.REQUESTS_PER_SECOND)
    if not limit:
        return None
    count = _requests.add(digest[:16])
    _nudger.nudge()
    standing = Standing(limit, max(0, limit - count), _resets_in())
    if count > limit:
        raise _too_many(
            f"This key may make {limit:,} requests in {WINDOW} seconds.",
            standing.headers,
        )
    return standing


def learn(shown: Shown, requests_per_second: int | None) -> None:
    """The key is valid, and its agent's row says so much; None leaves it to the settings."""
    if len(_known) >= _MOST:
        _known.clear()
    _known[shown.digest] = requests_per_second


def refuse(request: HttpRequest, shown: Shown) -> None:
    """The key was looked up and is not valid. What is no key at all costs nothing that is worth counting."""
    _known.pop(shown.digest, None)
    _failures.add(shown.digest)
    _failures.add(address_of(request))
    _nudger.nudge()


def address_of(request: HttpRequest) -> str:
    """From where a request comes, as far as our own proxies vouch for it; of IPv6 the network of a site."""
    address = request.META.get("REMOTE_ADDR", "")
    if hops := settings.TRUSTED_PROXIES:
        passed = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        address = passed[-min(hops, len(passed))].strip()
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return str(parsed)


def _too_many(detail: str, headers: dict[str, str] | None = None) -> Problem:
    seconds = _resets_in()
    wait = {"Retry-After": str(seconds)}
    # Models read the text, and no headers.
    return Problem("too-many-requests", f"{detail} Go on in {seconds} s.", headers=wait | (headers or {}))


def _resets_in() -> int:
    """Whole seconds until the next stretch, at least one."""
    return WINDOW - int(time.time()) % WINDOW


def _exchange() -> None:
    valkey = _connection()
    for counters in (_requests, _failures):
        counters.exchange(valkey)


def _connection() -> redis.Redis:
    """The one connection of the thread that exchanges."""
    if not hasattr(_thread, "valkey"):
        _thread.valkey = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=_VALKEY_SECONDS,
            socket_connect_timeout=_VALKEY_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
    connection: redis.Redis = _thread.valkey
    return connection


_thread = threading.local()
_nudger = Nudger("limits", _exchange, pause=_EXCHANGE_EVERY)
