"""Who looks at a case: noted from open pages, shown on rows and on the case, and no change of it."""

import asyncio
import re

import pytest

from agents_api.models import WebhookDelivery
from escalations.background import database_threads
from escalations.models import Escalation, Event
from operators import viewings
from operators.live import attendance, consumers
from operators.models import Viewing
from tests.factories import claim, make_agent, make_case, make_operator, make_queue
from tests.operators.live.sockets import Desk, close_code, desk, message
from tests.operators.queue.test_queue_page import page

__all__ = ["desk"]
pytestmark = pytest.mark.django_db(transaction=True)
run = database_threads.run


def events_of(case):
    return list(Event.objects.filter(case=case, kind="viewing").values_list("version", "actor"))


def names(case):
    found = Escalation.objects.annotate(lookers=viewings.lookers()).get(id=case.id)
    return [looker["name"] for looker in found.lookers]


async def until(names_at, case, expected):
    async with asyncio.timeout(10):
        while await run(names_at, case) != expected:
            await asyncio.sleep(0.02)


async def test_an_open_page_is_a_look_until_the_last_one_is_closed(desk: Desk, monkeypatch):
    monkeypatch.setattr(attendance, "LEAVING_SECONDS", 0.2)
    case, kim = await run(make_case), await run(lambda: make_operator(first_name="Kim"))
    noor = await run(lambda: make_operator(username="noor"))
    path = f"/live/case/{case.id}/"
    async with desk.socket(noor, path) as watching, desk.socket(noor) as queue:
        await until(names, case, ["noor"])
        async with desk.socket(kim, path), desk.socket(kim, path):
            await until(names, case, ["noor", "Kim"])
            while "Kim is looking" not in (await message(watching))["html"]:
                pass
            while "noor, Kim are looking" not in (await message(queue))["html"]:
                pass
        await until(names, case, ["noor"])
        while "Kim is looking" in (await message(watching))["html"]:
            pass
    await until(names, case, [])
    told = await run(events_of, case)
    by = [actor for _, actor in told]
    assert by.count(f"operator:{kim.pk}") == by.count(f"operator:{noor.pk}") == 2
    assert {version for version, _ in told} == {case.version}


async def test_a_pong_renews_a_look(desk: Desk, monkeypatch):
    monkeypatch.setattr(consumers, "PING_SECONDS", 0.05)
    monkeypatch.setattr(attendance, "QUIET_SECONDS", 0.0)
    case, kim = await run(make_case), await run(make_operator)
    async with desk.socket(kim, f"/live/case/{case.id}/") as socket:
        await until(lambda case: len(names(case)), case, 1)
        before = await run(lambda: Viewing.objects.get().seen_at)
        await message(socket, "ping")
        await socket.send('{"type": "pong"}')
        async with asyncio.timeout(10):
            while await run(lambda: Viewing.objects.get().seen_at) == before:
                await asyncio.sleep(0.02)
        assert len(await run(events_of, case)) == 1


async def test_who_may_not_see_the_case_is_not_seen_to_look(desk: Desk):
    case = await run(lambda: make_case(make_agent("billing", queue=make_queue("billing"))))
    kim = await run(make_operator)
    async with desk.socket(kim, f"/live/case/{case.id}/") as socket:
        assert await close_code(socket) == 4403
    assert not await run(Viewing.objects.exists)


def test_a_look_is_over_after_a_minute_and_its_return_is_told():
    case, kim = make_case(), make_operator(first_name="Kim")
    viewings.look(case.id, kim.pk)
    viewings.look(case.id, kim.pk)
    assert names(case) == ["Kim"]
    assert len(events_of(case)) == 1
    Viewing.objects.update(seen_at="2001-01-01T00:00:00Z")
    assert names(case) == []
    viewings.look(case.id, kim.pk)
    assert names(case) == ["Kim"]
    assert len(events_of(case)) == 2
    viewings.leave(case.id, kim.pk)
    viewings.leave(case.id, kim.pk)
    assert len(events_of(case)) == 3


def test_a_look_changes_nothing_about_the_case():
    case, kim = make_case(), make_operator()
    before = Escalation.objects.values().get(id=case.id)
    viewings.look(case.id, kim.pk)
    assert Escalation.objects.values().get(id=case.id) == before
    assert not WebhookDelivery.objects.exists()


def test_pages_show_who_looks_but_oneself_and_who_holds_it(client):
    case = make_case()
    kim, noor = make_operator(first_name="Kim"), make_operator(first_name="Noor")
    for person in (kim, noor):
        viewings.look(case.id, person.pk)
    assert "Kim, Noor are looking" in page(client, kim, "?view=all")
    html = client.get(f"/cases/{case.id}/").content.decode()
    assert re.search(r"<span class=\"pill\" data-looker=\"\d+\" hidden><svg.*?</svg>Kim is looking", html)
    assert re.search(r"<span class=\"pill\" data-looker=\"\d+\"><svg.*?</svg>Noor is looking", html)
    activity = re.search(r'<dl class="pairs activity">.*?</dl>', html, re.DOTALL)
    assert activity is None or "viewing" not in activity[0]
    claim(case, noor)
    html = client.get(f"/cases/{case.id}/").content.decode()
    assert "Noor is looking" not in html
    assert "are looking" not in page(client, kim, "?view=all")
