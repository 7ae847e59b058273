"""The frame of open pages over real WebSockets: everything at the start, then only what changed."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest
from django.test import Client

from escalations.background import database_threads
from escalations.live import feed as feed_module
from escalations.models import Availability, Notice, NoticeKind, Presence, Ring
from escalations.people.desks import desk_of, desks
from escalations.presence import set_availability
from escalations.transitions.offer import offer
from operators.live import desk as live_desk
from operators.live.desk import render_desk
from tests.escalations.live.test_feed import joined
from tests.factories import claim, make_case, make_operator
from tests.operators.live.sockets import BACKEND, Desk, close_code, desk, message, silence, without_cursor

__all__ = ["desk"]
pytestmark = pytest.mark.django_db(transaction=True)
run = database_threads.run


def tell(operator):
    return Notice.objects.create(operator=operator, kind=NoticeKind.REPLY, text="The user answered")


def fresh(operator):
    return without_cursor(render_desk(desk_of(operator)))


async def test_a_socket_is_sent_everything_first_and_then_what_changes(desk: Desk):
    noor = await run(make_operator)
    async with desk.socket(noor, "/live/desk/") as socket:
        assert without_cursor((await message(socket))["html"]) == await run(fresh, noor)
        assert await silence(socket, 1.5)
        await run(tell, noor)
        assert "1 unread notice" in (await message(socket))["html"]
        case = await run(make_case)
        await run(lambda: offer(case_id=case.id, operator_ids=[noor.pk], ring=Ring.EXACT))
        assert str(case.headline).split("'")[0] in (await message(socket))["html"]
        await run(claim, case, noor)
        assert 'data-offer="' not in (await message(socket))["html"]


async def test_who_is_there_counts_as_connected(desk: Desk):
    noor = await run(make_operator)
    async with desk.socket(noor, "/live/desk/") as socket:
        await message(socket)
        async with asyncio.timeout(20):
            while not await run(lambda: Presence.objects.ready().filter(operator=noor).exists()):
                await asyncio.sleep(0.02)


async def test_availability_and_notices_read_show_at_once_without_waiting_for_a_tick(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(feed_module, "TICK", 600.0)
    noor = await run(make_operator)
    notice = await run(tell, noor)
    async with desk.socket(noor, "/live/desk/") as socket:
        await message(socket)
        monkeypatch.setattr(live_desk, "TICK", 600.0)
        await joined()
        assert await silence(socket, 1.5)  # the last short tick is over
        await run(lambda: set_availability(operator=noor, availability=Availability.AWAY, reason="Lunch"))
        assert "Lunch" in (await message(socket))["html"]
        browser = Client()
        await run(lambda: browser.force_login(noor, backend=BACKEND))
        await run(lambda: browser.post("/notices/read/", {"notice": notice.pk}))
        assert "1 unread notice" not in (await message(socket))["html"]


async def test_nobody_hears_of_somebody_elses_desk(desk: Desk):
    noor, kim = await run(make_operator), await run(make_operator)
    async with desk.socket(noor, "/live/desk/") as socket:
        await message(socket)
        await run(tell, kim)
        await run(lambda: set_availability(operator=kim, availability=Availability.AWAY, reason="Lunch"))
        assert await silence(socket, 1.5)


async def test_after_a_cut_the_frame_equals_a_fresh_one(desk: Desk):
    noor = await run(make_operator)
    async with desk.socket(noor, "/live/desk/") as socket:
        cursor = (await message(socket))["cursor"]
        socket.transport.abort()
    await run(tell, noor)
    async with desk.socket(noor, "/live/desk/", cursor=cursor) as socket:
        assert without_cursor((await message(socket))["html"]) == await run(fresh, noor)


async def test_many_people_cost_as_many_statements_as_one(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []

    def counted(operator_ids):
        asked.append(len(list(operator_ids)))
        return desks(operator_ids)

    monkeypatch.setattr(live_desk, "desks", counted)
    people = [await run(make_operator) for _ in range(20)]
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(desk.socket(one, "/live/desk/")) for one in people]
        for socket in sockets:
            await message(socket)
        asked.clear()
        started = time.monotonic()
        await run(tell, people[7])
        await message(sockets[7])
        await asyncio.sleep(0.2)
        assert set(asked) == {20}
        assert len(asked) <= 2 + (time.monotonic() - started) / live_desk.TICK


async def test_an_unreadable_desk_is_shown_once_it_can_be_read_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    def broken(operator_ids):
        raise RuntimeError("the database is away")

    noor = await run(make_operator)
    with monkeypatch.context() as patch:
        patch.setattr(live_desk, "desks", broken)
        async with desk.socket(noor, "/live/desk/") as socket:
            assert await silence(socket, 1.0)
            patch.undo()
            assert without_cursor((await message(socket))["html"]) == await run(fresh, noor)


async def test_the_frame_closes_to_whoever_is_signed_out(desk: Desk):
    async with desk.socket(None, "/live/desk/") as socket:
        assert await close_code(socket) == 4401
