"""Server-sent events from the real server: each told once, over cuts, undone decisions and outages."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application
from django.db import connection
from django.db.models.functions import Now

from agents_api import auth
from agents_api.models import EventType, WebhookDelivery
from agents_api.waiting import streaming, telling
from agents_api.waiting.telling import BEGINNING, Cursor
from config.handlers import for_agents
from escalations import transitions
from escalations.background import database_threads
from escalations.models import ApiKey, Delivery, Escalation, WaitingFor
from tests.agents_api.conftest import Caller
from tests.agents_api.webhooks.conftest import make_endpoint
from tests.escalations.writers import slow_writer, write_event
from tests.factories import claim, decide, make_case, make_key, make_operator
from tests.servers import Server, wait_until
from tests.timing import is_within

__all__ = ["slow_writer"]
pytestmark = pytest.mark.django_db(transaction=True)

Told = dict[str, Any]


class Desk:
    """The real server as one agent sees it."""

    def __init__(self, server: Server, caller: Caller) -> None:
        self._headers = {"Authorization": f"Bearer {caller.key}"}
        self._client = httpx.Client(base_url=server.url, timeout=10)

    def ask(self, case_id: UUID, last: str = "") -> httpx.Response:
        return self._client.get(_path(case_id), headers=self._sent(last))

    def all_told(self, case_id: UUID, last: str = "") -> list[Told]:
        """All messages of a case that is over."""
        return list(_messages(iter(self.ask(case_id, last).text.split("\n"))))

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def following(self, case_id: UUID, last: str = "") -> Iterator[Iterator[Told]]:
        """The messages as they come; leaving cuts the line."""
        with self._client.stream("GET", _path(case_id), headers=self._sent(last)) as answer:
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream")
            lines = answer.iter_lines()
            assert next(lines) == "retry: 1000"
            yield _messages(lines)

    def _sent(self, last: str) -> dict[str, str]:
        return self._headers | ({"Last-Event-ID": last} if last else {})


def _path(case_id: UUID) -> str:
    return f"/api/v1/handoffs/{case_id}/events"


def _messages(lines: Iterator[str]) -> Iterator[Told]:
    fields: dict[str, str] = {}
    for line in lines:
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield {"id": fields["id"], "type": fields["event"], "data": json.loads(fields["data"])}
            fields = {}


@pytest.fixture
def desk(live_server: Server, caller: Caller) -> Iterator[Desk]:
    with closing(Desk(live_server, caller)) as desk:
        yield desk


@pytest.fixture
def case(caller: Caller) -> Escalation:
    return make_case(caller.agent)


def test_a_stream_tells_what_webhooks_tell_and_ends_with_the_decision(desk, case, operator):
    make_endpoint("https://one.example/", events=EventType.values)
    with desk.following(case.id) as told:
        lease = claim(case, operator)
        seen = [next(told)]
        transitions.say(lease=lease, text="I am here.")
        seen.append(next(told))
        transitions.ask(
            lease=lease, whom=WaitingFor.USER, question="Which card?", reply_within=timedelta(minutes=5)
        )
        seen += [next(told), next(told)]
        decide(transitions.take_back(case_id=case.id, operator=operator).lease)
        seen += list(told)
    written = [json.loads(one.body) for one in WebhookDelivery.objects.order_by("created_at", "id")]
    as_text = [(one["type"], one["data"]) for one in written]
    assert sorted(as_text, key=str) == sorted([(one["type"], one["data"]) for one in seen], key=str)
    assert [one["data"]["version"] for one in seen] == [2, 3, 4, 4, 5, 6]
    assert (seen[-1]["type"], seen[-1]["data"]["decision"]) == ("handoff.resolved", "approve")
    assert Escalation.objects.get().delivery == Delivery.DELIVERED
    assert [one["data"] for one in desk.all_told(case.id)] == [one["data"] for one in seen]


def test_who_comes_back_misses_nothing_and_gets_nothing_twice(desk, case, operator):
    lease = claim(case, operator)
    transitions.say(lease=lease, text="One.")
    transitions.ask(lease=lease, whom=WaitingFor.USER, question="Two?", reply_within=timedelta(minutes=5))
    seen: list[Told] = []
    last = ""
    for _ in range(4):  # each line is cut after one message, also between the two of one event
        with desk.following(case.id, last) as told:
            seen.append(next(told))
            last = seen[-1]["id"]
    lease = transitions.take_back(case_id=case.id, operator=operator).lease
    transitions.say(lease=lease, text="Three.")
    decide(lease)
    rest = desk.all_told(case.id, last)
    assert [one["type"].removeprefix("handoff.") for one in seen + rest] == [
        *("claimed", "message", "message", "waiting", "claimed", "message", "resolved")
    ]
    assert len({one["id"] for one in seen + rest}) == 7
    assert desk.ask(case.id, rest[-1]["id"]).status_code == 204


def test_what_commits_late_is_told_late_and_once(desk, case, slow_writer):
    other = make_case(case.agent)
    write_event(slow_writer, case.id, "claimed")
    claim(other, make_operator())
    with connection.cursor() as cursor:  # a later transaction, which commits first
        cursor.execute(
            "INSERT INTO escalations_event (case_id, kind, version, actor, data)"
            " VALUES (%s, 'assigned', 3, 'test', '{}')",
            [case.id],
        )
    with desk.following(case.id) as told:
        first = next(told)
        assert first["data"]["version"] == 3
    with desk.following(case.id, first["id"]) as told:
        slow_writer.commit()
        late = next(told)
        assert late["data"]["version"] == 2
        lease = claim(case, make_operator())
        assert next(told)["id"] not in (first["id"], late["id"])
    assert lease


def test_a_decision_that_was_undone_is_never_told(desk, caller, operator, settings):
    def decided_in_the_end() -> float:
        case = make_case(caller.agent)
        settings.UNDO_SECONDS = 600
        with desk.following(case.id) as told:
            undone = decide(claim(case, operator), message="Undone.")
            assert next(told)["type"] == "handoff.claimed"
            lease = transitions.undo(resolution_id=undone.id, operator=operator).lease
            transitions.say(lease=lease, text="Wait.")
            assert next(told)["type"] == "handoff.message"
            settings.UNDO_SECONDS = 1
            decided = monotonic()
            decide(lease, "reject", message="No.")
            last = next(told)
            took = monotonic() - decided
            assert (last["type"], last["data"]["decision"]) == ("handoff.resolved", "reject")
            assert list(told) == []
        answers = desk.ask(case.id).text
        assert "Undone." not in answers
        assert answers.count("event: handoff.resolved") == 1
        assert took > 0.9
        return took

    assert is_within(3, decided_in_the_end)


def test_a_withdrawn_case_ends_its_stream_and_tells_no_undone_decision(desk, case, operator, settings):
    settings.UNDO_SECONDS = 600
    undone = decide(claim(case, operator))
    with desk.following(case.id) as told:
        assert next(told)["type"] == "handoff.claimed"
        transitions.undo(resolution_id=undone.id, operator=operator)
        transitions.cancel(case_id=case.id, actor="agent:support", reason="")
        assert list(told) == []


def test_after_reopening_the_stream_goes_on_to_the_new_decision(desk, case, operator):
    decide(claim(case, operator))
    last = desk.all_told(case.id)[-1]["id"]
    transitions.reopen(case_id=case.id, operator=operator, reason="a mistake")
    with desk.following(case.id, last) as told:
        assert next(told)["data"] == {"handoff_id": str(case.id), "version": 4, "state": "queued"}
        decide(claim(case, operator), "reject", message="No.")
        assert [one["type"] for one in told] == ["handoff.claimed", "handoff.resolved"]
    types = [one["type"] for one in desk.all_told(case.id)]
    assert types == [*("handoff.claimed", "handoff.reopened", "handoff.claimed", "handoff.resolved")]


def test_without_valkey_a_stream_is_late_by_a_tick(desk, caller, operator, valkey):
    def latest() -> float:
        case = make_case(caller.agent)
        with desk.following(case.id) as told:
            valkey.stop()
            lease = claim(case, operator)
            claimed = monotonic()
            assert next(told)["type"] == "handoff.claimed"
            heard = monotonic()
            decide(lease)
            decided = monotonic()
            assert next(told)["type"] == "handoff.resolved"
            return max(heard - claimed, monotonic() - decided)

    assert is_within(2, latest)


def test_idle_streams_hold_no_connection(live_server, caller, operator):
    cases = [make_case(caller.agent) for _ in range(4)]

    async def follow() -> set[str]:
        limits = httpx.Limits(max_connections=None)
        headers = {"Authorization": f"Bearer {caller.key}"}
        opened, types = asyncio.Semaphore(0), set()
        async with httpx.AsyncClient(base_url=live_server.url, limits=limits, timeout=60) as client:

            async def one(case: Escalation) -> None:
                async with client.stream("GET", _path(case.id), headers=headers) as answer:
                    async for line in answer.aiter_lines():
                        if line.startswith("retry"):
                            opened.release()
                        if line.startswith("event"):
                            types.add(line)

            readers = [asyncio.create_task(one(cases[number % 4])) for number in range(200)]
            for _ in readers:
                await opened.acquire()
            await database_threads.run(wait_until, _nobody_works, what="no stream holds a connection")
            for case in cases:
                await database_threads.run(lambda case=case: decide(claim(case, operator)))
            await asyncio.gather(*readers)
        return types

    assert asyncio.run(follow()) == {"event: handoff.claimed", "event: handoff.resolved"}


def _nobody_works() -> bool:
    """Whether the database has few connections besides this one, and nothing goes on in any."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE state <> 'idle') FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        total, working = cursor.fetchone()
    return bool(total <= 30 and working == 0)


async def test_a_revoked_key_ends_its_stream(monkeypatch):
    assert streaming.PING_SECONDS <= 30
    monkeypatch.setattr(streaming, "PING_SECONDS", 0.1)
    case, key = await database_threads.run(_case_and_key)
    first = await database_threads.run(telling.look, case.id, BEGINNING)
    told = streaming.stream(auth.parse(key), case.id, first)
    assert [await anext(told), await anext(told)] == [streaming.RETRY, streaming.PING]
    await database_threads.run(lambda: ApiKey.objects.update(revoked_at=Now()))
    assert {line async for line in told} <= {streaming.PING}
    assert streaming._streams()._by_case == {}


async def test_a_client_that_goes_away_leaves_nothing_behind():
    case, key = await database_threads.run(_case_and_key)
    path, headers = _path(case.id), [(b"host", b"localhost"), (b"authorization", f"Bearer {key}".encode())]
    client = ApplicationCommunicator(
        for_agents(get_asgi_application),
        {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers},
    )
    await client.send_input({"type": "http.request", "body": b""})
    assert (await client.receive_output(10))["status"] == 200
    assert (await client.receive_output(10))["body"] == streaming.RETRY.encode()
    assert streaming._streams()._by_case.keys() == {case.id}
    await client.send_input({"type": "http.disconnect"})
    await client.wait(10)
    assert streaming._streams()._by_case == {}


def _case_and_key() -> tuple[Escalation, str]:
    case = make_case()
    return case, make_key(case.agent)


def test_strangers_and_wrong_keys_are_answered_with_problems(desk, case, stranger, live_server, caller):
    with closing(Desk(live_server, stranger)) as other:
        refused = other.ask(case.id)
    caller.key = caller.key[:-1]
    with closing(Desk(live_server, caller)) as unknown:
        nobody = unknown.ask(case.id)
    wrong = desk.ask(case.id, "7")
    assert [one.status_code for one in (refused, nobody, wrong)] == [404, 401, 422]
    assert {one.headers["Content-Type"] for one in (refused, nobody, wrong)} == {"application/problem+json"}
    assert wrong.json()["errors"][0]["pointer"] == "/header/Last-Event-ID"


def test_where_no_event_loop_serves_it_a_stream_is_cut_into_answers(caller, operator):
    address = caller.opened() + "/events"
    assert caller.get(address).content.decode() == streaming.RETRY
    claim(Escalation.objects.get(), operator)
    (claimed,) = _messages(iter(caller.get(address).content.decode().split("\n")))
    assert claimed["type"] == "handoff.claimed"
    again = caller.get(address, **{"Last-Event-ID": claimed["id"]})
    assert again.content.decode() == streaming.RETRY


def test_a_case_links_to_its_stream(caller):
    assert caller.hand_off().json()["links"]["events"].endswith("/events")


@pytest.mark.parametrize(
    "text",
    [
        "7",
        "0:1:",
        "2:1:",
        "1:1:1",
        "1:9223372036854775808:",
        "1:2:~",
        "1:2:~3",
        "1:2:~3-2",
        "1:2:\n",
        "1:2:~1-0.",
    ],
)
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(ValueError, match="no cursor"):
        Cursor.parse(text)


@pytest.mark.parametrize("text", ["1:1:", "5:9:5,8", "5:9:~17-0.17-1"])
def test_a_cursor_is_read_back_as_it_was_written(text):
    assert str(Cursor.parse(text)) == text
