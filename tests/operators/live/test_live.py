"""Open pages over real WebSockets: prompt, gap-free, one render for all, and closed when rights end."""

import asyncio
import threading
import time
from contextlib import AsyncExitStack

import pytest
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from websockets.exceptions import ConnectionClosed, InvalidStatus

from escalations import events, routing, transitions
from escalations.background import database_threads
from escalations.live import feed as feed_module
from escalations.models import Operator, Presence, Role
from operators.live import consumers
from operators.live import rooms as live
from operators.queue.queue_view import QueueView
from operators.queue.views.queue import render_list
from tests.factories import claim, make_agent, make_case, make_operator, make_queue
from tests.operators.live.sockets import Desk, close_code, desk, message, session_of, silence, without_cursor
from tests.timing import comes_within

__all__ = ["desk"]
pytestmark = pytest.mark.django_db(transaction=True)
run = database_threads.run


@pytest.fixture
def renders(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The key of the view of each list that was rendered."""
    keys: list[str] = []

    def counted(view: QueueView) -> str:
        keys.append(view.key)
        return render_list(view)

    monkeypatch.setattr(live, "render_list", counted)
    return keys


@pytest.fixture
def quick_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "RIGHTS_SECONDS", 0.2)


async def entered(count: int = 1) -> None:
    """Until so many sockets of this loop are in their rooms and the feed hears hints."""
    async with asyncio.timeout(20):
        while sum(len(room._outboxes) for room in live._rooms().values()) < count:
            await asyncio.sleep(0.01)
        while not feed_module.get_channel_layer().groups:
            await asyncio.sleep(0.01)


def fresh_render(operator: Operator, params: dict[str, str]) -> str:
    return without_cursor(render_list(QueueView.for_operator(operator, params)))


async def test_a_new_case_shows_at_once(desk: Desk, monkeypatch):
    monkeypatch.setattr(feed_module, "TICK", 600.0)
    operator = await run(make_operator)
    took = []
    async with desk.socket(operator) as socket:
        await entered()
        for _ in range(5):
            case = await run(make_case)
            started = time.monotonic()
            received = await message(socket)
            took.append(time.monotonic() - started)
            assert str(case.id) in received["html"]
            assert without_cursor(received["html"]) == await run(fresh_render, operator, {"view": "all"})
    assert min(took) < 0.3


async def test_a_socket_that_missed_nothing_is_sent_nothing(desk: Desk):
    operator = await run(make_operator)
    await run(make_case)
    async with desk.socket(operator) as socket:
        await entered()
        assert await silence(socket, 0.3)


async def test_what_came_between_the_page_and_its_socket_is_sent(desk: Desk):
    operator = await run(make_operator)
    cursor = str(await run(events.position))
    case = await run(make_case)
    async with desk.socket(operator, cursor=cursor) as socket:
        assert str(case.id) in (await message(socket))["html"]


async def test_after_a_cut_the_page_equals_a_fresh_render(desk: Desk):
    operator = await run(make_operator)
    async with desk.socket(operator) as socket:
        await entered()
        await run(make_case)
        cursor = (await message(socket))["cursor"]
        socket.transport.abort()
    lost = [await run(make_case) for _ in range(3)]
    await run(claim, lost[0], operator)
    async with desk.socket(operator, cursor=cursor) as socket:
        received = await message(socket)
        assert without_cursor(received["html"]) == await run(fresh_render, operator, {"view": "all"})


async def test_equal_views_share_one_render_per_generation(desk: Desk, renders):
    operators = [await run(make_operator) for _ in range(2)]
    cookies = [await session_of(operator) for operator in operators]
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(desk.socket(None, cookie=cookies[n % 2])) for n in range(20)
        ]
        await entered(20)
        for generation in (1, 2):
            await run(make_case)
            received = [await message(socket) for socket in sockets]
            assert {one["generation"] for one in received} == {generation}
            assert len({one["html"] for one in received}) == 1
            assert len(renders) == generation


async def test_a_row_that_did_not_change_is_not_sent_again(desk: Desk):
    operator = await run(make_operator)
    async with desk.socket(operator) as socket:
        await entered()
        first = await run(make_case)
        assert set((await message(socket))["sent"]["rows"]) == {f"case-{first.id}"}
        second = await run(make_case)
        received = await message(socket)
        assert set(received["sent"]["rows"]) == {f"case-{second.id}"}
        assert without_cursor(received["html"]) == await run(fresh_render, operator, {"view": "all"})


async def test_a_burst_is_coalesced_and_its_last_event_is_shown(desk: Desk, renders):
    operator = await run(make_operator)
    async with desk.socket(operator) as socket:
        await entered()
        started = time.monotonic()
        for _ in range(20):
            last = await run(make_case)
        async with asyncio.timeout(10):
            while str(last.id) not in (await message(socket))["html"]:
                pass
        assert len(renders) <= 2 + (time.monotonic() - started) / live.PAUSE


async def test_events_of_queues_that_a_view_does_not_show_render_nothing(desk: Desk, renders):
    await run(make_agent, "billing", queue=await run(make_queue, "billing"))
    operator = await run(make_operator)
    async with desk.socket(operator) as socket:
        await entered()
        await run(lambda: make_case(make_agent("billing")))
        own = await run(make_case)
        assert str(own.id) in (await message(socket))["html"]
        assert len(renders) == 1


async def test_all_whose_cursor_is_too_old_are_sent_one_render(desk: Desk, monkeypatch, renders):
    monkeypatch.setattr(feed_module, "REMEMBERED", 2)
    operator = await run(make_operator)
    cases = [await run(make_case) for _ in range(3)]
    all_are_there = threading.Event()
    render = live.render_list

    def render_when_all_are_there(view: QueueView) -> str:
        assert all_are_there.wait(20)
        return render(view)

    monkeypatch.setattr(live, "render_list", render_when_all_are_there)
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(desk.socket(operator, cursor="1:1:")) for _ in range(5)]
        await entered(5)
        all_are_there.set()
        for socket in sockets:
            shown = (await message(socket))["html"]
            assert all(str(case.id) in shown for case in cases)
    assert len(renders) <= 2  # of the first who came, and of all who came while it was under way


async def test_a_cursor_that_is_nonsense_is_told_to_fetch_anew(desk: Desk):
    operator = await run(make_operator)
    async with desk.socket(operator, cursor="yesterday") as socket:
        assert await message(socket, "resync") == {"type": "resync"}
        assert feed_module.feed().meter.resyncs == 1
        case = await run(make_case)
        assert str(case.id) in (await message(socket))["html"]


async def test_the_page_is_at_most_a_tick_late_without_the_channel_layer(valkey, desk: Desk):
    operator = await run(make_operator)
    async with desk.socket(operator) as socket:
        await entered()
        await run(make_case)
        await message(socket)  # the first render of a process takes long
        valkey.stop()
        async with desk.socket(operator) as newcomer:

            async def shown_to_both() -> float:
                case = await run(make_case)
                started = time.monotonic()
                for one in (socket, newcomer):
                    assert str(case.id) in (await message(one))["html"]
                return time.monotonic() - started

            assert await comes_within(2.5, shown_to_both)


async def test_pings_keep_the_line_alive_and_pongs_are_taken(desk: Desk, monkeypatch):
    monkeypatch.setattr(consumers, "PING_SECONDS", 0.1)
    operator = await run(make_operator)
    async with desk.socket(operator) as socket:
        for _ in range(3):
            await message(socket, "ping")
            await socket.send('{"type": "pong"}')
            await socket.send("no JSON at all")


async def test_nobody_is_shown_anything_without_a_sign_in(desk: Desk):
    async with desk.socket(None) as socket:
        assert await close_code(socket) == 4401


async def end_session(operator: Operator) -> None:
    await run(Session.objects.all().delete)


async def disable(operator: Operator) -> None:
    await run(Operator.objects.filter(id=operator.id).update, is_active=False)


async def promote(operator: Operator) -> None:
    await run(Operator.objects.filter(id=operator.id).update, role=Role.REVIEWER)


async def change_password(operator: Operator) -> None:
    operator.set_unusable_password()
    await run(operator.save, update_fields=["password"])


@pytest.mark.parametrize("end", [end_session, disable, promote, change_password])
async def test_the_socket_ends_with_the_rights_it_was_opened_under(desk: Desk, quick_checks, end):
    operator = await run(make_operator)
    async with desk.socket(operator) as socket:
        await entered()
        await end(operator)
        assert await close_code(socket) == 4401


async def test_who_joins_a_queue_sees_it_without_asking(desk: Desk, quick_checks):
    billing = await run(make_queue, "billing")
    case = await run(lambda: make_case(make_agent("billing", queue=billing)))
    operator = await run(make_operator)
    async with desk.socket(operator) as socket:
        await entered()
        await run(operator.queues.add, billing)
        await message(socket, "resync")
        assert str(case.id) in (await message(socket))["html"]


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "https://{host}", None])
async def test_a_page_from_elsewhere_is_refused(desk: Desk, origin):
    operator = await run(make_operator)
    with pytest.raises(InvalidStatus) as refusal:
        async with desk.socket(operator, origin=origin and origin.format(host=desk.host)):
            pass
    assert refusal.value.response.status_code == 403


async def claimed(socket):
    """What is told of the claim; that people look was told before."""
    while (told := await message(socket, "lease"))["state"] != "claimed":
        pass
    return told


async def newest(socket):
    """What is shown in the end: one reads quicker than another, and is sent more of what came between."""
    shown = await message(socket)
    while True:
        try:
            shown = await message(socket, within=0.5)
        except TimeoutError:
            return shown["html"]


async def test_a_case_page_is_told_who_has_the_case(desk: Desk):
    case, holder, other = await run(make_case), await run(make_operator), await run(make_operator)
    path = f"/live/case/{case.id}/"
    async with desk.socket(holder, path) as mine, desk.socket(other, path) as theirs:
        await entered(2)
        lease = await run(claim, case, holder)
        first, second = await claimed(mine), await claimed(theirs)
        assert first["held"]
        assert (second["held"], second["holder"], second["state"]) == (False, str(holder), "claimed")
        assert str(holder) in second["text"]
        assert await newest(mine) == await newest(theirs)
        await run(transitions.release, lease=lease)
        lost = await message(mine, "lease")
        assert (lost["held"], lost["holder"], lost["state"]) == (False, "", "queued")


async def test_a_case_page_shows_turns_that_arrive(desk: Desk):
    case, operator = await run(make_case), await run(make_operator)
    async with desk.socket(operator, f"/live/case/{case.id}/") as socket:
        await entered()
        await run(make_case)  # another case is none of this page's business
        turn = {"role": "user", "content": "Are you still there?"}
        await run(transitions.add_message, case_id=case.id, messages=[turn], actor="agent:support")
        received = await message(socket)
        while "Are you still there?" not in received["html"]:  # their own look is told first
            received = await message(socket)
        assert received["generation"] <= 2


async def test_a_case_of_a_queue_that_is_not_theirs_is_refused(desk: Desk):
    case = await run(lambda: make_case(make_agent("billing", queue=make_queue("billing"))))
    operator = await run(make_operator)
    async with desk.socket(operator, f"/live/case/{case.id}/") as socket:
        assert await close_code(socket) == 4403


async def test_rooms_end_with_their_last_socket(desk: Desk):
    operator = await run(make_operator)
    async with desk.socket(operator) as socket:
        await entered()
        own = feed_module.feed()
        await socket.close()
        async with asyncio.timeout(5):
            while live._rooms():
                await asyncio.sleep(0.01)
        assert feed_module.feed() is not own
        with pytest.raises(ConnectionClosed):
            await socket.recv()


def ignore(found) -> None:
    """Follow the feed for nothing."""


async def test_a_room_that_everybody_left_serves_who_was_on_the_way_in():
    case = await run(make_case)
    room = live.room_for(live.CaseTopic(case.id, "en"))
    first, second = live.Outbox(operator_id=1), live.Outbox(operator_id=2)
    cursor = await run(events.position)
    await feed_module.feed().follow(ignore)  # somebody else is there, so nothing has to start first
    await room.enter(first, cursor)
    room.want([first])
    await asyncio.sleep(0)  # its render begins
    room.leave(first)
    await room.enter(second, cursor)
    room.want([second])
    assert await second.take(until=asyncio.get_running_loop().time() + 5)
    room.leave(second)
    feed_module.feed().unfollow(ignore)


async def test_a_slow_reader_is_kept_only_the_newest():
    outbox = live.Outbox(operator_id=1)
    for generation in range(3):
        outbox.offer([f"generation {generation}"])
    now = asyncio.get_running_loop().time()
    assert await outbox.take(until=now + 1) == ["generation 2"]
    assert await outbox.take(until=now) == ()


async def test_a_case_that_overflows_shows_to_those_who_may_take_it_now(desk: Desk):
    other = await run(make_queue, "billing")
    operator = await run(lambda: make_operator(queues=[other]))
    support = await run(make_queue)
    case = await run(make_case)

    def overflow():
        support.overflow = other
        support.save(update_fields=["overflow"])
        Presence.objects.update(seen_at=Now())
        routing.route()

    async with desk.socket(operator) as socket:
        await entered()
        await run(overflow)
        assert str(case.id) in (await message(socket))["html"]
