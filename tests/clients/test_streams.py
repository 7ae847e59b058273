"""The client follows a case: over cuts, to its end, and hears nobody but the desk."""

from threading import Thread
from typing import Any

import pytest

from escalations import transitions
from handrail_client import Event, InvalidResponse, NotFound, Retry, StillOpen
from handrail_client.streams import Parser
from tests.clients.conftest import Connect
from tests.clients.strange import CASE_ID, Said, html, problem
from tests.factories import claim, decide, handoff, make_agent, make_key, make_operator
from tests.proxy import proxy_to
from tests.servers import Server, wait_until

FIRST = 'retry: 10\n\n: ping\n\nid: 1\nevent: handoff.claimed\ndata: {"version": 2}\n\n'
LAST = 'id: 2\nevent: handoff.resolved\ndata: {"version": 3}\n\n'
TOLD = [Event("1", "handoff.claimed", {"version": 2}), Event("2", "handoff.resolved", {"version": 3})]


def stream(text: str, **more: Any) -> Said:
    return Said(200, text, "text/event-stream", **more)


@pytest.mark.django_db(transaction=True)
def test_a_case_is_followed_over_a_cut_to_its_decision(live_server: Server, connect: Connect) -> None:
    told: list[Any] = []

    def follow() -> None:
        for event in desk.events(case, timeout=60):
            told.append(event)  # noqa: PERF402 - each is looked at as it comes

    with proxy_to(live_server.url) as line:
        desk = connect(line.url, make_key(make_agent()))
        case = desk.hand_off(**handoff(make_agent()))
        following = Thread(target=follow)
        following.start()
        lease = claim(case.id, make_operator())
        wait_until(lambda: told, what="the claim is told")
        line.go_down()
        transitions.say(lease=lease, text="I am here.")
        decide(lease)
        line.come_up()
        following.join(timeout=60)
        desk.close()
    assert [event.type for event in told] == ["handoff.claimed", "handoff.message", "handoff.resolved"]
    assert told[1].data["message"]["content"] == "I am here."
    assert (told[0].decision, told[-1].decision.decision) == (None, "approve")


@pytest.mark.django_db(transaction=True)
def test_who_comes_back_hears_what_they_missed(live_server: Server, connect: Connect) -> None:
    desk = connect(live_server.url, make_key(make_agent()))
    case = desk.hand_off(**handoff(make_agent()))
    decide(claim(case.id, make_operator()))
    first, last = list(desk.events(case, timeout=30))
    [again] = desk.events(case.id, last_event_id=first.id, timeout=30)
    assert (again.type, again.data) == (last.type, last.data)
    assert list(desk.events(case.id, last_event_id=last.id, timeout=30)) == []


@pytest.mark.django_db(transaction=True)
def test_following_a_withdrawn_case_ends(live_server: Server, connect: Connect) -> None:
    desk = connect(live_server.url, make_key(make_agent()))
    case = desk.hand_off(**handoff(make_agent()))
    desk.cancel(case)
    assert list(desk.events(case, timeout=30)) == []


@pytest.mark.parametrize(
    "said",
    [
        html(),
        html(502),
        Said(200, FIRST, "application/json"),
        Said(302, "", headers={"Location": "/elsewhere"}),
        stream("data: <html>\n\n"),
        stream("data: [1]\n\n"),
        stream('id: 9\nevent: handoff.resolved\ndata: {"version": 1}'),
        problem(503, "database-unavailable"),
    ],
)
def test_what_is_no_stream_of_the_desk_is_not_heard(strange, connect, said):
    strange.script = [stream(FIRST), said, stream(LAST)]
    assert list(connect(strange.url).events(CASE_ID, timeout=30)) == TOLD
    assert [heard.headers.get("Last-Event-ID") for heard in strange.heard] == [None, "1", "1"]


def test_a_stream_that_falls_silent_is_opened_again(strange, connect, monkeypatch):
    monkeypatch.setattr("handrail_client.calls.STREAM_SILENCE", 0.2)
    strange.script = [stream(FIRST, hangs=True), stream(LAST)]
    assert list(connect(strange.url).events(CASE_ID, timeout=30)) == TOLD


def test_a_refusal_ends_the_stream(strange, connect):
    strange.script = [problem(404, "not-found")]
    with pytest.raises(NotFound):
        list(connect(strange.url).events(CASE_ID))
    assert len(strange.heard) == 1


def test_following_through_an_outage_ends_in_time_and_says_what_was_wrong(strange, connect):
    strange.script = [html(), Said(200, "", after=10)]
    with pytest.raises(StillOpen) as still:
        list(connect(strange.url, retry=Retry(first=0.01)).events(CASE_ID, timeout=1))
    assert isinstance(still.value.__cause__, InvalidResponse)
    assert len(strange.heard) == 2


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_events_are_read_however_lines_end_and_pieces_fall(size, end):
    text = 'retry: 10\n\n: ping\n\nid: 1\nevent: a\ndata: {"x":\ndata:"ü"}\nunknown\n\nevent: gone\n\nid: 2\n'
    written = text.replace("\n", end).encode() + b"x"
    parser, found = Parser("0"), []
    for start in range(0, len(written), size):
        found += parser.feed(written[start : start + size])
    assert found == [Event("1", "a", {"x": "ü"})]
    assert (parser.last_id, parser.retry) == ("1", 0.01)


def test_what_has_no_end_is_heard_no_longer(monkeypatch):
    monkeypatch.setattr("handrail_client.streams._LONGEST", 500)
    parser = Parser("")
    parser.feed(b"data: 0123456789\n" * 20)
    with pytest.raises(InvalidResponse):
        parser.feed(b"data: 0123456789\n" * 30)
