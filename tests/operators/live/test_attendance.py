"""Open pages make people present, and closing the last one makes them leave."""

import asyncio

import pytest

from escalations.background import database_threads
from escalations.models import Operator, Presence
from operators.live import attendance, consumers
from tests.factories import make_operator
from tests.operators.live.sockets import Desk, desk, message

__all__ = ["desk"]
pytestmark = pytest.mark.django_db(transaction=True)
run = database_threads.run


def seen_at(operator: Operator):
    return Presence.objects.get(operator=operator).seen_at


async def until_seen(operator: Operator, *, after=None):
    """The time at which the person was noted, once it is another than `after`."""
    async with asyncio.timeout(5):
        while (moment := await run(seen_at, operator)) == after:
            await asyncio.sleep(0.02)
    return moment


async def test_a_page_makes_its_reader_present_until_the_last_one_is_closed(desk: Desk, monkeypatch):
    monkeypatch.setattr(attendance, "LEAVING_SECONDS", 0.2)
    operator = await run(make_operator)
    async with desk.socket(operator):
        came = await until_seen(operator)
        async with desk.socket(operator):
            pass
        await asyncio.sleep(0.4)
        assert await run(seen_at, operator) == came
    assert await until_seen(operator, after=came) < came


async def test_a_pong_renews_it_and_two_pages_write_once(desk: Desk, monkeypatch):
    monkeypatch.setattr(consumers, "PING_SECONDS", 0.05)
    noted, heard = [], []
    monkeypatch.setattr(attendance.presence, "seen", noted.append)
    note = attendance.Attendance.note

    async def counted(*arguments):
        await note(*arguments)
        heard.append(arguments)

    async def until_heard(count):
        async with asyncio.timeout(20):
            while len(heard) < count:
                await asyncio.sleep(0.01)

    monkeypatch.setattr(attendance.Attendance, "note", counted)
    operator = await run(make_operator)
    async with desk.socket(operator) as one, desk.socket(operator) as two:
        for socket in (one, two, one, two):
            await message(socket, "ping")
            await socket.send('{"type": "pong"}')
        await until_heard(2 + 4)  # that they came, and each pong
        assert noted == [operator.pk]
        monkeypatch.setattr(attendance, "QUIET_SECONDS", 0.0)
        await one.send('{"type": "pong"}')
        await until_heard(2 + 4 + 1)
        assert noted == [operator.pk] * 2
