"""How many requests a key may make: counted without a database or a wait, for all processes together."""

from itertools import count
from types import SimpleNamespace

import pytest
import redis
from django.conf import settings as desk_settings
from django.test import RequestFactory

from agents_api import auth
from agents_api.requests import limits
from agents_api.requests.limits import FAILURES_FROM_ADDRESS, FAILURES_OF_KEY, WINDOW, Counters
from escalations.models import Agent, Escalation
from tests.agents_api.conftest import Caller
from tests.factories import handoff, make_agent, make_key
from tests.statements import statements

_stretches = count(1_000_000)
TOO_MANY = "/api/v1/problems/too-many-requests"


@pytest.fixture(autouse=True)
def one_stretch(monkeypatch) -> int:
    """Each test has a stretch of time for itself, 3 seconds before its end."""
    now = next(_stretches) * WINDOW + WINDOW - 3
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: now + 0.5))
    return now


def statuses(caller: Caller, times: int) -> list[int]:
    return [caller.get("/api/v1/handoffs").status_code for _ in range(times)]


@pytest.mark.django_db
def test_beyond_its_limit_a_key_is_asked_for_a_pause(caller, stranger, settings):
    settings.REQUESTS_PER_SECOND = 1
    first = caller.get("/api/v1/handoffs")
    assert first.headers["RateLimit-Policy"] == '"key";q=10;w=10'
    assert first.headers["RateLimit"] == '"key";r=9;t=3'
    assert statuses(caller, WINDOW - 1) == [200] * (WINDOW - 1)
    with statements() as sent:
        refused = caller.get("/api/v1/handoffs")
    assert (refused.status_code, refused.json()["type"], sent.number) == (429, TOO_MANY, 0)
    assert (refused.headers["Retry-After"], refused.headers["RateLimit"]) == ("3", '"key";r=0;t=3')
    assert "10 requests in 10 seconds" in refused.json()["detail"]
    assert caller.hand_off().status_code == 429
    assert not Escalation.objects.exists()
    assert statuses(stranger, 1) == [200]


@pytest.mark.django_db(transaction=True)
def test_the_doors_of_other_protocols_count_with_it(caller, settings):
    settings.REQUESTS_PER_SECOND = 1
    assert statuses(caller, WINDOW - 1) == [200] * (WINDOW - 1)
    last = caller.get("/a2a/tasks", **{"A2A-Version": "1.0"})
    assert (last.status_code, last.headers["RateLimit"]) == (200, '"key";r=0;t=3')
    task = caller.get("/a2a/tasks", **{"A2A-Version": "1.0"})
    assert task.json()["error"]["status"] == "RESOURCE_EXHAUSTED"
    tool = caller.post("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert "10 requests in 10 seconds. Go on in 3 s." in tool.json()["error"]["message"]
    for refused in (task, tool):
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3")


@pytest.mark.django_db
def test_repeated_requests_count_like_any_other(caller, settings):
    settings.REQUESTS_PER_SECOND = 1
    path, document = "/api/v1/handoffs", handoff(caller.agent)
    again = {"Idempotency-Key": "same"}
    answers = [caller.post(path, document, **again).status_code for _ in range(WINDOW + 1)]
    assert answers == [201] * WINDOW + [429]


@pytest.mark.django_db
@pytest.mark.parametrize("learned_by", ["a look", "a handoff"])
def test_an_agent_may_have_a_limit_of_its_own(caller, learned_by):
    Agent.objects.update(requests_per_second=1)
    if learned_by == "a look":
        assert statuses(caller, 1) == [200]
    else:
        assert caller.hand_off().status_code == 201
    assert statuses(caller, WINDOW) == [200] * (WINDOW - 1) + [429]


@pytest.mark.django_db
def test_no_limit_is_told_where_there_is_none(caller, settings):
    settings.REQUESTS_PER_SECOND = 0
    assert "RateLimit" not in caller.get("/api/v1/handoffs").headers


def test_processes_count_together(valkey):
    here, there = Counters("test"), Counters("test")
    with redis.Redis.from_url(desk_settings.REDIS_URL) as connection:
        for counters, times in ((here, 3), (there, 4), (here, 1)):
            for _ in range(times):
                counters.add("key")
            counters.exchange(connection)
        assert (here.total("key"), there.total("key")) == (8, 7)
        [kept] = connection.keys("handrail:limits:test:*")
        assert 0 < connection.ttl(kept) <= 2 * WINDOW


@pytest.mark.django_db
def test_without_valkey_nobody_waits_and_each_process_counts_for_itself(caller, settings, valkey):
    settings.REQUESTS_PER_SECOND = 1
    valkey.stop()
    counters = Counters("test")
    counters.add("key")
    with redis.Redis.from_url(desk_settings.REDIS_URL) as connection, pytest.raises(redis.RedisError):
        counters.exchange(connection)
    assert counters.total("key") == 1
    assert statuses(caller, WINDOW + 1) == [200] * WINDOW + [429]


@pytest.mark.django_db
def test_a_key_that_is_refused_again_and_again_is_looked_up_no_more(caller):
    good, wrong = Caller(caller.agent, make_key(make_agent())), Caller(caller.agent, auth.new_key().plaintext)
    assert statuses(wrong, FAILURES_OF_KEY) == [401] * FAILURES_OF_KEY
    with statements() as sent:
        assert wrong.get("/api/v1/handoffs").status_code == wrong.hand_off().status_code == 429
    assert sent.number == 0
    assert statuses(good, 1) == [200]


@pytest.mark.django_db
def test_an_address_that_tries_many_keys_is_asked_for_a_pause(caller):
    assert statuses(caller, 1) == [200]
    request = RequestFactory().get("/")
    for _ in range(FAILURES_FROM_ADDRESS):
        limits.refuse(request, auth.parse(auth.new_key().plaintext))
    assert statuses(Caller(caller.agent, auth.new_key().plaintext), 1) == [429]
    assert statuses(caller, 1) == [200]  # a key that is known to be valid is not held up


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        (0, "9.9.9.9", "127.0.0.1"),
        (1, "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        (2, "6.6.6.6, 9.9.9.9, 10.0.0.1", "9.9.9.9"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "somewhere", "unknown"),
    ],
)
def test_an_address_is_what_our_own_proxies_saw(settings, hops, forwarded, address):
    settings.TRUSTED_PROXIES = hops
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})
    assert limits.address_of(request) == address


def test_memory_stays_flat_whoever_asks(monkeypatch):
    monkeypatch.setattr(limits, "_MOST", 100)
    counters = Counters("test")
    totals = [counters.add(str(number)) for number in range(1_000)]
    assert totals == [1] * 100 + [0] * 900
