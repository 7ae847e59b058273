"""Checkpoints: schemas of steps, what is found in outputs, and the case that a failure opens."""

import json
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest

from agents_api.documentation import examples
from escalations.models import (
    AgentVersion,
    AuditEntry,
    Checkpoint,
    CheckpointSchema,
    Escalation,
    Event,
    IdempotencyRecord,
)
from escalations.sla.clocks import database_now
from tests.agents_api.conftest import Caller, pointers
from tests.factories import make_agent, make_key
from tests.threads import at_once

pytestmark = pytest.mark.django_db

URL = "/api/v1/checkpoints"
AGENT = {"name": "support", "version": "2.3"}
ORDER = examples.SCHEMA["schema"]
GOOD = {"order": "W100", "amount": 900}


def register(caller, schema=ORDER, step="find_order"):
    headers = {"Authorization": f"Bearer {caller.key}"}
    body = json.dumps({"schema": schema})
    return caller.client.put(f"{URL}/{step}", body, content_type="application/json", headers=headers)


def check(caller, output=None, *, key=None, **more):
    asked = {"agent": AGENT, "step": "find_order", "output": output} | more
    return caller.post(URL, asked, **({"Idempotency-Key": key} if key else {}))


def found(caller, output=None, **more):
    answer = check(caller, output, **more)
    assert answer.status_code == 200, answer.content
    return answer.json()


def a_handoff(**overrides):
    return examples.CHECKPOINT["handoff"] | overrides


@pytest.fixture
def strict(caller):
    """The agent's policy wants a person when any checkpoint fails; a step has a schema."""
    make_agent(rules={"checkpoints": ["*"]})
    assert register(caller).status_code == 201
    return caller


def test_a_changed_schema_is_a_new_version_and_an_equal_one_is_not(caller):
    first = register(caller)
    assert (first.status_code, first.json()["version"], first.json()["schema"]) == (201, 1, ORDER)
    again = register(caller, dict(reversed(ORDER.items())))
    assert (again.status_code, again.json()) == (200, first.json())
    changed = register(caller, {"type": "object"})
    assert (changed.status_code, changed.json()["version"]) == (201, 2)
    assert register(caller).json()["version"] == 3  # back again, and a version of its own
    assert AuditEntry.objects.filter(action="checkpoint.schema").count() == 3
    old, new = (found(caller, {"any": 1}, **one) for one in ({"schema_version": 2}, {}))
    assert (old["passed"], old["schema_version"]) == (True, 2)
    assert (new["passed"], new["schema_version"]) == (False, 3)


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"properties": {"a": {"type": "nothing"}}}, "/schema/properties/a/type"),
        ({"items": {"$ref": "https://evil.example/schema"}}, "/schema/items/$ref"),
        ([], "/schema"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused(caller, schema, pointer):
    refused = register(caller, schema)
    assert (refused.status_code, pointers(refused)) == (422, [pointer])
    assert not CheckpointSchema.objects.exists()
    assert not AuditEntry.objects.filter(action="checkpoint.schema").exists()


@pytest.mark.parametrize("step", ["a b", "x" * 61, "-a", "%00"])
def test_a_step_has_a_plain_name(caller, step):
    assert register(caller, step=step).status_code in (404, 422)


def test_schemas_are_listed_by_pages_and_each_agent_sees_its_own(caller, stranger):
    for number in range(3):
        register(caller, {"minItems": number}, step="a")
    register(caller, step="b")
    register(stranger, step="c")
    one = caller.get(f"{URL}?limit=3").json()
    two = caller.get(f"{URL}?limit=3&cursor={one['next_cursor']}").json()
    seen = [(row["step"], row["version"]) for row in one["items"] + two["items"]]
    assert seen == [("b", 1), ("a", 3), ("a", 2), ("a", 1)]
    assert two["next_cursor"] is None
    assert [row["version"] for row in caller.get(f"{URL}?step=a").json()["items"]] == [3, 2, 1]
    assert pointers(caller.get(f"{URL}?cursor=xx")) == ["/query/cursor"]
    assert pointers(caller.get(f"{URL}?colour=red")) == ["/query/colour"]


@pytest.mark.parametrize(
    ("output", "tool", "classification"),
    [
        (GOOD, None, "ok"),
        (json.dumps(GOOD), {}, "ok"),
        (json.dumps(GOOD), None, "schema_mismatch"),
        ({"order": "W100"}, None, "schema_mismatch"),
        ("Error handling is hard.", None, "schema_mismatch"),
        (None, None, "empty"),
        (" \n", {}, "empty"),
        ("null", {}, "empty"),
        (GOOD, {"status": "timeout"}, "timeout"),
        (GOOD, {"duration_ms": 10_000, "timeout_ms": 10_000}, "timeout"),
        (GOOD, {"duration_ms": 9_999, "timeout_ms": 10_000}, "ok"),
        (None, {"http_status": 504}, "timeout"),
        ("Error: request timed out", {}, "timeout"),
        ({"error": "deadline exceeded"}, {}, "timeout"),
        ("<html><title>502 Bad Gateway</title></html>", {"http_status": 502}, "http_error"),
        ({"error": {"message": "rate limit reached"}}, {"http_status": 200}, "http_error"),
        (GOOD, {"status": "error"}, "http_error"),
        (GOOD, {"http_status": 304}, "ok"),
        ("<!DOCTYPE html><p>Please sign in</p>", {"http_status": 200}, "html_not_json"),
        ("<!DOCTYPE html><p>Please sign in</p>", None, "html_not_json"),
        ("Please sign in", {"content_type": "text/html; charset=utf-8"}, "html_not_json"),
        ('{"order": "W1', {}, "schema_mismatch"),
        ('{"order": "\\ud800", "amount": 1}', {}, "schema_mismatch"),
        ("[" * 5_000, {}, "schema_mismatch"),
        (GOOD | {"amount": "NaN"}, {}, "schema_mismatch"),
        ({"stale": True} | GOOD, {}, "stale"),
        (GOOD, {"observed_at": "2026-01-01T00:00:00Z", "max_age_seconds": 60}, "stale"),
        (GOOD, {"observed_at": "2026-01-01T00:00:00Z"}, "ok"),
    ],
)
def test_what_is_wrong_is_told_apart(strict, output, tool, classification):
    more = {} if tool is None else {"tool_result": tool}
    answer = found(strict, output, **more)
    assert answer["classification"] == classification
    assert answer["passed"] == (classification == "ok")
    assert answer["escalate"] == (not answer["passed"])
    assert bool(answer["detail"]) == (not answer["passed"])
    kept = Checkpoint.objects.get()
    assert (kept.fault, kept.passed, kept.schema.number) == (classification, answer["passed"], 1)


def test_an_answer_that_is_fresh_enough_passes(strict):
    moment = (database_now() - timedelta(seconds=30)).isoformat()
    tool = {"observed_at": moment, "max_age_seconds": 60}
    assert found(strict, GOOD, tool_result=tool)["classification"] == "ok"


def test_what_the_schema_lets_pass_is_neither_empty_nor_of_the_wrong_kind(caller):
    register(caller, {"type": ["string", "null"]})
    for output in ("", None, "<html>", '{"a'):
        assert found(caller, output, tool_result={})["classification"] == "ok", output


def test_what_fits_its_schema_must_say_plainly_that_it_failed(caller):
    register(caller, {"type": "object"})
    product = {"code": 450, "title": "Lamp"}
    assert found(caller, product, tool_result={})["classification"] == "ok"
    assert found(caller, product | {"error": "timed out"}, tool_result={})["classification"] == "timeout"
    assert found(caller, {"error": "2 validation errors for Order"}, tool_result={})["passed"] is False
    assert found(caller, product, tool_result={}, step="another")["classification"] == "http_error"
    failed = {"status": "error"}
    assert found(caller, product, tool_result=failed)["classification"] == "http_error"


def test_a_tool_without_a_schema_is_checked_for_what_it_did(caller):
    answer = found(caller, "<html>", tool_result={"name": "fetch"}, step="fetch")
    assert (answer["classification"], answer["schema_version"]) == ("html_not_json", None)
    assert found(caller, {"any": 1}, tool_result={}, step="fetch")["passed"]
    assert pointers(check(caller, {"any": 1}, step="fetch")) == ["/step"]
    assert pointers(check(caller, {"any": 1}, step="fetch", tool_result={}, schema_version=1)) == [
        "/schema_version"
    ]


def test_the_answer_says_where_and_by_which_rule(strict):
    answer = found(strict, {"order": "100", "amount": -1, "more": True})
    places = {(error["pointer"], error["schema_pointer"]) for error in answer["errors"]}
    assert places == {
        ("/order", "/properties/order/pattern"),
        ("/amount", "/properties/amount/minimum"),
        ("", "/additionalProperties"),
    }
    assert answer["more_errors"] == 0
    assert [reason["code"] for reason in answer["reasons"]] == ["checkpoint"]
    assert answer["hand_off_as"] == {"kind": "takeover", "reason": "checkpoint_failed"}
    assert answer["handoff"] is None
    kept = Checkpoint.objects.get()
    assert len(kept.errors) == 3
    assert "100" not in json.dumps(kept.errors)


def test_the_policy_says_whether_a_failure_needs_a_person(caller):
    register(caller)
    assert found(caller, {}, handoff=a_handoff())["escalate"] is False
    make_agent(rules={"checkpoints": ["another_step"]})
    assert found(caller, {}, handoff=a_handoff())["escalate"] is False
    make_agent(rules={"checkpoints": ["find_order"]})
    assert found(caller, GOOD, handoff=a_handoff())["handoff"] is None
    assert not Escalation.objects.exists()
    answer = found(caller, {}, handoff=a_handoff())
    case = Escalation.objects.get()
    assert answer["handoff"]["id"] == str(case.id)
    assert answer["handoff"]["links"]["self"].endswith(f"/api/v1/handoffs/{case.id}")
    assert (case.reason, case.kind, case.headline) == (
        "checkpoint_failed",
        "takeover",
        "The order could not be read.",
    )
    assert case.handoff.payload == a_handoff()
    assert case.checkpoint.passed is False
    assert caller.get(f"/api/v1/handoffs/{case.id}").json()["state"] == "queued"


def test_a_repeated_request_gets_the_first_answer_whatever_changed(strict):
    first = check(strict, {}, key="k1", handoff=a_handoff())
    register(strict, {})
    make_agent(rules={})
    again = check(strict, {}, key="k1", handoff=a_handoff())
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert (Escalation.objects.count(), Checkpoint.objects.count()) == (1, 1)
    other = check(strict, {"other": 1}, key="k1", handoff=a_handoff())
    assert other.json()["type"].endswith("idempotency-key-reused")
    elsewhere = strict.post("/api/v1/handoffs", a_handoff(), **{"Idempotency-Key": "k1"})
    assert elsewhere.json()["type"].endswith("idempotency-key-reused")


def test_what_is_refused_leaves_no_trace(strict):
    tables = (AgentVersion, AuditEntry, Checkpoint, Escalation, Event, IdempotencyRecord)
    before = [model.objects.count() for model in tables]
    nowhere = check(strict, {}, handoff=a_handoff(routing={"queue": "nowhere"}))
    assert pointers(nowhere) == ["/handoff/routing/queue"]
    message = check(strict, {}, handoff=a_handoff(messages=[{"role": "user", "content": 7}]))
    assert message.status_code == 422
    assert pointers(message)[0].startswith("/handoff/messages/0")
    reason = check(strict, {}, handoff=a_handoff(reason="other"))
    assert pointers(reason) == ["/handoff/reason"]
    other = a_handoff(agent=AGENT | {"version": "9"})
    assert pointers(check(strict, {}, handoff=other)) == ["/handoff"]
    assert check(strict, {}, agent=AGENT | {"name": "billing"}).status_code == 403
    keyless = {"agent": AGENT, "step": "find_order", "handoff": a_handoff()}
    refused = strict.post(URL, keyless, **{"Idempotency-Key": ""})
    assert refused.json()["type"].endswith("idempotency-key-missing")
    assert strict.post(URL, b"{").status_code == 400
    assert [model.objects.count() for model in tables] == before


def test_another_agents_schema_is_not_seen(strict, stranger):
    other = {"name": "billing", "version": "1"}
    assert pointers(check(stranger, GOOD, agent=other)) == ["/step"]
    assert found(strict, GOOD)["passed"]


@pytest.mark.django_db(transaction=True)
def test_equal_requests_at_once_open_one_case_and_get_one_answer():
    agent = make_agent(rules={"checkpoints": ["*"]})
    key = make_key(agent)
    registered = at_once([partial(register, Caller(agent, key)) for _ in range(6)])
    assert sorted(answer.status_code for answer in registered) == [200] * 5 + [201]
    once = str(uuid4())
    jobs = [partial(check, Caller(agent, key), {}, key=once, handoff=a_handoff()) for _ in range(20)]
    answers = at_once(jobs)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert (Escalation.objects.count(), Checkpoint.objects.count()) == (1, 1)
    assert (CheckpointSchema.objects.count(), AgentVersion.objects.count()) == (1, 1)
