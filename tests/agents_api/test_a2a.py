"""The desk as an A2A agent, message by message. The official client is in tests/frameworks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client

from agents_api.auth import new_key
from escalations import transitions
from escalations.models import ApiKey, Delivery, Escalation, Turn, WaitingFor
from tests.agents_api.conftest import Caller
from tests.factories import claim, decide
from tests.servers import Server
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

_VERSION = {"A2A-Version": "1.0"}
ACTION = {"tool_call_id": "c1", "name": "refund", "arguments": {"amount": 900.0}}


def message(*parts: Any, **fields: Any) -> dict[str, Any]:
    """A message of its own; texts stand for parts with a text."""
    told = [{"text": part} if isinstance(part, str) else part for part in parts or ("May I?",)]
    return {"messageId": str(uuid4()), "role": "ROLE_USER", "parts": told} | fields


@dataclass
class Agent:
    """Another agent that speaks to the desk."""

    caller: Caller

    def send(self, said: dict[str, Any], **configuration: Any) -> HttpResponse:
        how = {"returnImmediately": True} | configuration
        return self.caller.post("/a2a/message:send", {"message": said, "configuration": how}, **_VERSION)

    def task(self, said: dict[str, Any] | None = None, **configuration: Any) -> Any:
        answer = self.send(said or message(), **configuration)
        assert answer.status_code == 200, answer.content
        assert answer.headers["Content-Type"] == "application/a2a+json"
        return answer.json()["task"]

    def get(self, path: str) -> HttpResponse:
        return self.caller.get(f"/a2a/{path}", **_VERSION)

    def post(self, path: str, document: Any = None) -> HttpResponse:
        return self.caller.post(f"/a2a/{path}", document or {}, **_VERSION)

    def state(self, task: dict[str, Any]) -> str:
        return str(self.get(f"tasks/{task['id']}").json()["status"]["state"])


@pytest.fixture
def agent(caller: Caller) -> Agent:
    return Agent(caller)


def reason(response: HttpResponse) -> str:
    """What an error is called in the protocol."""
    error = response.json()["error"]
    assert error["code"] == response.status_code
    assert error["message"]
    return str(error["details"][0]["reason"])


def fields(response: HttpResponse) -> list[str]:
    return [each["field"] for each in response.json()["error"]["details"][1]["fieldViolations"]]


# --- at the door ------------------------------------------------------------------------


def test_anybody_may_read_the_card(db, settings):
    settings.PUBLIC_URL = "https://desk.example.com"
    answer = Client().get("/.well-known/agent-card.json")
    card = answer.json()
    assert set(answer.headers["Cache-Control"].split(", ")) == {"max-age=300", "public"}
    assert card["supportedInterfaces"] == [
        {"url": "https://desk.example.com/a2a", "protocolBinding": "HTTP+JSON", "protocolVersion": "1.0"}
    ]
    assert [*card["securityRequirements"][0]["schemes"]] == [*card["securitySchemes"]]
    assert Client().post("/.well-known/agent-card.json").status_code == 405


def test_every_key_that_is_not_valid_gets_the_same_answer(caller):
    revoked = caller.key
    ApiKey.objects.update(revoked_at=Now())
    shown = [f"Bearer {new_key().plaintext}", f"Bearer {revoked}", "Bearer nonsense", ""]
    answers = [
        caller.client.generic(method, f"/a2a/{path}", headers={"Authorization": key} | _VERSION)
        for method, path in [
            ("POST", "message:send"),
            ("POST", "message:stream"),
            ("GET", "tasks"),
            ("GET", "tasks/x"),
            ("POST", "tasks/x:cancel"),
            ("POST", "tasks/x:subscribe"),
            ("GET", "anything"),
        ]
        for key in shown
    ]
    assert {(each.status_code, each.headers["WWW-Authenticate"]) for each in answers} == {(401, "Bearer")}
    assert len({each.content for each in answers}) == 1


def test_another_version_is_refused_and_the_spoken_one_named(caller):
    for version, status in [("1.0", 200), ("1.0.1", 200), ("0.3", 400), ("", 400)]:
        answer = caller.get("/a2a/tasks", **({"A2A-Version": version} if version else {}))
        assert answer.status_code == status, version
        if status == 400:
            assert reason(answer) == "VERSION_NOT_SUPPORTED"
            assert "A2A-Version: 1.0" in answer.json()["error"]["message"]


def test_a_message_that_does_not_fit_is_pointed_at_and_leaves_nothing(agent):
    for said, violation in [
        (message(messageId=""), "/message/messageId"),
        (message() | {"parts": []}, "/message/parts"),
        (message({}), "/message/parts/0"),
        (message({"raw": "AA=="}), "/message/parts/0/raw"),
        (message(role="ROLE_AGENT"), "/message/role"),
        (message({"data": [1]}), "/message/parts"),
        (message({"data": {"kind": "wish"}}), "/kind"),
        (message({"data": {"quesiton": "?"}}), "/quesiton"),
        (message(contextId="x" * 201), "/message/contextId"),
    ]:
        answer = agent.send(said)
        assert (answer.status_code, fields(answer)) == (400, [violation])
    assert not Escalation.objects.exists()


def test_bodies_are_read_as_strictly_as_everywhere(agent):
    for body, status in [
        (b"{", 400),
        (b'{"message": NaN}', 400),
        (b'{"message": {}, "message": {}}', 400),
        (b"[]", 400),
        (b"[" * 70 + b"]" * 70, 400),
        (b'{"message": "\\u0000"}', 400),
        (b" " * (4 * 1024 * 1024 + 1), 413),
    ]:
        answer = agent.post("message:send", body)
        assert answer.status_code == status, body[:40]
        assert reason(answer) in ("INVALID_REQUEST", "INVALID_PARAMS")


def test_both_media_types_are_taken_and_no_others(caller):
    document = json.dumps({"message": message(), "configuration": {"returnImmediately": True}})
    key = {"Authorization": f"Bearer {caller.key}"} | _VERSION
    for media_type, status in [("application/a2a+json", 200), ("text/plain", 415)]:
        answer = caller.client.post("/a2a/message:send", document, content_type=media_type, headers=key)
        assert answer.status_code == status


def test_what_the_card_does_not_offer_is_refused_by_its_name(agent):
    push = agent.send(message(), taskPushNotificationConfig={"url": "https://a.example"})
    assert reason(push) == "PUSH_NOTIFICATION_NOT_SUPPORTED"
    assert reason(agent.get("tasks/x/pushNotificationConfigs")) == "PUSH_NOTIFICATION_NOT_SUPPORTED"
    assert reason(agent.get("extendedAgentCard")) == "UNSUPPORTED_OPERATION"
    assert (reason(agent.get("elsewhere")), agent.get("message:send").status_code) == (
        "METHOD_NOT_FOUND",
        405,
    )
    assert not Escalation.objects.exists()


# --- tasks ------------------------------------------------------------------------------


def test_a_text_becomes_a_question_and_data_the_fields_of_a_handoff(agent):
    data = {"summary": "They waited.", "usage": {"turns": 21.0}, "pending_actions": [ACTION]}
    said = message("Refund $900?", {"data": data}, {"url": "https://x.example/a.pdf"}, contextId="conv_9")
    task = agent.task(said)
    assert (task["status"]["state"], task["contextId"]) == ("TASK_STATE_SUBMITTED", "conv_9")
    case = Escalation.objects.get(id=task["id"])
    assert (case.kind, case.headline, case.turns) == ("approval", "Refund $900?", 21)
    payload = case.handoff.payload
    assert payload["messages"] == [{"role": "user", "content": "Refund $900?"}]
    assert payload["pending_actions"] == [ACTION]
    assert [each["uri"] for each in payload["attachments"]] == ["https://x.example/a.pdf"]
    assert task["history"][0]["parts"] == [{"text": "Refund $900?"}]
    assert "history" not in agent.task(said, historyLength=0)


def test_a_long_text_is_a_question_cut_short_and_whole_in_the_conversation(agent):
    long = "Why? " * 5_000
    payload = Escalation.objects.get(id=agent.task(message(long))["id"]).handoff.payload
    assert len(payload["question"]) == 20_000
    assert payload["messages"][0]["content"] == long


def test_a_repeated_message_makes_no_second_task(agent):
    said = message()
    first, again = agent.task(said), agent.task(said)
    assert (again["id"], again["contextId"]) == (first["id"], first["contextId"])
    other = agent.send(said | {"parts": [{"text": "May I really?"}]})
    assert (other.status_code, reason(other)) == (400, "INVALID_PARAMS")
    assert Escalation.objects.count() == 1


def test_equal_messages_at_once_make_one_task(agent):
    said = message()
    found = at_once([lambda: agent.task(said)["id"]] * 8)
    assert len(set(found)) == 1
    assert Escalation.objects.count() == 1


def test_a_task_goes_through_the_states_of_its_case(agent, operator):
    task = agent.task(message(contextId="conv_9"))
    lease = claim(Escalation.objects.get(), operator)
    assert agent.state(task) == "TASK_STATE_WORKING"
    hour = timedelta(hours=1)
    transitions.ask(lease=lease, question="Which order?", whom=WaitingFor.AGENT, reply_within=hour)
    asked = agent.get(f"tasks/{task['id']}").json()["status"]
    assert asked["state"] == "TASK_STATE_INPUT_REQUIRED"
    assert (asked["message"]["role"], asked["message"]["parts"]) == ("ROLE_AGENT", [{"text": "Which order?"}])
    reply = message("W1", taskId=task["id"], contextId="conv_9")
    for _ in range(2):
        answered = agent.task(reply)
    assert answered["status"]["state"] == "TASK_STATE_SUBMITTED"
    assert [turn.message["content"] for turn in Turn.objects.order_by("id")] == ["Which order?", "W1"]
    roles = [each["role"] for each in answered["history"]]
    assert roles == ["ROLE_USER", "ROLE_AGENT", "ROLE_USER"]
    decide(claim(Escalation.objects.get(), operator), "respond", message="Yes.")
    done = agent.get(f"tasks/{task['id']}?historyLength=1").json()
    assert (done["status"]["state"], len(done["history"])) == ("TASK_STATE_COMPLETED", 1)
    [text, data] = done["artifacts"][0]["parts"]
    assert text["text"].endswith("respond.\nYes.")
    assert (data["data"]["decision"], data["data"]["answer"]) == ("respond", "Yes.")
    assert Escalation.objects.get().delivery == Delivery.DELIVERED
    late = agent.send(message("W2", taskId=task["id"]))
    assert (late.status_code, reason(late)) == (400, "UNSUPPORTED_OPERATION")


def test_a_message_of_another_context_is_refused(agent):
    task = agent.task(message(contextId="one"))
    answer = agent.send(message(taskId=task["id"], contextId="two"))
    assert fields(answer) == ["/message/contextId"]
    assert not Turn.objects.exists()


def test_time_that_runs_out_fails_the_task_also_with_a_default(agent):
    sla = {"on_expiry": "default", "default_resolution": {"decision": "respond", "message": "No."}}
    task = agent.task(message("May I?", {"data": {"sla": sla}}))
    Escalation.objects.update(expires_at=Now())
    transitions.expire()
    failed = agent.get(f"tasks/{task['id']}").json()
    assert failed["status"]["state"] == "TASK_STATE_FAILED"
    assert failed["artifacts"][0]["parts"][1]["data"]["answer"] == "No."


def test_withdrawing_twice_is_fine_and_a_decision_cannot_be_withdrawn(agent, operator):
    task = agent.task()
    for _ in range(2):
        withdrawn = agent.post(f"tasks/{task['id']}:cancel")
        assert withdrawn.json()["status"]["state"] == "TASK_STATE_CANCELED"
    other = agent.task()
    decide(claim(Escalation.objects.get(id=other["id"]), operator), "respond")
    answer = agent.post(f"tasks/{other['id']}:cancel")
    assert (answer.status_code, reason(answer)) == (400, "TASK_NOT_CANCELABLE")


def test_an_agent_sees_its_own_tasks_only(agent, stranger):
    task = Agent(stranger).task()
    for answer in (
        agent.get(f"tasks/{task['id']}"),
        agent.post(f"tasks/{task['id']}:cancel"),
        agent.get(f"tasks/{task['id']}:subscribe"),
        agent.send(message(taskId=task["id"])),
        agent.get("tasks/nonsense"),
    ):
        assert (answer.status_code, reason(answer)) == (404, "TASK_NOT_FOUND")
    assert agent.get("tasks").json()["tasks"] == []
    assert not Turn.objects.exists()


def test_lists_come_in_pages_and_say_little_unless_asked(agent, operator):
    made = [agent.task(message(contextId="c"))["id"] for _ in range(3)]
    agent.task()
    decide(claim(Escalation.objects.get(id=made[0]), operator), "respond")
    first = agent.get("tasks?contextId=c&pageSize=2").json()
    assert [task["id"] for task in first["tasks"]] == [made[2], made[1]]
    assert (first["pageSize"], first["totalSize"]) == (2, 3)
    assert "artifacts" not in first["tasks"][0]
    assert "history" not in first["tasks"][0]
    last = agent.get(f"tasks?contextId=c&pageSize=2&pageToken={first['nextPageToken']}").json()
    assert ([task["id"] for task in last["tasks"]], last["nextPageToken"]) == ([made[0]], "")
    assert Escalation.objects.get(id=made[0]).delivery == Delivery.UNDELIVERED
    done = agent.get("tasks?status=TASK_STATE_COMPLETED&includeArtifacts=true&historyLength=1").json()
    assert [task["id"] for task in done["tasks"]] == [made[0]]
    assert done["tasks"][0]["artifacts"]
    assert Escalation.objects.get(id=made[0]).delivery == Delivery.DELIVERED


def test_a_list_that_cannot_be_is_refused(agent):
    for query in (
        "pageSize=0",
        "pageSize=101",
        "status=DONE",
        "pageToken=x",
        "contextId=%00",
        "statusTimestampAfter=2026-01-01",
    ):
        answer = agent.get(f"tasks?{query}")
        assert (answer.status_code, reason(answer)) == (400, "INVALID_PARAMS")
        assert fields(answer) == [query.split("=")[0]]


# --- waiting ----------------------------------------------------------------------------


@dataclass
class Waiting:
    """An agent that waits at the real server."""

    url: str
    key: str

    @property
    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"} | _VERSION
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    @contextmanager
    def following(self, path: str, document: Any) -> Iterator[Iterator[Any]]:
        """The events of a stream as they come; leaving cuts the line."""
        with self.client as client, client.stream("POST", f"/a2a/{path}", json=document) as answer:
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream")
            lines = (line for line in answer.iter_lines() if line.startswith("data: "))
            yield (json.loads(line.removeprefix("data: ")) for line in lines)


@pytest.fixture
def waiting(live_server: Server, caller: Caller) -> Waiting:
    return Waiting(live_server.url, caller.key)


def test_a_stream_tells_the_task_its_changes_and_its_end(waiting, operator):
    with waiting.following("message:stream", {"message": message()}) as told:
        task = next(told)["task"]
        assert task["status"]["state"] == "TASK_STATE_SUBMITTED"
        lease = claim(Escalation.objects.get(), operator)
        assert next(told)["statusUpdate"]["status"]["state"] == "TASK_STATE_WORKING"
        transitions.say(lease=lease, text="I am here.")
        said = next(told)["statusUpdate"]["status"]
        assert (said["state"], said["message"]["parts"]) == ("TASK_STATE_WORKING", [{"text": "I am here."}])
        decide(lease, "takeover")
        [artifact, status] = told
    assert artifact["artifactUpdate"]["artifact"]["parts"][1]["data"]["decision"] == "takeover"
    assert status["statusUpdate"]["status"]["state"] == "TASK_STATE_COMPLETED"
    assert status["statusUpdate"]["taskId"] == task["id"]


def test_who_subscribes_again_goes_on_where_the_task_is(waiting, operator):
    with waiting.following("message:stream", {"message": message()}) as told:
        task = next(told)["task"]
    lease = claim(Escalation.objects.get(), operator)
    with waiting.following(f"tasks/{task['id']}:subscribe", None) as told:
        assert next(told)["task"]["status"]["state"] == "TASK_STATE_WORKING"
        decide(lease, "respond")
        assert [*told][-1]["statusUpdate"]["status"]["state"] == "TASK_STATE_COMPLETED"
    with waiting.client as client:
        over = client.post(f"/a2a/tasks/{task['id']}:subscribe")
    assert (over.status_code, reason(over)) == (400, "UNSUPPORTED_OPERATION")


def test_a_key_that_is_revoked_ends_the_stream_without_the_decision(waiting, operator):
    with waiting.following("message:stream", {"message": message()}) as told:
        next(told)
        ApiKey.objects.update(revoked_at=Now())
        decide(claim(Escalation.objects.get(), operator), "respond")
        assert [*told] == []
    assert Escalation.objects.get().delivery == Delivery.UNDELIVERED


def test_a_message_that_waits_is_answered_when_the_task_asks_for_something(waiting, operator):
    said = message()
    with waiting.client as client:
        client.post("/a2a/message:send", json={"message": said, "configuration": {"returnImmediately": True}})
        lease = claim(Escalation.objects.get(), operator)
        transitions.ask(
            lease=lease, question="Which?", whom=WaitingFor.AGENT, reply_within=timedelta(hours=1)
        )
        waited = client.post("/a2a/message:send", json={"message": said}).json()["task"]
    assert waited["status"]["state"] == "TASK_STATE_INPUT_REQUIRED"
    assert Escalation.objects.count() == 1
