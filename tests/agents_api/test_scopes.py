"""What a key is good for: each operation of each door takes its scope, and no other."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpResponse

from agents_api.documentation import examples
from agents_api.management.commands.export_openapi import document
from agents_api.mcp.tools import TOOLS
from escalations.models import Agent, ApiKey, Escalation, ReportScope, Scope
from escalations.validation import checkpoints
from tests.agents_api.conftest import Caller
from tests.agents_api.published import operations
from tests.factories import make_agent, make_key, make_report_key

pytestmark = pytest.mark.django_db(transaction=True)

NOT_HANDOFFS = {"runs": Scope.RUNS, "checks": Scope.CHECKS, "checkpoints": Scope.CHECKS}
TOOLS_TAKE = {
    "escalate_to_human": Scope.HANDOFFS,
    "check_handoff": Scope.HANDOFFS,
    "should_escalate": Scope.CHECKS,
}
A2A = ["tasks", "tasks/{}", "message:send", "message:stream", "tasks/{}:subscribe", "tasks/{}:cancel"]
Ask = Callable[[], HttpResponse]


@pytest.fixture
def agent(db: None) -> Agent:
    agent = make_agent(rules={"checkpoints": ["*"]})
    checkpoints.register(
        agent_id=agent.pk, step=examples.CHECKPOINT["step"], schema={"type": "object"}, actor="agent:support"
    )
    return agent


def scope_of(path: str) -> Scope:
    """What an address of the REST API takes."""
    return NOT_HANDOFFS.get(path.removeprefix("/api/v1/").split("/")[0], Scope.HANDOFFS)


def asked_over_rest(caller: Caller, case_id: str) -> Iterator[tuple[str, Scope, Ask]]:
    """A good request for each operation. A handoff within takes a scope more, and has a test of its own."""
    for one in operations():
        if one.auth != "ApiKeyAuth":
            continue
        query = "?owed=true" if "owed" in one.query else ""
        body = one.body(caller)
        if one.path.endswith("/checkpoints") and body:
            body = json.dumps({name: part for name, part in body.items() if name != "handoff"}).encode()
        ask = partial(one.ask, caller, case_id=case_id, query=query, body=body)
        yield str(one), scope_of(one.path), ask


def asked_over_mcp(caller: Caller, case_id: str) -> Iterator[tuple[str, Scope, Ask]]:
    """A call of each tool."""
    arguments: dict[str, Any] = {
        "escalate_to_human": {"question": "May I?", "wait_seconds": 0},
        "check_handoff": {"handoff_id": case_id, "wait_seconds": 0},
        "should_escalate": {},
    }
    for name in TOOLS:
        params = {"name": name, "arguments": arguments[name]}
        message = {"jsonrpc": "2.0", "id": name, "method": "tools/call", "params": params}
        yield name, TOOLS_TAKE[name], lambda message=message: caller.post("/mcp", message)


def asked_over_a2a(caller: Caller, case_id: str) -> Iterator[tuple[str, Scope, Ask]]:
    """A good request for each address."""
    said = {"messageId": "m1", "role": "ROLE_USER", "parts": [{"text": "May I?"}]}
    body = json.dumps({"message": said, "configuration": {"returnImmediately": True}})
    headers = {"Authorization": f"Bearer {caller.key}", "A2A-Version": "1.0"}
    for path in A2A:
        method = "GET" if path in ("tasks", "tasks/{}") else "POST"

        def ask(method: str = method, path: str = path) -> HttpResponse:
            address = f"/a2a/{path.format(case_id)}"
            return caller.client.generic(method, address, body, "application/json", headers=headers)

        yield path, Scope.HANDOFFS, ask


def rows() -> dict[str, int]:
    """How many there are in each table of the desk."""
    models = [model for model in apps.get_models() if model._meta.app_label in ("escalations", "agents_api")]
    return {model._meta.label: model._default_manager.count() for model in models}


def says_what_is_missing(answer: HttpResponse, scope: str) -> bool:
    """Whether it is the refusal that names this scope, in the words of the door that gave it."""
    bearer = f'Bearer error="insufficient_scope", scope="{scope}"'
    if (answer.status_code, answer.headers.get("WWW-Authenticate")) != (403, bearer):
        return False
    told = answer.json()
    words = told["detail"] if "detail" in told else told["error"]["message"]
    return f"lacks the scope `{scope}`. Ask an admin of the desk" in words


@pytest.mark.parametrize("door", [asked_over_rest, asked_over_mcp, asked_over_a2a])
@pytest.mark.parametrize("only", Scope)
def test_a_key_opens_what_its_scope_names_and_nothing_else(agent, door, only):
    case_id = Caller(agent, make_key(agent)).opened().rsplit("/", 1)[1]
    caller = Caller(agent, make_key(agent, scopes=[only]))
    for name, scope, ask in door(caller, case_id):
        before = rows()
        answer = ask()
        if scope == only:
            assert answer.status_code < 300 or answer.status_code == 409, (name, answer.content)
        else:
            assert says_what_is_missing(answer, scope), (name, answer.content)
            assert rows() == before, name


@pytest.mark.parametrize("only", ReportScope)
def test_a_report_key_opens_what_its_scope_names_and_nothing_else(agent, only):
    caller = Caller(agent, make_key(agent), reports=make_report_key(scopes=[only]))
    for one in operations():
        if one.auth != "ReportKeyAuth":
            continue
        answer = one.ask(caller)
        if one.scope == only:
            assert answer.status_code not in (401, 403), (one, answer.content)
        else:
            assert says_what_is_missing(answer, one.scope), (one, answer.content)


def test_the_document_names_the_scope_of_each_operation():
    for path, item in json.loads(document())["paths"].items():
        for operation in item.values():
            [(kind, [scope])] = operation["security"][0].items()
            assert scope == scope_of(path) if kind == "ApiKeyAuth" else scope in ReportScope, path
            assert f"scope `{scope}`" in operation["description"]
            assert "made without the scope" in operation["responses"]["403"]["description"]


def test_a_failed_output_opens_a_case_only_with_the_scope_for_it(agent):
    body = examples.CHECKPOINT | {"output": 7}
    before = rows()
    refused = Caller(agent, make_key(agent, scopes=[Scope.CHECKS])).post("/api/v1/checkpoints", body)
    assert says_what_is_missing(refused, Scope.HANDOFFS)
    assert rows() == before | {"escalations.ApiKey": before["escalations.ApiKey"] + 1}
    both = make_key(agent, scopes=[Scope.CHECKS, Scope.HANDOFFS])
    assert Caller(agent, both).post("/api/v1/checkpoints", body).json()["escalate"]
    assert Escalation.objects.count() == 1


def test_models_find_the_tools_that_their_key_is_good_for(agent):
    for scopes in ([Scope.HANDOFFS], [Scope.CHECKS], [Scope.RUNS], list(Scope)):
        caller = Caller(agent, make_key(agent, scopes=scopes))
        answer = caller.post("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        found = {tool["name"] for tool in answer.json()["result"]["tools"]}
        assert found == {name for name, scope in TOOLS_TAKE.items() if scope in scopes}


def test_keys_that_were_made_without_a_word_of_scopes_have_all(agent):
    ApiKey.objects.create(agent=agent, name="old", prefix="old", digest="old")
    assert ApiKey.objects.get(name="old").scopes == list(Scope)
