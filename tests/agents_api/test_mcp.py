"""The desk as an MCP server, message by message. The official client is in tests/frameworks."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import jsonschema_rs
import pytest
from django.db.models.functions import Now
from django.http import HttpResponse

from agents_api.auth import new_key
from agents_api.mcp import protocol
from agents_api.mcp.tools import TOOLS
from escalations import transitions
from escalations.models import ApiKey, Delivery, Escalation, Turn, WaitingFor
from tests.agents_api.conftest import Caller
from tests.factories import claim, decide, make_agent
from tests.servers import Server
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

LABELS = transitions.Labels(disposition="approve", agent_correct="yes", failure_primary="none")
_numbers = count(1)
_ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": protocol.CURRENT,
    "io.modelcontextprotocol/clientCapabilities": {},
}


def message(method: str, params: dict[str, Any] | None = None, **meta: Any) -> dict[str, Any]:
    """A request of the current revision."""
    said = (params or {}) | {"_meta": _ENVELOPE | meta}
    return {"jsonrpc": "2.0", "id": next(_numbers), "method": method, "params": said}


def headers_of(document: dict[str, Any]) -> dict[str, str]:
    headers = {"MCP-Protocol-Version": protocol.CURRENT, "Mcp-Method": document["method"]}
    name = document["params"].get("name")
    return headers | ({"Mcp-Name": name} if name else {})


@dataclass
class Model:
    """An agent whose client speaks the current revision."""

    caller: Caller

    def ask(self, method: str, params: dict[str, Any] | None = None) -> Any:
        document = message(method, params)
        answer = self.caller.post("/mcp", document, **headers_of(document))
        assert answer.status_code == 200, answer.content
        assert answer.json()["id"] == document["id"]
        return answer.json()["result"]

    def call(self, tool: str, meta: dict[str, Any] | None = None, **arguments: Any) -> Any:
        """What a tool answers; it does not wait unless `wait_seconds` says so."""
        if tool != "should_escalate":
            arguments = {"wait_seconds": 0} | arguments
        document = message("tools/call", {"name": tool, "arguments": arguments}, **(meta or {}))
        answer = self.caller.post("/mcp", document, **headers_of(document))
        assert answer.status_code == 200, answer.content
        result = answer.json()["result"]
        if not result["isError"]:
            schema = TOOLS[tool].definition["outputSchema"]
            jsonschema_rs.validator_for(schema).validate(result["structuredContent"])
        return result

    def told(self, tool: str, **arguments: Any) -> Any:
        """The document in the answer of a tool that did what it should."""
        result = self.call(tool, **arguments)
        assert not result["isError"], result
        assert json.loads(result["content"][1]["text"]) == result["structuredContent"]
        return result["structuredContent"]

    def complaint(self, tool: str, **arguments: Any) -> str:
        """The words of a tool that did not."""
        result = self.call(tool, **arguments)
        assert result["isError"]
        assert "structuredContent" not in result
        return str(result["content"][0]["text"])


@pytest.fixture
def model(caller: Caller) -> Model:
    return Model(caller)


def error_of(response: HttpResponse) -> Any:
    return response.json()["error"]


# --- at the door ------------------------------------------------------------------------


def test_a_client_of_the_current_revision_discovers_the_tools(model):
    found = model.ask("server/discover")
    assert found["supportedVersions"] == [protocol.CURRENT]
    assert (found["resultType"], found["capabilities"]) == ("complete", {"tools": {}})
    tools = {tool["name"]: tool for tool in model.ask("tools/list")["tools"]}
    assert list(tools) == ["escalate_to_human", "check_handoff", "should_escalate"]
    assert tools["escalate_to_human"]["inputSchema"]["required"] == ["question"]
    assert tools["escalate_to_human"]["outputSchema"]["type"] == "object"
    assert "agent" not in tools["should_escalate"]["inputSchema"]["properties"]


def test_an_older_client_shakes_hands_and_keeps_no_session(caller):
    for wanted, agreed in [("1999-01-01", "2025-11-25"), ("2025-06-18", "2025-06-18")]:
        hello = {"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": {"protocolVersion": wanted}}
        answer = caller.post("/mcp", hello)
        assert answer.json()["result"]["protocolVersion"] == agreed
        assert "Mcp-Session-Id" not in answer.headers
    done = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    noted = caller.post("/mcp", done, **{"MCP-Protocol-Version": agreed})
    assert (noted.status_code, noted.content) == (202, b"")
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert caller.post("/mcp", ping, **{"MCP-Protocol-Version": agreed}).json()["result"] == {}


def test_every_key_that_is_not_valid_gets_the_same_answer(caller):
    revoked = caller.key
    ApiKey.objects.update(revoked_at=Now())
    answers = []
    for shown in (f"Bearer {new_key().plaintext}", f"Bearer {revoked}", "Bearer nonsense", "Basic eDp5"):
        answer = caller.client.post(
            "/mcp", b"[", content_type="application/json", headers={"Authorization": shown}
        )
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        answers.append(answer.content)
    assert len(set(answers)) == 1
    assert b"Not signed in" in answers[0]


def test_pages_of_other_sites_are_refused_before_all_else(caller, settings):
    settings.PUBLIC_URL = "https://desk.example.com"
    document = message("tools/list")
    sent = headers_of(document)
    assert caller.post("/mcp", document, Origin="https://evil.example", **sent).status_code == 403
    assert (
        caller.post("/mcp", document, Origin="https://desk.example.com.evil.example", **sent).status_code
        == 403
    )
    assert caller.post("/mcp", document, Origin="https://desk.example.com", **sent).status_code == 200


def test_the_address_may_end_in_a_slash(caller):
    document = message("tools/list")
    assert caller.post("/mcp/", document, **headers_of(document)).status_code == 200


def test_there_is_nothing_but_post(caller):
    for method in ("GET", "DELETE", "PUT"):
        answer = caller.client.generic(method, "/mcp", headers={"Authorization": f"Bearer {caller.key}"})
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_what_is_no_message_is_refused_with_a_reason(caller):
    for body, status, code in [
        (b"{", 400, protocol.PARSE_ERROR),
        (b'{"jsonrpc": "2.0", "id": NaN, "method": "ping"}', 400, protocol.PARSE_ERROR),
        (b'{"jsonrpc": "2.0", "id": 1, "id": 2, "method": "ping"}', 400, protocol.PARSE_ERROR),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "p\\ud800"}', 400, protocol.PARSE_ERROR),
        (b'[{"jsonrpc": "2.0", "id": 1, "method": "ping"}]', 400, protocol.INVALID_REQUEST),
        (b'"ping"', 400, protocol.INVALID_REQUEST),
        (b'{"id": 1, "method": "ping"}', 400, protocol.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1, "result": {}}', 400, protocol.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": null, "method": "ping"}', 400, protocol.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": [1]}', 400, protocol.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "p\\u0000"}', 422, protocol.INVALID_REQUEST),
        (b"[" * 70 + b"]" * 70, 422, protocol.INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "resources/list"}', 200, protocol.METHOD_NOT_FOUND),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "server/discover"}', 200, protocol.METHOD_NOT_FOUND),
        (b" " * (4 * 1024 * 1024 + 1), 413, protocol.INVALID_REQUEST),
    ]:
        answer = caller.post("/mcp", body)
        assert (answer.status_code, error_of(answer)["code"]) == (status, code), body[:60]
        assert error_of(answer)["message"]


def test_other_media_types_are_not_read(caller):
    answer = caller.client.post(
        "/mcp", b"{}", content_type="text/plain", headers={"Authorization": f"Bearer {caller.key}"}
    )
    assert answer.status_code == 415


def test_headers_must_tell_what_the_body_tells(caller):
    document = message("tools/list")
    for changed, code in [
        ({"MCP-Protocol-Version": "2027-01-01"}, protocol.UNSUPPORTED_VERSION),
        ({"MCP-Protocol-Version": "2025-11-25"}, None),
        ({"Mcp-Method": "tools/call"}, protocol.HEADER_MISMATCH),
    ]:
        answer = caller.post("/mcp", document, **(headers_of(document) | changed))
        assert answer.json()["id"] == document["id"]
        if code:
            assert (answer.status_code, error_of(answer)["code"]) == (400, code)
        if code == protocol.UNSUPPORTED_VERSION:
            assert error_of(answer)["data"] == {"supported": [protocol.CURRENT], "requested": "2027-01-01"}


def test_a_tool_named_in_the_header_is_the_one_that_is_called(caller):
    document = message("tools/call", {"name": "check_handoff"})
    answer = caller.post("/mcp", document, **(headers_of(document) | {"Mcp-Name": "should_escalate"}))
    assert (answer.status_code, error_of(answer)["code"]) == (400, protocol.HEADER_MISMATCH)


def test_a_request_says_all_of_itself_or_is_refused(caller):
    document = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    answer = caller.post("/mcp", document, **headers_of(document))
    assert (answer.status_code, error_of(answer)["code"]) == (400, protocol.INVALID_PARAMS)
    assert "protocolVersion" in error_of(answer)["message"]


def test_unknown_methods_and_tools_are_named(caller):
    for method, params, status, code in [
        ("ping", {}, 404, protocol.METHOD_NOT_FOUND),
        ("tools/call", {"name": "delete_all"}, 400, protocol.INVALID_PARAMS),
        ("tools/call", {"name": "check_handoff", "arguments": [1]}, 400, protocol.INVALID_PARAMS),
    ]:
        document = message(method, params)
        answer = caller.post("/mcp", document, **headers_of(document))
        assert (answer.status_code, error_of(answer)["code"]) == (status, code)


# --- tools ------------------------------------------------------------------------------


def test_arguments_that_do_not_fit_are_pointed_at_and_leave_nothing(model):
    for arguments, pointer in [
        ({"question": "Why?", "quesiton": "?"}, "/quesiton: There is no such field."),
        ({}, "/question: This field is required."),
        ({"question": "Why?", "confidence": 7}, "/confidence:"),
        ({"question": "Why?", "wait_seconds": 56}, "/wait_seconds:"),
        ({"question": "Why?", "pending_actions": [{"arguments": {}}]}, "/pending_actions/0/name:"),
        ({"question": "Why?", "messages": [{"role": "nobody"}]}, "/messages/0/role:"),
        ({"question": "Why?", "response_schema": {"type": "thing"}}, "/response_schema: Not a JSON Schema"),
    ]:
        assert pointer in model.complaint("escalate_to_human", **arguments)
    assert not Escalation.objects.exists()


def test_should_escalate_answers_as_checks_do(model):
    make_agent(rules={"confidence": {"*": 0.7}})
    assert model.told("should_escalate", confidence=0.9)["escalate"] is False
    verdict = model.told("should_escalate", confidence=0.4)
    assert [reason["code"] for reason in verdict["reasons"]] == ["confidence"]
    assert "/agent: There is no such field." in model.complaint("should_escalate", agent={"name": "x"})


def test_what_a_model_says_becomes_a_handoff(model):
    action = {"name": "issue_refund", "arguments": {"amount": 900}}
    told = model.told(
        "escalate_to_human",
        question="Refund $900?",
        summary="They waited long.",
        conversation_id="conv_9",
        messages=[{"role": "user", "content": "My money!"}],
        pending_actions=[action],
        facts={"order": "W1"},
        priority="high",
        agent_version="2.3",
    )
    assert (told["status"], told["repeated"]) == ("pending", False)
    case = Escalation.objects.get(id=told["handoff_id"])
    assert (case.kind, case.headline, case.conversation_id) == ("approval", "Refund $900?", "conv_9")
    assert case.agent_version.name == "2.3"
    payload = case.handoff.payload
    assert payload["pending_actions"] == [{"tool_call_id": "call_1"} | action]
    assert payload["context"] == {"facts": {"order": "W1"}}


def test_a_repeated_call_makes_no_second_case(model, operator):
    asked = {"question": "May I?", "conversation_id": "one"}
    first = model.told("escalate_to_human", **asked)
    again = model.told("escalate_to_human", **asked, wait_seconds=1)
    assert (again["handoff_id"], again["repeated"]) == (first["handoff_id"], True)
    decide(claim(Escalation.objects.get(), operator), "respond")
    late = model.call("escalate_to_human", **asked)
    assert late["structuredContent"]["decision"]["decision"] == "respond"
    assert "You asked the same before" in late["content"][0]["text"]
    assert model.told("escalate_to_human", question="May I?", conversation_id="two")["repeated"] is False
    assert Escalation.objects.count() == 2


def test_a_decision_that_was_applied_or_came_late_is_not_told_as_one_to_carry_out(model, operator):
    for outcome, never in (("applied", "Do not carry it out again."), ("late", "Do not carry it out.")):
        asked = {"question": f"May I? {outcome}"}
        case_id = model.told("escalate_to_human", **asked)["handoff_id"]
        decide(claim(Escalation.objects.get(id=case_id), operator), "respond")
        before = model.call("check_handoff", handoff_id=case_id)
        assert before["structuredContent"]["delivery"] == "delivered"
        assert "go on from here" in before["content"][0]["text"]
        model.told("check_handoff", handoff_id=case_id, outcome=outcome)
        again = model.call("escalate_to_human", **asked)
        assert again["structuredContent"]["delivery"] == outcome
        assert never in again["content"][0]["text"]
        assert "go on from here" not in again["content"][0]["text"]


def test_equal_calls_at_once_make_one_case(model):
    told = at_once([lambda: model.told("escalate_to_human", question="May I?")] * 8)
    assert len({each["handoff_id"] for each in told}) == 1
    assert [each["repeated"] for each in told].count(False) == 1
    assert Escalation.objects.count() == 1


def test_the_same_question_long_after_its_answer_is_a_new_one(model, operator):
    first = model.told("escalate_to_human", question="May I?")
    decide(claim(Escalation.objects.get(), operator), "respond")
    Escalation.objects.update(closed_at=Now() - timedelta(minutes=11))
    second = model.told("escalate_to_human", question="May I?")
    assert (second["status"], second["repeated"]) == ("pending", False)
    assert second["handoff_id"] != first["handoff_id"]
    assert model.told("escalate_to_human", question="May I?")["handoff_id"] == second["handoff_id"]


@pytest.mark.parametrize("how", ["argument", "meta"])
def test_a_key_of_the_callers_own_names_the_request(model, how):
    def ask(key: str, question: str) -> Any:
        if how == "meta":
            return model.call("escalate_to_human", {"handrail/idempotency_key": key}, question=question)
        return model.call("escalate_to_human", question=question, idempotency_key=key)

    first, again, other = ask("a", "May I?"), ask("a", "May I?"), ask("b", "May I?")
    assert again["structuredContent"]["handoff_id"] == first["structuredContent"]["handoff_id"]
    assert other["structuredContent"]["handoff_id"] != first["structuredContent"]["handoff_id"]
    refused = ask("a", "May I really?")
    assert refused["isError"]
    assert "/idempotency_key: Other content" in refused["content"][0]["text"]
    assert Escalation.objects.count() == 2


def test_a_decision_is_told_to_programs_and_to_the_model(model, operator):
    schema = {"type": "object", "properties": {"amount": {"type": "integer"}}, "required": ["amount"]}
    told = model.told("escalate_to_human", question="How much?", response_schema=schema)
    transitions.resolve(
        lease=claim(Escalation.objects.get(), operator),
        decision=transitions.DecisionInput("respond", message="Be kind.", response={"amount": 12}),
        labels=LABELS,
    )
    result = model.call("check_handoff", handoff_id=told["handoff_id"])
    document = result["structuredContent"]
    assert (document["status"], document["decision"]["response"]) == ("decided", {"amount": 12})
    assert document["elicitation"] == {"action": "accept", "content": {"amount": 12}}
    for words in ("decided: respond.", 'Answer: {"amount": 12}', "They wrote: Be kind."):
        assert words in result["content"][0]["text"]
    assert Escalation.objects.get().delivery == Delivery.DELIVERED
    for _ in range(2):
        model.told("check_handoff", handoff_id=told["handoff_id"], outcome="applied")
    assert Escalation.objects.get().delivery == Delivery.APPLIED
    late = model.complaint("check_handoff", handoff_id=told["handoff_id"], outcome="late")
    assert "/outcome: There is no decision yet, or another outcome was reported before." in late


def test_a_person_asks_and_the_agent_answers_once(model, operator):
    told = model.told("escalate_to_human", question="May I {really}?")
    lease = claim(Escalation.objects.get(), operator)
    transitions.ask(
        lease=lease, question="Which {order}?", whom=WaitingFor.AGENT, reply_within=timedelta(hours=1)
    )
    asked = model.call("check_handoff", handoff_id=told["handoff_id"])
    document = asked["structuredContent"]
    assert (document["status"], document["waiting_for"]) == ("asked", "agent")
    assert "said: Which {order}?" in asked["content"][0]["text"]
    reply = {"handoff_id": told["handoff_id"], "after_turn": document["after_turn"], "reply": "W1"}
    for _ in range(2):
        assert model.told("check_handoff", **reply)["turns"] == []
    assert [turn.message["content"] for turn in Turn.objects.order_by("id")] == ["Which {order}?", "W1"]
    decide(claim(Escalation.objects.get(), operator), "respond")
    assert "not open any more" in model.complaint("check_handoff", **reply | {"reply": "W2"})


def test_an_agent_sees_its_own_handoffs_only(model, stranger):
    told = Model(stranger).told("escalate_to_human", question="May I?")
    assert "no such handoff" in model.complaint("check_handoff", handoff_id=told["handoff_id"])
    assert "no such handoff" in model.complaint("check_handoff", handoff_id=told["handoff_id"], reply="x")
    assert not Turn.objects.exists()


# --- waiting ----------------------------------------------------------------------------


@dataclass
class Waiting:
    """A client of the real server that can read streams."""

    url: str
    key: str

    @contextmanager
    def asking(self, question: str = "May I?", **meta: Any) -> Iterator[Iterator[str]]:
        """The lines of a call that asks a person, as they come; leaving cuts the line."""
        params = {"name": "escalate_to_human", "arguments": {"question": question}}
        document = message("tools/call", params, **meta)
        sent = headers_of(document) | {
            "Authorization": f"Bearer {self.key}",
            "Accept": "application/json, text/event-stream",
        }
        with (
            httpx.Client(base_url=self.url, timeout=30) as client,
            client.stream("POST", "/mcp", json=document, headers=sent) as answer,
        ):
            yield answer.iter_lines()


def events(lines: Iterator[str]) -> Iterator[Any]:
    for line in lines:
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


@pytest.fixture
def waiting(live_server: Server, caller: Caller) -> Waiting:
    return Waiting(live_server.url, caller.key)


def test_a_call_that_waits_tells_its_progress_and_then_the_decision(waiting, operator):
    with waiting.asking(progressToken="p") as lines:
        told = events(lines)
        first = next(told)["params"]
        assert (first["progressToken"], first["message"]) == ("p", "It waits for a person.")
        assert 0 <= first["progress"] < first["total"]
        lease = claim(Escalation.objects.get(), operator)
        held = next(each for each in told if each["params"]["message"] == "A person has it.")
        assert held["method"] == "notifications/progress"
        decide(lease, "respond")
        [result] = [each["result"] for each in told if "id" in each]
    assert result["structuredContent"]["decision"]["decision"] == "respond"


def test_more_calls_may_wait_than_the_server_has_connections_to_its_database(waiting):
    document = message("tools/list")
    with ExitStack() as stack:
        for number in range(20):  # it has 16
            lines = stack.enter_context(waiting.asking(question=f"May I, {number}?"))
            assert next(lines) == ": ping"
        answer = httpx.post(
            f"{waiting.url}/mcp",
            json=document,
            headers=headers_of(document) | {"Authorization": f"Bearer {waiting.key}"},
        )
        assert answer.status_code == 200
    assert Escalation.objects.count() == 20


def test_a_key_that_is_revoked_while_its_call_waits_is_told_nothing(waiting, operator):
    with waiting.asking() as lines:
        assert next(lines) == ": ping"
        ApiKey.objects.update(revoked_at=Now())
        decide(claim(Escalation.objects.get(), operator), "respond")
        [told] = events(lines)
    assert told["result"]["isError"] is True
    assert Escalation.objects.get().delivery == Delivery.UNDELIVERED


def test_a_client_that_goes_away_and_comes_back_finds_its_case(waiting, operator):
    with waiting.asking() as lines:
        assert next(lines) == ": ping"
    decide(claim(Escalation.objects.get(), operator), "respond")
    with waiting.asking() as lines:
        told = json.loads(next(lines))["result"]["structuredContent"]
    assert (told["decision"]["decision"], told["repeated"]) == ("respond", True)
    assert Escalation.objects.get().delivery == Delivery.DELIVERED
