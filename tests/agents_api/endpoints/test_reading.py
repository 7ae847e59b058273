"""Looking at cases: one, with its decision, and lists of one's own."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalations import transitions
from escalations.handoffs.handback import HUMAN_PART_OVER
from escalations.models import Escalation, Presence, WaitingFor
from tests.agents_api.conftest import pointers
from tests.factories import REFUND, claim, decide, handoff

pytestmark = pytest.mark.django_db

UNKNOWN = "/api/v1/handoffs/0192aaaa-0000-7000-8000-000000000000"


def case_at(address: str) -> Escalation:
    return Escalation.objects.get(id=address.rsplit("/", 1)[1])


def test_a_decision_reaches_the_agent_and_that_is_noted(caller, operator):
    address = caller.opened(context={"facts": {"order": 1}, "decisions": ["a"], "preferences": {}})
    decide(claim(case_at(address), operator), "approve")

    response = caller.get(address)

    answer = response.json()
    decision = answer["decision"]
    assert answer["state"] == "resolved"
    assert answer["delivery"] == "delivered"
    assert "Retry-After" not in response.headers
    assert decision["handoff_id"] == answer["id"]
    assert decision["version"] == answer["version"]
    assert decision["decision"] == "approve"
    assert decision["decided_by"] == {"type": "human", "name": str(operator)}
    assert [action["decision"] for action in decision["actions"]] == ["approve"]
    assert decision["messages"][-1]["content"] == HUMAN_PART_OVER
    assert decision["resume"]["facts"] == {"order": 1}
    assert decision["scope"] == {"single_use": True, "valid_until": None}
    assert decision["timing"].keys() == {"queued_ms", "handling_ms"}
    assert case_at(address).delivery == "delivered"


def test_labels_never_leave_the_desk(caller, operator):
    address = caller.opened()
    decide(claim(case_at(address), operator), "approve", note="secret remark", failure_primary="cost")
    text = caller.get(address).content.decode()
    for word in ("secret remark", "disposition", "agent_correct", "failure_primary", "training_allowed"):
        assert word not in text


@pytest.mark.parametrize(
    "state",
    [
        '{"data": {"π": 1.50, "e": 1e5,   "escaped": "\\u00e9\\/", "big": 123456789012345678901234567890}}',
        '{"media_type": "text/plain", "data": "a\\u0000b", "mine": [ ]}',
        "null",
    ],
)
def test_the_state_comes_back_byte_for_byte(caller, operator, state):
    body = json.dumps(handoff(caller.agent))[:-1] + ', "state": ' + state + "}"
    address = caller.post("/api/v1/handoffs", body.encode()).json()["links"]["self"]
    decide(claim(case_at(address), operator), "approve")
    assert f'"state": {state}}}' in caller.get(address).content.decode()


def test_without_a_state_there_is_null(caller, operator):
    address = caller.opened()
    decide(claim(case_at(address), operator), "approve")
    assert caller.get(address).json()["decision"]["state"] is None


def test_a_hard_limit_is_told_in_the_decision(caller, operator):
    limit = (timezone.now() + timedelta(hours=1)).isoformat()
    address = caller.opened(sla={"expires_at": limit})
    decide(claim(case_at(address), operator), "approve")
    assert caller.get(address).json()["decision"]["scope"]["valid_until"] is not None


def test_times_may_come_from_any_zone(caller):
    address = caller.opened(sla={"expires_at": "2050-01-01T00:00:00+21:20"})
    assert caller.get(address).json()["expires_at"] == "2049-12-31T02:40:00.000000Z"


def test_an_expired_case_brings_its_default(caller):
    limit = (timezone.now() + timedelta(hours=1)).isoformat()
    default = {"decision": "reject", "message": "Nobody had time."}
    address = caller.opened(sla={"expires_at": limit, "on_expiry": "default", "default_resolution": default})
    Escalation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    transitions.expire()
    answer = caller.get(address).json()
    assert answer["state"] == "expired"
    assert answer["decision"]["decision"] == "reject"
    assert answer["decision"]["decided_by"]["type"] == "timeout"


def test_the_place_in_the_line_is_told(caller, operator):
    first, second = caller.opened(), caller.opened()
    urgent = caller.opened(routing={"priority": "urgent"})
    assert [caller.get(address).json()["ahead"] for address in (urgent, first, second)] == [0, 1, 2]
    claim(case_at(first), operator)
    assert caller.get(first).json()["ahead"] == 0
    assert caller.get(second).json()["ahead"] == 1
    assert caller.get(second).json()["expected_wait_seconds"] is None
    Presence.objects.update(seen_at=Now())
    assert caller.get(second).json()["available"] == 1
    assert caller.get(second).json()["expected_wait_seconds"] > 0


def test_an_unchanged_case_is_not_sent_again(caller, operator):
    address = caller.opened()
    etag = caller.get(address).headers["ETag"]
    same = caller.get(address, **{"If-None-Match": etag})
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", etag)
    claim(case_at(address), operator)
    changed = caller.get(address, **{"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


@pytest.mark.parametrize("path", ["", "/messages", "/ack", "/cancel"])
def test_another_agents_case_looks_like_none(caller, stranger, path):
    address = stranger.opened() + path
    bodies = {
        "/messages": {"messages": [{"role": "user", "content": "a"}]},
        "/ack": {"outcome": "applied"},
        "/cancel": {},
    }

    def ask(at: str):
        return caller.post(at, bodies[path]) if path else caller.get(at)

    foreign, missing = ask(address), ask(UNKNOWN + path)
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json()["detail"] == missing.json()["detail"]


@pytest.mark.parametrize("path", ["handoffs/7", "handoffs/7/ack", "nowhere", "handoffs/"])
def test_an_address_that_leads_nowhere_is_a_problem_too(caller, path):
    response = caller.get(f"/api/v1/{path}")
    assert response.status_code == 404
    assert response.headers["Content-Type"] == "application/problem+json"


def listed(caller, query: str = "") -> list[str]:
    response = caller.get(f"/api/v1/handoffs{query}")
    assert response.status_code == 200, response.content
    return [item["links"]["self"].removeprefix("http://127.0.0.1:8000") for item in response.json()["items"]]


def test_lists_hold_ones_own_cases_newest_first(caller, stranger):
    stranger.opened()
    addresses = [caller.opened() for _ in range(3)]
    assert listed(caller) == addresses[::-1]


def test_lists_can_be_narrowed(caller, operator):
    old = caller.opened(conversation_id="a")
    new = caller.opened(conversation_id="b")
    Escalation.objects.filter(id=case_at(old).id).update(received_at=timezone.now() - timedelta(days=2))
    claim(case_at(new), operator)
    yesterday = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert listed(caller, "?state=claimed") == [new]
    assert listed(caller, "?state=queued") == [old]
    assert listed(caller, "?conversation_id=a") == [old]
    assert listed(caller, f"?since={yesterday}") == [new]
    assert listed(caller, "?state=resolved") == []


def test_pages_join_without_gap_or_overlap(caller):
    addresses = [caller.opened() for _ in range(5)]
    Escalation.objects.update(received_at=timezone.now())  # the id then decides the order
    found, cursor = [], ""
    for _ in range(3):
        page = caller.get(f"/api/v1/handoffs?limit=2{cursor}").json()
        found += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"
        caller.opened()  # what arrives meanwhile moves nothing
    assert page["next_cursor"] is None
    assert sorted(found) == sorted(address.rsplit("/", 1)[1] for address in addresses)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limits=5", "/query/limits"),
        ("limit=0", "/query/limit"),
        ("limit=101", "/query/limit"),
        ("state=lost", "/query/state"),
        ("since=yesterday", "/query/since"),
        ("since=2026-01-01T00:00:00", "/query/since"),
        ("conversation_id=%00", "/query/conversation_id"),
        ("cursor=!", "/query/cursor"),
        ("cursor=eA", "/query/cursor"),
        ("cursor=%C3%A9", "/query/cursor"),
    ],
)
def test_a_bad_question_is_pointed_at(caller, query, pointer):
    response = caller.get(f"/api/v1/handoffs?{query}")
    assert response.status_code == 422
    assert pointers(response) == [pointer]


def test_a_list_costs_the_same_for_few_and_for_many(caller):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            listed(caller)
        return len(captured)

    caller.opened()
    few = queries()
    for _ in range(10):
        caller.opened(pending_actions=[REFUND])
    assert queries() == few <= 2


def test_a_question_says_whose_reply_is_waited_for_and_until_when(caller, operator):
    address = caller.opened()
    lease = claim(Escalation.objects.get(), operator)
    within = timedelta(minutes=15)
    transitions.ask(lease=lease, whom=WaitingFor.AGENT, question="Which card?", reply_within=within)

    case = caller.get(address).json()

    assert (case["state"], case["waiting_for"]) == ("waiting", "agent")
    assert datetime.fromisoformat(case["reply_due_at"]) == Escalation.objects.get().reply_due_at
    assert caller.get("/api/v1/handoffs").json()["items"][0]["waiting_for"] == "agent"
