"""What is no answer of the desk is never taken for one, and a desk that fails is left alone."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from handrail_client import (
    AsyncHandrail,
    Breaker,
    Case,
    CaseSummary,
    CheckFields,
    CheckpointFields,
    CheckpointResult,
    CheckReason,
    CircuitOpen,
    Decision,
    DeskFailed,
    HandoffFields,
    Handrail,
    InvalidResponse,
    NotPossibleNow,
    OutputError,
    RateLimited,
    RegisteredSchema,
    Retry,
    RunFields,
    RunsTaken,
    RunTaken,
    StillOpen,
    Turn,
    Unreachable,
    Verdict,
)
from handrail_client.answers import CasePage, TurnPage
from handrail_client.decoding import members
from tests.clients.strange import CASE_ID, Said, case, html, problem
from tests.clients.test_runs import taken
from tests.threads import at_once

FIELDS: dict[str, Any] = {
    "agent": {"name": "support", "version": "1"},
    "kind": "question",
    "reason": "policy",
    "messages": [{"role": "user", "content": "Hello"}],
}
RUN: Any = {"agent": FIELDS["agent"], "run_id": "1"}
VERDICT = {"escalate": False, "reasons": [], "policy_version": None, "handoff": None}
SCHEMA = {"step": "one", "version": 1, "schema": {}, "created_at": "2026-01-01T00:00:00Z"}
OPENAPI = Path(__file__).parents[2] / "docs" / "openapi.json"


@pytest.mark.parametrize(
    "said",
    [
        html(201),
        html(404),
        html(502),
        Said(201, json.dumps(case()), "text/html"),
        Said(201, json.dumps(case())[:-9]),
        Said(201, "[" * 100_000),
        Said(201, []),
        Said(201, {"ok": True}),
        Said(201, case(version="1")),
        Said(201, case(version=True)),
        Said(201, case(ahead=float("nan"))),
        Said(201, case(received_at="yesterday")),
        Said(201, case(decision={"decision": "approve"})),
        Said(200, case()),
        Said(302, "", headers={"Location": "/elsewhere"}),
        Said(403, {"detail": "You are blocked."}, "application/problem+json"),
    ],
)
def test_what_is_not_documented_is_no_answer_and_is_tried_again(strange, connect, said):
    strange.script = [said, said, Said(201, case())]
    assert connect(strange.url).hand_off(**FIELDS).id == CASE_ID
    assert len(strange.heard) == 3
    [sent] = {(heard.headers["Idempotency-Key"], heard.body) for heard in strange.heard}
    assert sent[0]


@pytest.mark.parametrize(
    ("call", "status", "answer"),
    [
        (lambda desk: desk.should_escalate(agent=FIELDS["agent"]), 200, VERDICT),
        (lambda desk: desk.report_runs([RUN]), 200, taken("1").body),
        (lambda desk: desk.register_schema("one", {}), 201, SCHEMA),
        (lambda desk: list(desk.turns(CASE_ID)), 200, {"items": [], "cursor": "0", "has_more": False}),
        (lambda desk: list(desk.handoffs()), 200, {"items": [], "next_cursor": None}),
    ],
)
def test_what_is_not_documented_is_no_answer_to_anything(strange, connect, call, status, answer):
    strange.script = [
        html(status),
        Said(status, json.dumps(answer)[:-2]),
        Said(307, "", headers={"Location": "/elsewhere"}),
        Said(status, answer),
    ]
    call(connect(strange.url))
    assert [heard.path for heard in strange.heard] == [strange.heard[0].path] * 4


def test_no_redirect_is_followed_with_the_key_whatever_the_caller_s_own_client_does(strange):
    strange.script = [Said(307, "", headers={"Location": "/elsewhere"}), Said(200, case())]
    with (
        httpx.Client(follow_redirects=True) as http,
        Handrail(strange.url, "hr_key", retry=Retry(first=0.01), http=http) as desk,
    ):
        desk.get(CASE_ID)
    assert "/elsewhere" not in [heard.path for heard in strange.heard]


def test_a_call_gives_up_in_the_end(strange, connect):
    strange.script = [html()]
    with pytest.raises(InvalidResponse, match="text/html"):
        connect(strange.url).get(CASE_ID)
    assert len(strange.heard) == 5


def test_each_call_has_a_key_of_its_own(strange, connect):
    strange.script = [Said(201, case())]
    desk = connect(strange.url)
    desk.hand_off(**FIELDS)
    desk.hand_off(**FIELDS)
    assert len({heard.headers["Idempotency-Key"] for heard in strange.heard}) == 2


def test_an_answer_about_another_handoff_is_none(strange, connect):
    strange.script = [Said(200, case(id="0199a0b0-0000-7000-8000-000000000002")), Said(200, case())]
    assert connect(strange.url).get(CASE_ID).id == CASE_ID


def test_a_wait_takes_no_old_copy_for_news(strange, connect):
    old = Said(200, case(version=3))
    strange.script = [old, old, Said(200, case(version=4, state="expired"))]
    assert connect(strange.url).wait(CASE_ID, timeout=30).version == 4
    assert ["after_version=0" in heard.path for heard in strange.heard] == [True, False, False]


def test_a_wait_over_an_outage_ends_in_time(strange, connect):
    strange.script = [html()]
    started = time.monotonic()
    with pytest.raises(StillOpen) as still:
        connect(strange.url).wait(CASE_ID, timeout=0.3)
    assert still.value.case is None
    assert isinstance(still.value.__cause__, InvalidResponse)
    assert time.monotonic() - started < 5


def test_a_refusal_for_good_is_not_tried_again(strange, connect):
    strange.script = [problem(409, "case-closed")]
    with pytest.raises(NotPossibleNow):
        connect(strange.url).cancel(CASE_ID)
    assert len(strange.heard) == 1


@pytest.mark.parametrize(
    ("status", "slug"), [(409, "request-in-flight"), (409, "decision-pending"), (500, "server-error")]
)
def test_a_refusal_for_now_is_tried_again(strange, connect, status, slug):
    strange.script = [problem(status, slug), Said(200, case())]
    connect(strange.url).cancel(CASE_ID)
    assert len(strange.heard) == 2


def test_the_desk_is_not_asked_before_it_wants_to_be(strange, connect):
    strange.script = [problem(503, "database-unavailable", Retry_After="1"), Said(200, case())]
    started = time.monotonic()
    connect(strange.url).get(CASE_ID)
    assert time.monotonic() - started >= 1


def test_a_pause_beyond_all_patience_is_told_instead(strange, connect):
    strange.script = [problem(429, "too-many-requests", Retry_After="3600")]
    with pytest.raises(RateLimited) as refused:
        connect(strange.url).get(CASE_ID)
    assert refused.value.retry_after == 3600
    assert len(strange.heard) == 1


def test_a_desk_that_fails_is_left_alone_until_one_request_finds_it_well(strange, connect):
    strange.script = [html(502)]
    now = [0.0]
    desk = connect(strange.url, breaker=Breaker(failures=3, cooldown=30, clock=lambda: now[0]))
    with pytest.raises(CircuitOpen):
        desk.get(CASE_ID)
    with pytest.raises(CircuitOpen) as closed:
        desk.get(CASE_ID)
    assert closed.value.retry_after == 30
    assert len(strange.heard) == 3

    strange.script = [Said(200, case())]
    now[0] += closed.value.retry_after
    assert desk.get(CASE_ID).id == CASE_ID


def test_refusals_do_not_open_the_circuit(strange, connect):
    strange.script = [problem(409, "case-closed")]
    desk = connect(strange.url, breaker=Breaker(failures=2))
    for _ in range(4):
        with pytest.raises(NotPossibleNow):
            desk.cancel(CASE_ID)
    assert len(strange.heard) == 4


def test_half_open_lets_one_request_in():
    now = [0.0]
    breaker = Breaker(failures=1, cooldown=30, clock=lambda: now[0])
    breaker.record(outage=True)
    assert breaker.enter() == 30
    now[0] = 30
    assert breaker.enter() == 0
    assert breaker.enter() > 0
    breaker.record(outage=True)
    assert breaker.enter() == 30
    now[0] = 60
    assert breaker.enter() == 0
    breaker.release()
    assert breaker.enter() == 0
    breaker.record(outage=False)
    assert [breaker.enter(), breaker.enter()] == [0, 0]


def test_one_of_many_threads_tries_whether_the_desk_is_well():
    now = [0.0]
    breaker = Breaker(failures=1, cooldown=30, clock=lambda: now[0])
    breaker.record(outage=True)
    now[0] = 31
    pauses = at_once([breaker.enter] * 16)
    assert pauses.count(0) == 1


async def test_a_cancelled_task_gives_its_try_back(strange):
    strange.script = [html(502), Said(200, case(), after=5), Said(200, case())]
    once, breaker = Retry(attempts=1), Breaker(failures=1, cooldown=0.05)
    async with AsyncHandrail(strange.url, "hr_key", retry=once, breaker=breaker) as desk:
        with pytest.raises(InvalidResponse):
            await desk.get(CASE_ID)
        await asyncio.sleep(0.1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await desk.get(CASE_ID)
        assert (await desk.get(CASE_ID)).id == CASE_ID


def test_an_answer_that_never_ends_is_read_no_further(strange, connect):
    strange.script = [Said(200, '{"id": ', drips=True), Said(200, case(version=2, state="expired"))]
    started = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("handrail_client.calls.WAIT_MARGIN", 0.5)
        assert connect(strange.url).wait(CASE_ID, timeout=30).version == 2
    assert time.monotonic() - started < 5


def test_a_desk_that_is_not_there_is_unreachable(strange, connect):
    desk = connect("http://127.0.0.1:9", retry=Retry(attempts=2, first=0.01))
    with pytest.raises(Unreachable):
        desk.get(CASE_ID)


def test_a_desk_that_says_that_it_failed_is_believed(strange, connect):
    strange.script = [problem(500, "server-error")]
    with pytest.raises(DeskFailed) as failed:
        connect(strange.url).get(CASE_ID)
    assert failed.value.problem.slug == "server-error"


def test_what_cannot_be_redacted_is_not_sent(strange, connect):
    def redact(body: dict[str, Any]) -> dict[str, Any]:
        raise LookupError(body["kind"])

    with pytest.raises(LookupError):
        connect(strange.url, redact=redact).hand_off(**FIELDS)
    assert not strange.heard


def test_pauses_are_drawn_from_all_between_zero_and_a_doubling_bound():
    retry = Retry(first=1, longest=10)
    for failed, bound in [(1, 1), (3, 4), (9, 10), (2000, 10)]:
        pauses = [retry.pause(failed) for _ in range(300)]
        assert 0 <= min(pauses) < bound * 0.1
        assert bound * 0.9 < max(pauses) <= bound


def test_what_the_client_needs_is_what_the_desk_documents():
    schemas = json.loads(OPENAPI.read_text())["components"]["schemas"]
    documented = [Case, CasePage, CaseSummary, TurnPage, Verdict, CheckReason, RunsTaken, RunTaken]
    documented += [CheckpointResult, OutputError, RegisteredSchema]
    named = [(kind, kind.__name__) for kind in documented]
    named += [(Turn, "ConversationTurn"), (Decision, "Decision")]
    for kind, name in named:
        assert {one.name for one in members(kind) if one.is_required} <= set(schemas[name]["required"])


SAID = [(HandoffFields, "HandoffIn"), (CheckFields, "CheckIn"), (RunFields, "RunIn")]


@pytest.mark.parametrize(("fields", "name"), [*SAID, (CheckpointFields, "OutputIn")])
def test_all_that_the_desk_takes_can_be_said(fields, name):
    schema = json.loads(OPENAPI.read_text())["components"]["schemas"][name]
    assert set(fields.__annotations__) == set(schema["properties"])
    dated = {"finished_at"} if fields is RunFields else set()  # it is now, unless it is said
    assert fields.__required_keys__ | dated == set(schema["required"])
