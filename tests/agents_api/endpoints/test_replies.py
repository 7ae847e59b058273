"""After the handoff: messages, acknowledgement, withdrawal."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from escalations import transitions
from escalations.models import Delivery, Escalation, Event, Turn
from escalations.transitions.decisions import digest
from tests.agents_api.conftest import pointers
from tests.factories import REFUND, claim, decide

pytestmark = pytest.mark.django_db

HELLO = {"messages": [{"role": "user", "content": "Hello?"}]}


NO_KEY = {"Idempotency-Key": None}


def made(tool_call_id: str = "call_1", *, arguments: Any = REFUND["arguments"]) -> dict[str, str]:
    """A call as an agent tells of it."""
    return {"tool_call_id": tool_call_id, "digest": digest(arguments)}


def only_case() -> Escalation:
    return Escalation.objects.get()


def test_messages_are_added_while_the_case_is_open(caller, operator):
    address = caller.opened()
    claim(only_case(), operator)
    response = caller.post(address + "/messages", HELLO)
    assert response.status_code == 200
    assert response.json()["version"] == 3
    assert response.headers["ETag"] == 'W/"3"'
    assert response.json()["state"] == "claimed"
    assert [turn.message for turn in Turn.objects.all()] == HELLO["messages"]


def test_messages_of_the_other_form_are_normalised(caller):
    address = caller.opened()
    parts = {"messages": [{"role": "user", "parts": [{"type": "text", "content": "Hello?"}]}]}
    caller.post(address + "/messages", parts)
    assert Turn.objects.get().message == HELLO["messages"][0]


def test_messages_to_a_closed_case_are_refused_and_not_kept(caller, operator):
    address = caller.opened()
    decide(claim(only_case(), operator))
    response = caller.post(address + "/messages", HELLO)
    assert response.status_code == 409
    assert response.json()["type"] == "/api/v1/problems/case-closed"
    assert "resolved" in response.json()["detail"]
    assert not Turn.objects.exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"messages": []}, "/messages"),
        ({}, "/messages"),
        ({"messages": [{"role": "user", "content": "\0"}]}, "/messages/0/content"),
        ({"messages": [{"role": "nobody"}]}, "/messages/0/role"),
    ],
)
def test_bad_messages_are_pointed_at(caller, body, pointer):
    response = caller.post(caller.opened() + "/messages", body)
    assert response.status_code == 422
    assert pointers(response) == [pointer]


@pytest.mark.parametrize("outcome", ["acknowledged", "applied", "late"])
def test_the_agent_says_what_became_of_the_decision(caller, operator, outcome):
    address = caller.opened()
    decide(claim(only_case(), operator))
    response = caller.post(address + "/ack", {"outcome": outcome, "detail": "R-1"})
    assert response.status_code == 200
    assert response.json()["delivery"] == outcome
    assert Event.objects.latest("id").data == {"outcome": outcome, "detail": "R-1"}


def test_an_acknowledgement_may_be_repeated_but_not_changed(caller, operator):
    address = caller.opened()
    decide(claim(only_case(), operator))
    assert caller.post(address + "/ack", {"outcome": "acknowledged"}).status_code == 200
    first = caller.post(address + "/ack", {"outcome": "applied"}, **{"Idempotency-Key": "a"})
    again = caller.post(address + "/ack", {"outcome": "applied"}, **{"Idempotency-Key": "a"})
    assert (first.status_code, again.status_code) == (200, 200)
    assert "Idempotent-Replayed" not in first.headers
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    assert caller.post(address + "/ack", {"outcome": "late"}).status_code == 409
    assert only_case().delivery == Delivery.APPLIED


def test_a_decision_is_good_for_once(caller, operator):
    address = caller.opened()
    decide(claim(only_case(), operator))
    for _ in range(2):  # without a key it may have been the same request
        assert caller.post(address + "/ack", {"outcome": "applied"}, **NO_KEY).status_code == 200
    refused = caller.post(address + "/ack", {"outcome": "applied"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/api/v1/problems/already-applied")
    assert Event.objects.filter(kind="acknowledged").count() == 1


def test_a_decision_is_taken_up_by_one_part_of_an_agent(caller, operator):
    address, said = caller.opened(), {"outcome": "acknowledged"}
    decide(claim(only_case(), operator))
    for _ in range(2):  # an answer that was lost is asked for again
        assert caller.post(address + "/ack", said, **{"Idempotency-Key": "a"}).status_code == 200
    refused = caller.post(address + "/ack", said, **{"Idempotency-Key": "b"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/api/v1/problems/already-taken")
    assert caller.post(address + "/ack", said, **NO_KEY).status_code == 200
    assert caller.post(address + "/ack", {"outcome": "applied"}).status_code == 200


def test_a_decision_past_its_hard_limit_is_not_taken_up(caller, operator):
    address = caller.opened(sla={"expires_at": "2999-01-01T00:00:00Z"})
    decide(claim(only_case(), operator))
    Escalation.objects.update(expires_at=Now() - timedelta(seconds=1))
    refused = caller.post(address + "/ack", {"outcome": "acknowledged"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/api/v1/problems/decision-expired")


def test_a_decision_is_good_until_the_hard_limit(caller, operator):
    address = caller.opened(sla={"expires_at": "2999-01-01T00:00:00Z"})
    decide(claim(only_case(), operator))
    Escalation.objects.update(expires_at=Now() - timedelta(seconds=1))
    refused = caller.post(address + "/ack", {"outcome": "applied"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/api/v1/problems/decision-expired")
    assert caller.post(address + "/ack", {"outcome": "late"}).json()["delivery"] == "late"


def test_what_counts_because_nobody_decided_has_no_limit(caller):
    address = caller.opened(
        sla={
            "expires_at": "2999-01-01T00:00:00Z",
            "on_expiry": "default",
            "default_resolution": {"decision": "approve"},
        }
    )
    Escalation.objects.update(expires_at=Now() - timedelta(seconds=1))
    transitions.expire()
    decision = caller.get(address).json()["decision"]
    assert decision["scope"] == {"single_use": True, "valid_until": None}
    assert [(one["decision"], one["digest_seen"]) for one in decision["actions"]] == [
        ("approve", digest(REFUND["arguments"]))
    ]
    applied = caller.post(address + "/ack", {"outcome": "applied", "carried_out": [made()]})
    assert applied.json()["delivery"] == "applied"


@pytest.mark.parametrize(
    ("decision", "calls", "pointer"),
    [
        ("approve", [made()], ""),
        ("approve", [made(arguments={"amount": 1})], "/carried_out/0/digest"),
        ("approve", [made(), made("call_2")], "/carried_out/1/tool_call_id"),
        ("approve", [made(), made()], "/carried_out"),
        ("edit", [made()], ""),
        ("edit", [made(arguments={"amount": 1})], "/carried_out/0/digest"),
        ("reject", [made()], "/carried_out/0/tool_call_id"),
        ("takeover", [made()], "/carried_out/0/tool_call_id"),
    ],
)
def test_calls_are_compared_with_the_decision(caller, operator, decision, calls, pointer):
    address = caller.opened()
    decide(claim(only_case(), operator), decision)
    response = caller.post(address + "/ack", {"outcome": "applied", "carried_out": calls})
    if not pointer:
        assert response.json()["delivery"] == "applied"
        return
    assert (response.status_code, pointers(response)) == (422, [pointer])
    assert only_case().delivery == Delivery.UNDELIVERED
    assert not Event.objects.filter(kind="acknowledged").exists()


def test_what_came_late_was_not_carried_out(caller):
    response = caller.post(caller.opened() + "/ack", {"outcome": "late", "carried_out": [made()]})
    assert pointers(response) == ["/carried_out"]


def test_there_is_nothing_to_acknowledge_before_a_decision(caller):
    response = caller.post(caller.opened() + "/ack", {"outcome": "applied"})
    assert response.status_code == 409


def test_an_unknown_outcome_is_pointed_at(caller):
    response = caller.post(caller.opened() + "/ack", {"outcome": "lost"})
    assert pointers(response) == ["/outcome"]


def test_withdrawing_closes_the_case_under_its_holder(caller, operator):
    address = caller.opened()
    claim(only_case(), operator)
    response = caller.post(address + "/cancel", {"reason": "The parcel came."})
    assert response.status_code == 200
    assert response.json()["state"] == "cancelled"
    assert only_case().holder is None
    assert Event.objects.latest("id").data == {"reason": "The parcel came."}


def test_withdrawing_twice_is_fine(caller):
    address = caller.opened()
    caller.post(address + "/cancel", {})
    again = caller.post(address + "/cancel", {})
    assert again.status_code == 200
    assert again.json()["version"] == 2


def test_a_decided_case_cannot_be_withdrawn(caller, operator):
    address = caller.opened()
    decide(claim(only_case(), operator))
    assert caller.post(address + "/cancel", {}).status_code == 409
