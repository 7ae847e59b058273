"""Whether to hand off: an agent asks about its own policy, and nothing is left of the question."""

import json
import re

import pytest
from django.db import connection
from django.db.models.functions import Now

from agents_api.auth import parse
from escalations.models import (
    Agent,
    AgentVersion,
    ApiKey,
    AuditEntry,
    Escalation,
    Event,
    IdempotencyRecord,
    Policy,
)
from tests.agents_api.conftest import pointers
from tests.factories import make_agent
from tests.plans import read_by_named
from tests.statements import statements

pytestmark = pytest.mark.django_db

RULES = {
    "confidence": {"refund": 0.7},
    "turns": 5,
    "tool_failures": 2,
    "approve_tools": [{"name": "refund", "when": [{"argument": "amount", "op": ">", "value": 100}]}],
    "phrases": ["lawyer"],
    "asks_for_person": True,
}
HANDOFF = {"kind": "question", "reason": "other", "messages": []}
AGENT = {"name": "support", "version": "2.3"}


def ask(caller, **signals):
    return caller.post("/api/v1/checks", {"agent": AGENT} | signals)


def test_every_reason_is_named_in_words_and_in_figures(caller):
    make_agent(rules=RULES)
    answer = ask(
        caller,
        category="refund",
        confidence=0.62,
        confidence_source="judge",
        usage={"turns": 6, "cost_usd": "0.10"},
        tool_failures=3,
        pending_actions=[{"name": "refund", "arguments": {"amount": 900}}],
        last_user_message="My lawyer wants to talk to a person",
    ).json()
    assert [one["detail"] for one in answer["reasons"]] == [
        "Confidence 0.62 is under 0.70, the threshold for refund of support 2.3",
        "refund needs approval: amount > 100 (support policy 1)",
        "Turns 6 is over 5",
        "Tool failures 3 is over 2",
        "The user said “lawyer” which calls for a person (support policy 1)",
        "The user asked for a person and gets one (support policy 1)",
    ]
    assert answer["reasons"][0] == {
        "code": "confidence",
        "detail": "Confidence 0.62 is under 0.70, the threshold for refund of support 2.3",
        "subject": "refund",
        "value": 0.62,
        "limit": 0.7,
        "conditions": [],
        "unclear": [],
    }
    assert answer["escalate"] is True
    assert answer["policy_version"] == 1
    assert answer["handoff"] == {"kind": "takeover", "reason": "user_requested"}


def test_what_keeps_to_the_policy_goes_on(caller):
    make_agent(rules=RULES)
    answer = ask(caller, category="refund", confidence=0.7, usage={"turns": 5}).json()
    assert answer == {"escalate": False, "reasons": [], "policy_version": 1, "handoff": None}


def test_without_a_policy_nothing_asks_for_a_person(caller):
    assert ask(caller, confidence=0.0).json()["policy_version"] is None


def test_a_version_has_its_own_newest_policy_or_its_agents(caller):
    agent = make_agent(rules={"turns": 1})
    known = AgentVersion.objects.create(agent=agent, name="2.3")
    for number, turns in ((2, 10), (3, 20)):
        Policy.objects.create(agent=agent, agent_version=known, number=number, rules={"turns": turns})
    make_agent(rules={"turns": 2})
    assert ask(caller, usage={"turns": 15}).json()["policy_version"] == 3
    unknown = ask(caller, agent=AGENT | {"version": "9"}, usage={"turns": 15}).json()
    assert (unknown["policy_version"], unknown["escalate"]) == (4, True)
    assert list(AgentVersion.objects.values_list("name", flat=True)) == ["2.3"]


def test_the_check_and_the_handoff_read_the_same_policy(caller):
    agent = make_agent(rules={"turns": 1})
    known = AgentVersion.objects.create(agent=agent, name="2.3")
    Policy.objects.create(agent=agent, agent_version=known, number=2, rules={"turns": 9})
    make_agent(rules={"turns": 3})
    for version in ("2.3", "never seen"):
        asked = ask(caller, agent=AGENT | {"version": version}).json()["policy_version"]
        opened = caller.post("/api/v1/handoffs", HANDOFF | {"agent": AGENT | {"version": version}})
        assert asked == Escalation.objects.get(id=opened.json()["id"]).policy.number


def test_another_agents_policy_is_not_seen(caller, stranger):
    make_agent("billing", rules={"turns": 1})
    assert ask(caller, usage={"turns": 2}).json()["escalate"] is False
    refused = ask(caller, agent={"name": "billing", "version": "1"}, usage={"turns": 2})
    assert refused.status_code == 403
    assert "reasons" not in refused.json()


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"confidence": 1.5}, "/confidence"),
        ({"colour": 1}, "/colour"),
        ({"usage": {"turn": 1}}, "/usage/turn"),
        ({"tool_failures": -1}, "/tool_failures"),
        ({"pending_actions": [{"arguments": {}}]}, "/pending_actions/0/name"),
        ({"pending_actions": [{"name": "a", "arguments": "{}"}]}, "/pending_actions/0/arguments"),
        ({"last_user_message": "x" * 20_001}, "/last_user_message"),
        ({"asked_for_person": "yes"}, "/asked_for_person"),
    ],
)
def test_a_fault_is_pointed_at(caller, fields, pointer):
    refused = ask(caller, **fields)
    assert refused.status_code == 422
    assert pointers(refused) == [pointer]


def test_hostile_arguments_need_approval_and_break_nothing(caller):
    make_agent(rules=RULES)
    for amount in (None, [], {}, "9e99", "1" * 5_000, True, "\u202e001", 10**300):
        answer = ask(caller, pending_actions=[{"name": "refund", "arguments": {"amount": amount}}])
        assert [one["code"] for one in answer.json()["reasons"]] == ["approval"], amount
    assert ask(caller, pending_actions=[{"name": "refund"}]).json()["reasons"][0]["unclear"] == ["amount"]


def test_a_check_is_one_statement_however_much_is_asked(caller):
    make_agent(rules=RULES)
    actions = [{"name": "refund", "arguments": {"amount": 900}}] * 50
    with statements() as sent:
        answer = ask(caller, pending_actions=actions, last_user_message="lawyer")
    assert len(answer.json()["reasons"]) == 51
    assert sent.number == 1


def test_neither_an_answer_nor_a_refusal_leaves_a_trace(caller):
    make_agent(rules=RULES)
    tables = (AgentVersion, AuditEntry, Escalation, Event, IdempotencyRecord)
    before = [model.objects.count() for model in tables]
    unknown = {"name": "support", "version": "9"}
    assert ask(caller, agent=unknown).status_code == 200
    assert ask(caller, agent=unknown, colour="red").status_code == 422
    assert ask(caller, agent=unknown | {"name": "billing"}).status_code == 403
    assert caller.post("/api/v1/checks", b"{").status_code == 400
    assert [model.objects.count() for model in tables] == before


def test_the_same_question_gets_the_same_answer(caller):
    make_agent(rules=RULES)
    answers = {json.dumps(ask(caller, confidence=0.1, category="refund").json()) for _ in range(3)}
    assert len(answers) == 1


def test_the_answer_says_how_long_it_took_in_the_server(caller):
    make_agent(rules=RULES)
    timing = ask(caller, confidence=0.5).headers["Server-Timing"]
    assert re.fullmatch(r"app;dur=\d+\.\d\d", timing)


@pytest.mark.parametrize("fields", [{}, {"colour": "red"}, {"agent": {"name": "billing", "version": "1"}}])
def test_whose_key_is_not_valid_learns_nothing(caller, fields):
    ApiKey.objects.update(expires_at=Now())
    assert ask(caller, **fields).status_code == 401
    ApiKey.objects.update(expires_at=None, revoked_at=Now())
    assert ask(caller, **fields).status_code == 401
    ApiKey.objects.update(revoked_at=None)
    Agent.objects.update(is_active=False)
    assert ask(caller, **fields).status_code == 401


def test_a_check_reads_no_more_however_many_policies_there_are(caller):
    agent = make_agent(rules={"turns": 5})
    versions = AgentVersion.objects.bulk_create(
        AgentVersion(agent=agent, name=f"1.{number}") for number in range(3_000)
    )
    Policy.objects.bulk_create(
        Policy(agent=agent, agent_version=version, number=number, rules={"turns": 9})
        for number, version in enumerate(versions, 2)
    )
    make_agent(rules={"turns": 6})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE escalations_policy, escalations_agentversion")
    key = parse(caller.key)
    for version in ("1.7", "2.3"):
        asked = {"key_prefix": key.prefix, "key_digest": key.digest, "version": version}
        assert read_by_named("policy_of_key", **asked)["escalations_policy"] <= 2
    assert ask(caller, agent=AGENT | {"version": "1.7"}).json()["policy_version"] == 9
    assert ask(caller).json()["policy_version"] == agent.policies.first().number


def test_a_key_is_needed(client):
    assert client.post("/api/v1/checks", "{}", content_type="application/json").status_code == 401
