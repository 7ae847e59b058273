"""What a run did reaches the desk: all of it with a handoff, its figures without."""

import asyncio
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from escalations.models import Escalation, Handoff, Run
from handrail_client import Agent, AsyncAgent, AsyncHandrail, Handrail, current_run, escalates, fault_of
from tests.clients.agents import any_agent
from tests.clients.strange import Said
from tests.factories import make_agent

ASKED = httpx.Request("GET", "https://shop.example")
on_the_desk = pytest.mark.django_db(transaction=True)


@on_the_desk
def test_a_run_that_is_handed_off_brings_all_that_it_did(agent):
    with agent.run(conversation_id="c1", category="refund", run_id="r1") as run:
        run.say("user", "Where is my lamp?")
        with run.step("find the order", input={"user": 7}) as step:
            with run.tool("lookup_order", {"id": "W1"}) as call:
                call.result = {"id": "W1", "state": "lost"}
            with run.step("read it"):
                time.sleep(0.01)
            step.output = "W1"
        with run.tool("track", {"id": "W1"}) as call:
            call.result = httpx.Response(200, html="<html>Sign in</html>")
        with run.step("plan") as step:
            step.output = {"refund": -1}
            step.checked(False, ["/refund: less than 0"], schema="plan")
        run.used(context_tokens=900, cost_usd=0.1, retries=1)
        run.used(context_tokens=1200, cost_usd="0.02")
        run.sure(0.3, source="judge")
        run.context["facts"]["order"] = "W1"
        case = agent.call(run.hand_off, "question", "low_confidence", question="Refund the lamp?")
    assert case.id == run.case.id == Escalation.objects.get().id

    sent = Handoff.objects.get().payload
    steps = [(step["id"], step["name"], step["status"], step["message_index"]) for step in sent["steps"]]
    assert steps == [
        ("1", "find the order", "ok", 0),
        ("1.1", "lookup_order", "ok", 1),
        ("1.2", "read it", "ok", 2),
        ("2", "track", "failed", 3),
        ("3", "plan", "failed", 4),
    ]
    assert [message["role"] for message in sent["messages"]] == [
        "user",
        "assistant",
        "tool",
        "assistant",
        "tool",
    ]
    assert sent["steps"][1]["output"] == {"id": "W1", "state": "lost"}
    assert sent["steps"][3]["checkpoint"]["errors"] == ["HTML instead of data"]
    assert sent["steps"][4]["checkpoint"] == {
        "schema": "plan",
        "passed": False,
        "errors": ["/refund: less than 0"],
    }
    assert all(step["started_at"] <= step["ended_at"] for step in sent["steps"])
    usage = sent["usage"]
    assert (usage["turns"], usage["context_tokens"], usage["cost_usd"], usage["retries"]) == (
        2,
        1200,
        "0.12",
        1,
    )
    assert usage["seconds"] >= 0.01
    assert (sent["run_id"], sent["conversation_id"], sent["confidence"]) == ("r1", "c1", 0.3)
    assert sent["context"]["facts"] == {"order": "W1"}
    agent.call(agent.agent.desk.flush)
    assert not Run.objects.exists()


@on_the_desk
def test_a_run_that_nobody_saw_is_reported_and_audited_if_drawn(agent):
    make_agent(rules={"audit_rate": 1})
    with agent.run(run_id="r1") as run:
        run.say("user", "Hello")
        run.say("assistant", "Hello!")
        run.sure(0.9)
        with pytest.raises(LookupError), run.tool("lookup_order"):
            raise LookupError("no such order")
    agent.call(agent.agent.desk.flush)
    reported = Run.objects.get()
    assert (reported.run_id, reported.confidence, reported.turns) == ("r1", 0.9, 2)
    assert (reported.tool_errors, reported.drawn) == (1, True)
    assert Escalation.objects.get().kind == "review"
    sent = Handoff.objects.get().payload
    assert sent["messages"][:2] == [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hello!"},
    ]
    assert sent["steps"][0]["status"] == "error"


@on_the_desk
def test_an_error_ends_its_step_and_goes_on(agent):
    with pytest.raises(ZeroDivisionError), agent.run() as run, run.step("divide"), run.step("by zero"):
        1 / 0  # noqa: B018
    with pytest.raises(KeyError), agent.run() as other:
        raise KeyError("lamp")
    assert [(step.name, step.status) for step in run.steps] == [("divide", "error"), ("by zero", "error")]
    assert [(step.name, step.output) for step in other.steps] == [("unexpected error", "KeyError: 'lamp'")]
    assert current_run() is None
    agent.call(agent.agent.desk.flush)
    assert Run.objects.count() == 2


@on_the_desk
def test_the_policy_hears_what_was_recorded(agent):
    make_agent(rules={"tool_failures": 1, "checkpoints": ["plan"]})
    with agent.run() as run:
        for _ in range(2):
            with pytest.raises(TimeoutError), run.tool("lookup_order"):
                raise TimeoutError
        with run.step("plan") as step:
            step.checked(False)
        verdict = agent.call(run.should_escalate)
    assert {reason.subject for reason in verdict.reasons} == {"tool_failures", "plan"}


@on_the_desk
def test_the_desk_checks_an_output_and_takes_what_fails(agent):
    make_agent(rules={"checkpoints": ["plan"]})
    schema = {"type": "object", "properties": {"refund": {"type": "integer", "minimum": 0}}}
    agent.call(agent.agent.desk.register_schema, "plan", schema)
    with agent.run() as run:
        found = agent.call(run.checkpoint, "plan", {"refund": -1}, hand_off=True)
        assert agent.call(run.checkpoint, "plan", {"refund": 1}, hand_off=True).handoff is None
    assert found.classification == "schema_mismatch"
    case = Escalation.objects.get()
    assert (case.id, case.kind, case.reason) == (found.handoff.id, "takeover", "checkpoint_failed")
    [sent] = Handoff.objects.get().payload["steps"]
    assert (sent["name"], sent["output"]) == ("plan", {"refund": -1})
    assert (sent["checkpoint"]["schema"], sent["checkpoint"]["passed"]) == ("plan 1", False)
    assert sent["checkpoint"]["errors"][0]["pointer"] == "/refund"
    assert [(step.id, step.status) for step in run.steps] == [("1", "failed"), ("2", "ok")]


async def test_a_checkpoint_belongs_to_the_step_that_is_under_way(strange):
    strange.script = [
        Said(
            200,
            {
                "passed": False,
                "classification": "empty",
                "detail": "an empty answer",
                "schema_version": None,
                "errors": [],
                "more_errors": 0,
                "escalate": False,
                "reasons": [],
                "policy_version": None,
                "hand_off_as": None,
                "handoff": None,
            },
        )
    ]
    async with AsyncHandrail(strange.url, "hr_key") as desk:
        run = AsyncAgent(desk, "support", "2.3").run()
        with run.step("plan"):
            await run.checkpoint("plan", None, tool_result={"status": "ok"})
        [step] = run.steps
    assert step.document()["checkpoint"] == {
        "schema": "plan",
        "passed": False,
        "errors": [{"pointer": "", "detail": "an empty answer"}],
    }


def test_a_desk_that_is_away_spoils_no_run(runner):
    agent = any_agent("http://127.0.0.1:9", "hr_key", runner)
    with agent.run() as run:
        run.say("user", "Hello")
    agent.close()


def test_runs_at_once_are_not_mixed():
    @escalates(below=0.5)
    async def answer(question: str) -> tuple[str, float]:
        await asyncio.sleep(0.01)
        return question, 1.0

    async def one(agent: AsyncAgent, number: int) -> list[Any]:
        async with agent.run(run_id=str(number)) as run:
            await asyncio.gather(*[answer(f"{number}") for _ in range(3)])
            assert current_run() is run
        return [step.output for step in run.steps]

    async def all_at_once() -> list[list[Any]]:
        async with AsyncHandrail("http://127.0.0.1:9", "hr_key") as desk:
            agent = AsyncAgent(desk, "support", "2.3")
            return await asyncio.gather(*[one(agent, number) for number in range(5)])

    found = asyncio.run(all_at_once())
    assert found == [[[str(number), 1.0]] * 3 for number in range(5)]


def test_threads_may_record_in_one_run():
    agent = Agent(Handrail("http://127.0.0.1:9", "hr_key"), "support", "2.3")
    run = agent.run()

    def work(number: int) -> None:
        with run.tool("lookup", {"number": number}) as call:
            call.result = number

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(100)))
    state = run.full_state()
    assert sorted(int(step["id"]) for step in state["steps"]) == list(range(1, 101))
    for step in state["steps"]:
        [call] = state["messages"][step["message_index"]]["tool_calls"]
        assert json.loads(call["function"]["arguments"]) == step["input"]
        assert state["messages"][step["message_index"] + 1]["tool_call_id"] == call["id"]


@on_the_desk
def test_whatever_a_run_did_can_be_handed_off(agent):
    strange = {
        "nan": math.nan,
        "nul": "a\0b",
        "half": "\ud800",
        "bytes": b"\xff",
        "when": datetime.now(UTC),
        1: {2, 3},
        "object": object(),
        "huge": 10**400,
    }
    deep: list[Any] = []
    for _ in range(1000):
        deep = [deep]
    with agent.run() as run:
        for number in range(2100):
            run.say("user", f"{number}: " + "x" * 3_000)
        with run.step("strange", input=strange) as step:
            step.output = deep
        agent.call(run.hand_off, "review", "other")
    sent = Handoff.objects.get().payload
    assert len(sent["messages"]) == 2000
    assert sent["messages"][-1]["content"].startswith("2099: ")
    assert sent["steps"][0]["message_index"] == 1999
    assert sent["steps"][0]["input"]["nul"] == "a\ufffdb"


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        ("42 lamps", None),
        ({"status": 200, "message": "fine"}, None),
        ({"code": 404, "lamp": "red"}, None),
        ([1], None),
        (httpx.Response(200, json={"a": 1}), None),
        (0, None),
        (None, "empty"),
        ("  ", "empty"),
        ({}, "empty"),
        (TimeoutError(), "timeout"),
        (httpx.ReadTimeout("slow"), "timeout"),
        (httpx.Response(504), "timeout"),
        (httpx.Response(500), "http_error"),
        ({"error": "no", "status": 502}, "http_error"),
        (
            httpx.HTTPStatusError("no", request=httpx.Request("GET", "/"), response=httpx.Response(403)),
            "http_error",
        ),
        (httpx.Response(200, html="<p>Hello"), "html_not_json"),
        ("<!doctype html><title>Sign in", "html_not_json"),
        (b'{"lamp": "re', "schema_mismatch"),
        ('{"error": "the request timed out"}', "timeout"),
        ({"stale": True, "price": 3}, "stale"),
        (LookupError("lamp"), "exception"),
    ],
)
def test_faults_of_tools_are_told_apart(result, kind):
    fault = fault_of(result)
    assert (fault and fault.kind) == kind
