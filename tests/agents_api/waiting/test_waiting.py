"""Long-polls: woken at once by a hint, within a tick without one, and cheap by the thousand."""

import asyncio
import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from agents_api.waiting import long_polls
from agents_api.waiting.long_polls import wait_for_change
from escalations import presence, routing, transitions
from escalations.background import database_threads
from escalations.live import feed as feed_module
from escalations.models import Availability, Escalation
from escalations.transitions import notes
from tests.factories import claim, decide, make_case, make_key, make_operator
from tests.timing import comes_within

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def no_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "TICK", 600.0)


async def listening(waiters: int = 1) -> None:
    """Until so many wait, and the feed of this loop hears hints."""
    async with asyncio.timeout(30):
        while not feed_module.get_channel_layer().groups or len(waits()) < waiters:
            await asyncio.sleep(0.01)
        await feed_module.feed().follow(long_polls._waits().tell)


async def until_waiting() -> None:
    async with asyncio.timeout(30):
        while not waits():
            await asyncio.sleep(0.01)


def waits() -> list[asyncio.Future[int]]:
    return [change for of_a_case in long_polls._waits()._by_case.values() for change in of_a_case]


def counting(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[Any]:
    """The answers of that function from now on."""
    answers: list[Any] = []
    function = getattr(module, name)

    def counted(*args: Any) -> Any:
        answers.append(function(*args))
        return answers[-1]

    monkeypatch.setattr(module, name, counted)
    return answers


def claimed_by_someone(case: Escalation) -> None:
    claim(case, make_operator())


async def test_a_waiter_is_woken_by_the_change(no_ticks):
    took = []
    for _ in range(5):
        case = await database_threads.run(make_case)
        waiter = asyncio.create_task(wait_for_change(case_id=case.id, after_version=1, timeout=10))
        await listening()
        await database_threads.run(claimed_by_someone, case)
        started = time.monotonic()
        assert await waiter == 2
        took.append(time.monotonic() - started)
    assert min(took) < 0.3


async def test_a_change_that_came_before_is_answered_at_once():
    case = await database_threads.run(make_case)
    await database_threads.run(claimed_by_someone, case)
    assert await wait_for_change(case_id=case.id, after_version=1, timeout=10) == 2


async def test_what_is_no_change_of_the_case_wakes_nobody():
    case, author = await database_threads.run(make_case), await database_threads.run(make_operator)
    waiter = asyncio.create_task(wait_for_change(case_id=case.id, after_version=1, timeout=2))
    await listening()
    await database_threads.run(transitions.typing, case_id=case.id, actor="agent:support")
    await database_threads.run(notes.add, case=case, author=author, body="Between us.")
    assert await waiter is None


@pytest.mark.parametrize("timeout", [0, 0.2])
async def test_a_waiter_goes_away_when_the_time_is_over(timeout):
    case = await database_threads.run(make_case)
    assert await wait_for_change(case_id=case.id, after_version=1, timeout=timeout) is None
    assert waits() == []


async def test_looking_once_needs_no_time():
    case = await database_threads.run(make_case)
    assert await wait_for_change(case_id=case.id, after_version=0, timeout=0) == 1


async def test_a_change_of_another_case_or_an_old_version_wakes_nobody(no_ticks):
    case = await database_threads.run(make_case)
    waiter = asyncio.create_task(wait_for_change(case_id=case.id, after_version=2, timeout=10))
    await listening()
    await database_threads.run(claimed_by_someone, await database_threads.run(make_case))
    lease = await database_threads.run(claim, case, await database_threads.run(make_operator))
    await database_threads.run(decide, lease)
    assert await waiter == 3


async def test_an_offer_of_the_case_wakes_nobody(no_ticks):
    case = await database_threads.run(make_case)
    operator = await database_threads.run(make_operator)

    def offer_and_end_it() -> None:
        presence.seen(operator.pk)
        routing.route()
        presence.set_availability(operator=operator, availability=Availability.AWAY)

    waiter = asyncio.create_task(wait_for_change(case_id=case.id, after_version=1, timeout=1.5))
    await listening()
    await database_threads.run(offer_and_end_it)
    assert await waiter is None
    kinds = await database_threads.run(lambda: set(case.events.values_list("kind", flat=True)))
    assert kinds == {"opened", "offered", "offer_ended"}


async def test_an_unknown_case_is_said_to_be_so():
    with pytest.raises(Escalation.DoesNotExist):
        await wait_for_change(case_id=uuid4(), after_version=1, timeout=1)
    assert waits() == []


async def test_without_the_channel_layer_a_waiter_is_woken_by_the_next_tick(valkey):
    async def woken() -> float:
        case = await database_threads.run(make_case)
        waiter = asyncio.create_task(wait_for_change(case_id=case.id, after_version=1, timeout=10))
        await (listening() if valkey.process.running() else until_waiting())
        valkey.stop()
        await database_threads.run(claimed_by_someone, case)
        started = time.monotonic()
        assert await waiter == 2
        return time.monotonic() - started

    assert await comes_within(1.5, woken)


async def test_many_waiters_share_the_reads_and_hold_nothing(no_ticks, monkeypatch):
    case = await database_threads.run(make_case)
    looks = counting(monkeypatch, long_polls, "_version")
    reads = counting(monkeypatch, feed_module.events, "committed_since")
    waiters = [
        asyncio.create_task(wait_for_change(case_id=case.id, after_version=1, timeout=60)) for _ in range(300)
    ]
    async with asyncio.timeout(40):
        while len(looks) < 300:
            await asyncio.sleep(0.02)
    await listening(300)
    before = len(reads)
    await database_threads.run(claimed_by_someone, case)
    assert set(await asyncio.gather(*waiters)) == {2}
    assert (len(looks), len(reads) - before) <= (300, 4)
    assert waits() == []


def test_agents_that_wait_at_the_door_get_the_decision(live_server):
    """The whole way: many long-polls against the real server, while the desk decides."""
    cases = [make_case() for _ in range(10)]
    keys = {case.id: make_key(case.agent) for case in cases}

    def wait(case: Escalation) -> tuple[dict, float]:
        request = urllib.request.Request(
            f"{live_server.url}/api/v1/handoffs/{case.id}/wait?timeout=30&after_version=2",
            headers={"Authorization": f"Bearer {keys[case.id]}"},
        )
        with urllib.request.urlopen(request, timeout=40) as answer:
            return json.load(answer), time.monotonic()

    operator = make_operator()
    with ThreadPoolExecutor(len(cases)) as pool:
        waiters = [pool.submit(wait, case) for case in cases]
        decided = {}
        for case in cases:
            decide(claim(case, operator))
            decided[str(case.id)] = time.monotonic()
        answers = [waiter.result(timeout=40) for waiter in waiters]
    assert {answer["decision"]["decision"] for answer, _ in answers} == {"approve"}
    assert sorted(at - decided[answer["id"]] for answer, at in answers)[len(cases) // 2] < 1.5
