"""Replays of routing as pages: each figure leads to its cases."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from escalations import replay, sweeps
from escalations.models import ReplayRows, Resolution, Stay
from escalations.replay import Settings
from tests.escalations.metrics import desk
from tests.factories import make_admin

pytestmark = pytest.mark.django_db


@pytest.fixture
def played():
    """Four cases that were picked up late, which the model picks up at once, but for the last, one by one."""
    start = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    for number in range(4):
        desk.case(start + timedelta(minutes=number), picked_up_after=6_000, resolved_after=6_600)
    Resolution.objects.update(handle_seconds=600)
    hour = {"started_at": start, "ended_at": start + timedelta(hours=1)}
    Stay.objects.create(operator=desk.person(), availability="available", **hour)
    asked = replay.start(operator=make_admin("boss"), queue="", settings=Settings(capacity=1))
    sweeps.sweep_replays()
    asked.refresh_from_db()
    return asked


@pytest.fixture
def boss(client):
    operator = make_admin()
    client.force_login(operator)
    return operator


def leading_to(page):
    return {unescape(url) for url in re.findall(r'href="([^"]*/rows/[^"]*)"', page.content.decode())}


def test_each_figure_leads_to_as_many_cases_as_it_says(boss, client, played):
    urls = leading_to(client.get(f"/figures/replays/{played.pk}/"))
    counted = {}
    for url in urls:
        query = parse_qs(urlsplit(url).query)
        counted[query["side"][0], query["counts"][0]] = client.get(url).context["found"].n
    for side in ("recorded", "as_is", "tried"):
        for name in ("in_time", "picked_up", "left", "still"):
            assert counted[side, name] == played.findings[side][name], (side, name)
    assert played.findings["recorded"]["in_time"] == 0 < played.findings["as_is"]["in_time"]
    assert counted["tried", "otherwise"] == 3


def test_a_list_tells_what_became_of_each_case_the_longest_wait_first(boss, client, played, monkeypatch):
    monkeypatch.setattr("operators.replay.routing_rows.PAGE", 3)
    address = f"/figures/replays/{played.pk}/rows/"
    first = client.get(address, {"counts": "picked_up", "side": "tried"})
    received = [row.case.received_at for row in first.context["found"].rows]
    assert received == sorted(received, reverse=True)
    assert "picked up after 1 h 40 min (too late)" in re.sub(r"<[^>]*>", "", first.content.decode())
    rest = client.get(f"{address}?{first.context['further']}").context["found"]
    assert (len(rest.rows), rest.n) == (1, 4)
    ReplayRows.objects.all().delete()
    assert not leading_to(client.get(f"/figures/replays/{played.pk}/"))
    assert client.get(address, {"counts": "picked_up", "side": "tried"}).status_code == 404
