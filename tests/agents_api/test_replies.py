"""After the handoff: messages, acknowledgement, withdrawal."""

import pytest

from escalations.models import Delivery, Escalation, Event, Turn
from tests.agents_api.conftest import pointers
from tests.factories import claim, decide

pytestmark = pytest.mark.django_db

HELLO = {"messages": [{"role": "user", "content": "Hello?"}]}


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
    assert caller.post(address + "/ack", {"outcome": "applied"}).status_code == 200
    assert caller.post(address + "/ack", {"outcome": "applied"}).status_code == 200
    assert caller.post(address + "/ack", {"outcome": "late"}).status_code == 409
    assert only_case().delivery == Delivery.APPLIED


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
