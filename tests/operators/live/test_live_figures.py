"""The wall and the list of cases at risk: what they count, and that they follow people who leave no event."""

import asyncio
import re
from datetime import timedelta
from html import unescape

import pytest
from django.db.models import F
from django.db.models.functions import Now

from escalations.background import database_threads
from escalations.models import Availability, Escalation, Presence, Queue, Role
from escalations.reports import risk as at_risk
from escalations.reports.risk import risk
from escalations.reports.wall import wall
from operators.live import figures as live_figures
from tests.factories import claim, make_agent, make_case, make_operator, make_queue, make_resolved, make_skill
from tests.operators.live.sockets import Desk, close_code, desk, message

__all__ = ["desk"]
run = database_threads.run


def there(operator, availability=Availability.AVAILABLE):
    Presence.objects.filter(operator=operator).update(availability=availability, seen_at=Now())
    return operator


def late(case, by=timedelta(minutes=5)):
    """Received so long ago that its clocks ran out then, of the pickup and of the decision."""
    Escalation.objects.filter(id=case.id).update(
        pickup_due_at=Now() - by, due_at=Now() - by, received_at=F("received_at") - by
    )
    return case


@pytest.mark.django_db
def test_the_wall_counts_each_queue_and_all_of_them():
    billing = make_queue("billing")
    for _ in range(3):
        make_case()
    claim(make_case(), there(make_operator(capacity=4)))
    there(make_operator(queues=[billing], capacity=2), Availability.WRAP_UP)
    late(make_case(make_agent("billing", queue=billing)))

    Queue.objects.update(mean_handle_seconds=120)

    shown = wall()

    first, second = shown.queues
    assert (first.name, first.waiting, first.breached, first.staff.wrapping_up) == ("billing", 1, 1, 1)
    assert first.drain_seconds is None
    assert (second.name, second.waiting, second.in_hand, second.received) == ("support", 3, 1, 4)
    assert (second.staff.available, second.staff.capacity, second.staff.room) == (1, 4, 3)
    assert second.drain_seconds == 4 * 120 / 4
    assert (shown.whole.backlog, shown.whole.breached) == (5, 1)
    assert shown.whole.oldest_at == first.oldest_at


@pytest.mark.django_db
def test_the_wall_says_who_is_there_and_which_decisions_no_agent_has(client):
    noor = there(make_operator("noor", first_name="Noor", capacity=4))
    there(make_operator("kim", first_name="Kim"), Availability.AWAY)
    make_operator("gone")
    claim(make_case(), noor)
    resolved = [make_resolved(noor) for _ in range(4)]
    for case, delivery in zip(resolved, ["delivered", "late", "undelivered", "undelivered"], strict=True):
        Escalation.objects.filter(id=case.id).update(delivery=delivery, dispatch_at=Now())
    old = timedelta(minutes=4)
    Escalation.objects.filter(id=resolved[3].id).update(closed_at=Now() - old, dispatch_at=Now() - old)

    now = wall()

    assert [(str(seat.operator), seat.availability, seat.used, seat.capacity) for seat in now.seats] == [
        ("Noor", "available", 1, 4),
        ("Kim", "away", 0, 100),
    ]
    assert (now.whole.resolved, now.whole.undelivered, now.whole.missed, now.whole.came_late) == (4, 2, 1, 1)
    client.force_login(make_operator(role=Role.ADMIN))
    shown = client.get("/figures/wall/").content.decode()
    urls = re.findall(r'href="(/cases/[^"]*)"', shown)
    counts = [client.get(unescape(url)).context["found"].count for url in urls]
    # Backlog, received, resolved, undelivered, missed, late; of the queue received, resolved, undelivered.
    assert counts == [1, 5, 4, 2, 1, 1, 5, 4, 2]


def listed(client, url):
    """How many rows the page at an address of the wall has: cases of one list or the other, facts, people."""
    page = client.get(url)
    if "/figures/wall/" in url:
        return re.findall(r"<li><b>(\w+)</b>", page.content.decode())
    context = page.context
    if "/cases/" in url:
        return context["found"].count
    return len(context["lines" if "/metrics/" in url else "cases"])


@pytest.mark.django_db
def test_every_figure_of_a_queue_leads_to_the_rows_that_it_counts(client):
    billing, noor = make_queue("billing"), there(make_operator("noor", first_name="Noor", capacity=6))
    there(make_operator("kim", first_name="Kim", queues=[billing]))
    late(make_case(make_agent("billing", queue=billing)))
    claim(make_case(), noor)
    make_resolved(noor)
    waiting, snoozed, oldest, risky, _ = (make_case() for _ in range(5))
    known = Escalation.objects.all()
    known.filter(id=waiting.id).update(state="waiting", paused_at=Now(), waiting_for="user")
    known.filter(id=late(snoozed).id).update(state="snoozed", snoozed_until=Now() + timedelta(hours=1))
    known.filter(id=risky.id).update(at_risk_at=Now() - timedelta(minutes=1))
    late(oldest)
    client.force_login(make_operator(role=Role.ADMIN, queues=[]))

    shown = client.get("/figures/wall/?queue=support").content.decode()

    [row] = re.findall(r'<tr>\s*<th scope="row">.*?</tr>', shown, re.S)
    figures = re.findall(r'href="([^"]*)">(?:<time[^>]*>)?([^<]*)<', row)
    assert len(figures) == len(re.findall("<t[dh]", row))  # none is without
    name, *counts = ((text, unescape(url)) for url, text in figures)
    assert (name[0], listed(client, name[1])) == ("support", 6)
    age, available, room, done_in = counts.pop(3), *(counts.pop(5) for _ in range(3))
    assert age[1] == f"/cases/{oldest.id}/"
    assert (available[0], room[0]) == ("1", "5")
    assert listed(client, available[1]) == listed(client, room[1]) == ["Noor"]
    assert (done_in[0], listed(client, done_in[1])) == ("3 min", 6)
    # Waiting, in hand, put aside, at risk, breached, received, resolved, undelivered.
    assert [listed(client, url) for _, url in counts] == [int(text) for text, _ in counts]
    assert [int(text) for text, _ in counts] == [3, 1, 2, 1, 2, 7, 1, 1]


@pytest.mark.django_db
def test_late_cases_come_first_with_those_who_could_take_them():
    make_skill("fr")
    claim(make_case(question="In time?"), there(make_operator(capacity=1)))
    late(make_case(question="A little late?"), timedelta(minutes=1))
    late(make_case(question="Very late?", routing={"skills": ["fr"]}), timedelta(hours=1))

    found = risk()

    assert [one.case.headline for one in found.breached] == ["Very late?", "A little late?"]
    assert [(one.able, one.free) for one in found.breached] == [(0, 0), (1, 0)]
    assert (found.breached_count, found.at_risk_count, found.at_risk) == (2, 0, [])
    assert risk("nowhere").breached == []


@pytest.mark.django_db
def test_a_list_that_is_cut_says_so_and_leads_to_all(client, monkeypatch):
    monkeypatch.setattr(at_risk, "SHOWN", 1)
    monkeypatch.setattr(at_risk, "COUNTED", 2)
    cases = [late(make_case()) for _ in range(3)]
    client.force_login(make_operator(role=Role.ADMIN))

    shown = client.get("/figures/risk/").content.decode()

    assert "2+ breached" in shown
    assert "The first 1 of each are shown" in shown
    all_of_them = unescape(re.search(r'<a class="bad-text" href="([^"]*)"', shown)[1])
    assert {case.id for case in client.get(all_of_them).context["cases"]} == {case.id for case in cases}


async def shown(socket, words, within=15):
    """Wait until these words are on the page; a page that ticks goes on for ever without them."""
    async with asyncio.timeout(within):
        while words not in (await message(socket))["html"]:
            pass


@pytest.mark.django_db(transaction=True)
async def test_the_wall_follows_who_comes_and_goes(desk: Desk, monkeypatch):
    monkeypatch.setattr(live_figures.WallTopic, "tick", 0.1)
    admin, noor = await run(lambda: make_operator(role=Role.ADMIN)), await run(make_operator)
    await run(make_case)
    async with desk.socket(admin, "/live/wall/") as socket:
        await run(there, noor)
        await shown(socket, "room for 100 of 100")
        await run(there, noor, Availability.AWAY)
        await shown(socket, "nobody is available")


@pytest.mark.django_db(transaction=True)
async def test_a_case_that_is_taken_says_so_in_the_list(desk: Desk):
    admin = await run(lambda: make_operator(role=Role.ADMIN))
    case = await run(lambda: late(make_case()))
    async with desk.socket(admin, "/live/risk/?queue=support") as socket:
        await run(lambda: claim(case, make_operator("ruth", first_name="Ruth")))
        await shown(socket, "held by Ruth")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/live/wall/", "/live/risk/"])
async def test_figures_are_shown_live_to_those_alone_who_may_see_them(desk: Desk, path):
    async with desk.socket(await run(make_operator), path) as socket:
        assert await close_code(socket) == 4403
