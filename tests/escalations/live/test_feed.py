"""One reader for all followers in a process: prompt with hints, correct without them."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager

import psycopg
import pytest
import pytest_asyncio
from django.db import connection

from escalations import events
from escalations.background import database_threads
from escalations.events import LoggedEvent, Position
from escalations.live import feed as feed_module
from escalations.live import measuring
from escalations.live.feed import Feed, feed
from escalations.models import LiveMinute
from tests.escalations.writers import slow_writer, write_event
from tests.factories import make_agent, make_case
from tests.threads import at_once
from tests.timing import comes_within

__all__ = ["slow_writer"]
pytestmark = pytest.mark.django_db(transaction=True)


class Journal:
    """A follower that writes down what it is told."""

    def __init__(self) -> None:
        self.events: list[LoggedEvent] = []
        self._more = asyncio.Event()

    def __call__(self, found: Sequence[LoggedEvent]) -> None:
        self.events += found
        self._more.set()

    async def has(self, count: int, within: float = 10.0) -> float:
        """Wait until it holds `count` events; how many seconds that took."""
        started = time.monotonic()
        async with asyncio.timeout(within):
            while len(self.events) < count:
                self._more.clear()
                await self._more.wait()
        return time.monotonic() - started


@pytest_asyncio.fixture
async def journal() -> AsyncIterator[Journal]:
    journal = Journal()
    await feed().follow(journal)
    yield journal
    feed().unfollow(journal)


@pytest.fixture
def no_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only hints wake the feed."""
    monkeypatch.setattr(feed_module, "TICK", 600.0)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Position]:
    """From where each read of the log went on."""
    positions: list[Position] = []
    committed_since = events.committed_since

    def counted(start: Position) -> tuple[Sequence[LoggedEvent], Position]:
        positions.append(start)
        return committed_since(start)

    monkeypatch.setattr(events, "committed_since", counted)
    return positions


async def joined() -> None:
    """Wait until the feed of this loop hears hints: until it has joined its group."""
    layer = feed_module.get_channel_layer()
    async with asyncio.timeout(10):
        while not layer.groups:
            await asyncio.sleep(0.01)


async def test_a_hint_brings_an_event_at_once(no_ticks, journal):
    await joined()
    took, cases = [], []
    for count in range(1, 6):
        cases.append(await database_threads.run(make_case))
        took.append(await journal.has(count))
    assert min(took) < 0.3
    assert [event.case_id for event in journal.events] == [case.id for case in cases]


async def test_without_the_channel_layer_an_event_comes_with_the_next_tick(valkey, journal):
    await joined()
    valkey.stop()

    async def another() -> float:
        count = len(journal.events) + 1
        await database_threads.run(make_case)
        return await journal.has(count)

    assert await comes_within(1.5, another)


async def test_hints_are_heard_again_after_the_channel_layer_was_away(valkey, journal, monkeypatch):
    await joined()
    valkey.stop()
    await database_threads.run(make_case)
    await journal.has(1)
    valkey.start()  # by this thread: it ends with the thread that started it
    monkeypatch.setattr(feed_module, "TICK", 600.0)
    async with asyncio.timeout(20):
        while len(journal.events) < 3:  # the first hints after an outage may still be lost
            await database_threads.run(make_case)
            await asyncio.sleep(0.1)


async def test_a_feed_that_starts_without_the_channel_layer_joins_later(valkey, monkeypatch):
    valkey.stop()
    journal = Journal()
    await feed().follow(journal)
    valkey.start()  # by this thread: it ends with the thread that started it
    await joined()
    monkeypatch.setattr(feed_module, "TICK", 600.0)
    await database_threads.run(make_case)
    await journal.has(1)
    feed().unfollow(journal)


async def test_what_happened_before_hints_are_heard_waits_for_no_tick(valkey, no_ticks):
    valkey.stop()
    journal = Journal()
    await feed().follow(journal)
    await database_threads.run(make_case)
    valkey.start()  # by this thread: it ends with the thread that started it
    await journal.has(1)
    feed().unfollow(journal)


async def test_a_long_transaction_holds_up_no_other_event(no_ticks, slow_writer, journal):
    await joined()
    case = await database_threads.run(make_case)
    await journal.has(1)
    write_event(slow_writer, case.id, "slow")
    await database_threads.run(make_case)
    await journal.has(2)
    slow_writer.commit()
    await database_threads.run(make_case)
    await journal.has(4)
    assert [event.kind for event in journal.events] == ["opened", "opened", "slow", "opened"]


async def test_concurrent_writers_lose_no_event(journal):
    def write() -> None:
        for _ in range(15):
            make_case()

    await database_threads.run(make_agent)
    assert await asyncio.to_thread(at_once, [write] * 8) == [None] * 8
    await journal.has(120)
    assert len({event.case_id for event in journal.events}) == len(journal.events) == 120


async def test_all_followers_share_each_read(no_ticks, reads, journal):
    await joined()
    crowd = [Journal() for _ in range(100)]
    for follower in crowd:
        await feed().follow(follower)
    await database_threads.run(make_case)
    for follower in crowd:
        await follower.has(1)
        feed().unfollow(follower)
    assert len(reads) <= 2


async def test_a_follower_that_fails_harms_no_other(journal):
    def fail(found: Sequence[LoggedEvent]) -> None:
        raise RuntimeError("a mistake in a follower")

    await feed().follow(fail)
    for count in (1, 2):
        await database_threads.run(make_case)
        await journal.has(count)
    feed().unfollow(fail)


@contextmanager
def database_away() -> Iterator[None]:
    """The database takes no new connections, and each read of the feed needs one."""
    parameters = connection.get_connection_params()
    names = {"user", "password", "host", "port"} & set(parameters)
    with psycopg.connect(
        dbname="postgres", autocommit=True, **{name: parameters[name] for name in names}
    ) as admin:
        allow = "UPDATE pg_database SET datallowconn = %s WHERE datname = %s"
        admin.execute(allow, [False, parameters["dbname"]])
        try:
            yield
        finally:
            admin.execute(allow, [True, parameters["dbname"]])


async def test_a_database_that_was_away_costs_no_event(slow_writer, reads, journal):
    case = await database_threads.run(make_case)
    await journal.has(1)
    with database_away():
        before = len(reads)
        write_event(slow_writer, case.id, "meanwhile")
        slow_writer.commit()
        async with asyncio.timeout(10):
            while len(reads) < before + 3:
                await asyncio.sleep(0.01)
        assert len(journal.events) == 1
    await journal.has(2, within=4)
    assert [event.kind for event in journal.events] == ["opened", "meanwhile"]


@pytest.mark.parametrize("behind", [0, 1, 5])
async def test_what_came_since_a_position_is_remembered(journal, behind):
    positions = []
    for _ in range(7):
        await database_threads.run(make_case)
        positions.append(await database_threads.run(events.position))
    await journal.has(7)
    assert feed().since(positions[6 - behind]) == journal.events[7 - behind :]


async def test_a_position_too_far_behind_is_told_apart(monkeypatch):
    monkeypatch.setattr(feed_module, "REMEMBERED", 5)
    start = await database_threads.run(events.position)
    journal = Journal()
    await feed().follow(journal)
    for _ in range(7):
        await database_threads.run(make_case)
    await journal.has(7)
    assert feed().since(start) is None
    feed().unfollow(journal)


async def test_a_new_feed_knows_what_came_before_it():
    start = await database_threads.run(events.position)
    cases = [await database_threads.run(make_case) for _ in range(3)]
    journal = Journal()
    await feed().follow(journal)
    assert [event.case_id for event in feed().since(start)] == [case.id for case in cases]
    feed().unfollow(journal)


async def test_the_feed_ends_with_its_last_follower():
    before = asyncio.all_tasks()
    first, second = Journal(), Journal()
    for follower in (first, second):
        await feed().follow(follower)
    feed().unfollow(first)
    await database_threads.run(make_case)
    await second.has(1)
    own: Feed = feed()
    feed().unfollow(second)
    assert feed() is not own
    async with asyncio.timeout(5):
        while [task for task in asyncio.all_tasks() - before if "Feed" in repr(task.get_coro())]:
            await asyncio.sleep(0.01)


async def test_each_minute_it_writes_down_how_late_it_read_what_came(monkeypatch):
    monkeypatch.setattr(measuring, "SECONDS", 0.05)
    journal = Journal()
    await feed().follow(journal)
    try:
        await database_threads.run(make_case)
        await journal.has(1)
        async with asyncio.timeout(10):
            while not await database_threads.run(LiveMinute.objects.filter(events=1).exists):
                await asyncio.sleep(0.02)
    finally:
        feed().unfollow(journal)
    kept = await database_threads.run(LiveMinute.objects.get)
    assert 0 < kept.lag_p95 < 5
