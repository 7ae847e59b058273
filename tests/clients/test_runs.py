"""Runs are checked, reported in batches, and sent in full where the desk draws them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from escalations.models import Handoff, Policy, Run
from handrail_client import Batching, InvalidResponse
from tests.clients.conftest import Connect
from tests.clients.strange import Said, html, problem, summary
from tests.factories import make_agent, make_key
from tests.servers import Server, wait_until

AGENT = {"name": "support", "version": "1"}
WORDS = [{"role": "user", "content": "Where is my order?"}]
NEVER = Batching(size=1000, seconds=600)


def taken(*run_ids: str, drawn: tuple[str, ...] = ()) -> Said:
    results = [{"run_id": one, "status": "accepted", "drawn": one in drawn, "errors": []} for one in run_ids]
    body = {"accepted": len(run_ids), "duplicate": 0, "refused": 0}
    return Said(200, body | {"send_in_full": list(drawn), "results": results})


@pytest.fixture
def desk(live_server: Server, connect: Connect, transactional_db: None) -> Any:
    agent = make_agent("support")
    rules = {"audit_rate": 1, "confidence": {"*": 0.7}}
    Policy.objects.create(agent=agent, number=1, rules=rules)
    return connect(live_server.url, make_key(agent), batching=NEVER)


def test_the_policy_says_whether_to_hand_off_and_why(desk):
    verdict = desk.should_escalate(agent=AGENT, confidence=0.5, confidence_source="self_report")
    assert (verdict.escalate, verdict.policy_version) == (True, 1)
    [reason] = verdict.reasons
    assert (reason.value, reason.limit) == (0.5, 0.7)
    assert verdict.handoff.reason == "low_confidence"
    assert not desk.should_escalate(agent=AGENT, confidence=0.9).escalate


def test_a_step_whose_output_fails_opens_one_case_where_the_policy_says_so(desk):
    agent = Policy.objects.get().agent
    Policy.objects.create(agent=agent, number=2, rules={"checkpoints": ["find_order"]})
    schema = {"type": "object", "properties": {"amount": {"type": "number"}}, "required": ["amount"]}
    assert desk.register_schema("find_order", schema).version == 1
    assert desk.register_schema("find_order", schema).version == 1
    assert desk.checkpoint(agent=AGENT, step="find_order", output={"amount": 3}).passed
    wrong = {"agent": AGENT, "step": "find_order", "output": {"amount": "3"}}
    wrong["handoff"] = {"kind": "takeover", "messages": WORDS}
    found = desk.checkpoint(**wrong, idempotency_key="one")
    assert (found.passed, found.classification, found.escalate) == (False, "schema_mismatch", True)
    assert [(error.pointer, error.schema_pointer) for error in found.errors] == [
        ("/amount", "/properties/amount/type")
    ]
    assert desk.checkpoint(**wrong, idempotency_key="one").handoff.id == found.handoff.id
    assert desk.get(found.handoff).is_open
    page = desk.checkpoint(agent=AGENT, step="search", output="<html>", tool_result={"http_status": 502})
    assert (page.passed, page.schema_version) == (False, None)


def test_runs_that_are_drawn_are_sent_in_full(desk):
    desk.report_run(agent=AGENT, run_id="one", category="refund", review={"messages": WORDS})
    desk.report_run(agent=AGENT, run_id="two", review=lambda: {"messages": WORDS, "summary": "All well."})
    desk.report_run(agent=AGENT, run_id="three")
    desk.report_run(agent=AGENT, run_id="four", confidence=7)
    assert not Run.objects.exists()
    answer = desk.flush()
    assert [result.status for result in answer.results] == ["accepted"] * 3 + ["refused"]
    assert answer.results[3].errors[0].pointer == "/runs/3/confidence"
    assert answer.send_in_full == ["three"]
    assert desk.send_in_full(agent=AGENT, run_id="three", messages=WORDS).is_open
    linked = dict(Run.objects.values_list("run_id", "case__kind"))
    assert linked == {"one": "review", "two": "review", "three": "review"}
    assert Handoff.objects.get(case__run_id="one").payload["category"] == "refund"
    assert desk.flush().results == []


def test_many_runs_are_reported_at_once_in_batches(desk):
    runs = [{"agent": AGENT, "run_id": str(number)} for number in range(1001)]
    answer = desk.report_runs(runs)
    assert (answer.accepted, len(answer.send_in_full), Run.objects.count()) == (1001, 1001, 1001)
    assert desk.report_runs(runs[:2]).duplicate == 2


def test_turns_and_own_cases_are_read(desk):
    cases = [desk.hand_off(agent=AGENT, kind="question", reason="policy", messages=WORDS) for _ in range(3)]
    for number in range(3):
        desk.add_messages(cases[0], [{"role": "user", "content": str(number)}])
    turns = list(desk.turns(cases[0]))
    assert [(turn.sender, turn.content) for turn in turns] == [("user", "0"), ("user", "1"), ("user", "2")]
    assert [turn.content for turn in desk.turns(cases[0], after=turns[1].id)] == ["2"]
    assert [found.id for found in desk.handoffs()] == [case.id for case in reversed(cases)]
    assert list(desk.handoffs(state="resolved")) == []
    assert desk.typing(cases[0]) is None


def test_lists_are_read_page_by_page(strange, connect):
    first = {"items": [summary()], "next_cursor": "next"}
    strange.script = [Said(200, first), html(), Said(200, {"items": [], "next_cursor": None})]
    assert len(list(connect(strange.url).handoffs(state="queued"))) == 1
    assert [heard.path.partition("?")[2] for heard in strange.heard] == [
        "state=queued",
        "state=queued&cursor=next",
        "state=queued&cursor=next",
    ]


@pytest.mark.parametrize(
    ("run_ids", "size", "seconds"), [(["1", "2"], 2, 600), (["1"], 1000, 0.1)], ids=["enough", "old"]
)
def test_runs_are_sent_once_there_are_enough_or_they_are_old(strange, connect, run_ids, size, seconds):
    told: list[Any] = []
    strange.script = [taken(*run_ids)]
    desk = connect(strange.url, batching=Batching(size, seconds, told.append))
    _report(desk, *run_ids)
    _until(desk, lambda: told)
    assert [result.run_id for result in told[0].results] == run_ids
    desk.close()
    with pytest.raises(RuntimeError, match="closed"):
        _report(desk, "3")


def test_runs_that_cannot_be_sent_are_kept_and_sent_at_the_close(strange, connect):
    strange.script = [html()]
    desk = connect(strange.url, batching=NEVER)
    _report(desk, "1", "2")
    with pytest.raises(InvalidResponse):
        desk.flush()
    _report(desk, "3")
    strange.script = [taken("1", "2", "3")]
    desk.close()
    sent = json.loads(strange.heard[-1].body)["runs"]
    assert [run["run_id"] for run in sent] == ["1", "2", "3"]
    assert all(run["finished_at"] for run in sent)


def test_a_review_that_is_refused_is_named_and_holds_up_nothing(strange, connect):
    strange.script = [taken("1", "2", drawn=("1", "2")), problem(422, "invalid-request")]
    desk = connect(strange.url, batching=NEVER)
    desk.report_run(agent=AGENT, run_id="1", review={"messages": []})
    desk.report_run(agent=AGENT, run_id="2", review=lambda: {}["lost"])
    assert desk.flush().send_in_full == ["1", "2"]
    assert desk.flush().results == []


def _report(desk: Any, *run_ids: str) -> None:
    for run_id in run_ids:
        desk.report_run(agent=AGENT, run_id=run_id)


def _until(desk: Any, true: Callable[[], object]) -> None:
    """Wait with the event loop running, if the client has one."""
    idle = getattr(desk, "idle", lambda: None)
    wait_until(lambda: idle() or true())
