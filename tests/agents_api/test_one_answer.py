"""The long-poll, the stream of events and webhooks tell the same of every kind of decision."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from agents_api.models import EventType, WebhookDelivery
from escalations import transitions
from escalations.handoffs.handback import HUMAN_PART_OVER
from escalations.models import Escalation
from tests.agents_api.conftest import Caller
from tests.agents_api.webhooks.conftest import make_endpoint
from tests.factories import claim, decide

pytestmark = pytest.mark.django_db(transaction=True)

STATE = {"media_type": "application/json", "data": {"thread": 7, "ü": [1.0, None]}}
BY_PERSON = ("approve", "edit", "reject", "respond", "takeover")
BY_TIMEOUT: dict[str, dict[str, Any]] = {
    "approve": {"on_expiry": "default", "default_resolution": {"decision": "approve"}},
    "respond": {"on_expiry": "default", "default_resolution": {"decision": "respond", "message": "Later."}},
    "reject": {"on_expiry": "reject"},
    "cancel": {"on_expiry": "fail"},
}


def told_by_stream(caller: Caller, address: str) -> tuple[str, Any]:
    """The last event: its type and data."""
    lines = caller.get(address + "/events").content.decode().split("\n")
    fields = dict(line.split(": ", 1) for line in lines if ": " in line)
    return fields["event"], json.loads(fields["data"])


def told_all_ways(caller: Caller, address: str, type_: EventType) -> dict[str, Any]:
    """The decision, once it is clear that all tell the same."""
    case = caller.get(address + "/wait?timeout=0&after_version=1").json()
    webhook = json.loads(WebhookDelivery.objects.get(event_type=type_).body)
    assert webhook["data"] == case["decision"]
    assert told_by_stream(caller, address) == (webhook["type"], webhook["data"])
    assert case["decision"]["version"] == case["version"]
    assert case["delivery"] == "delivered"
    found: dict[str, Any] = case["decision"]
    return found


@pytest.mark.parametrize("decision", BY_PERSON)
def test_what_a_person_decided(caller, operator, decision):
    kind = "question" if decision == "respond" else "approval"
    address = caller.opened(kind=kind, state=STATE, context={"facts": {"order": "W1"}})
    make_endpoint("https://one.example/", events=EventType.values)
    decide(claim(Escalation.objects.get(), operator), decision, message="So.")
    told = told_all_ways(caller, address, EventType.RESOLVED)
    assert (told["decision"], told["decided_by"]) == (decision, {"type": "human", "name": str(operator)})
    assert told["messages"][-1] == {"role": "system", "content": HUMAN_PART_OVER}
    assert told["resume"]["facts"] == {"order": "W1"}
    assert told["resume"]["decisions"][-1].endswith(": So.")
    assert told["state"] == STATE


@pytest.mark.parametrize("decision", BY_TIMEOUT)
def test_what_counts_because_nobody_decided_in_time(caller, decision):
    limit = {"expires_at": "2999-01-01T00:00:00Z"}
    address = caller.opened(state=STATE, sla=limit | BY_TIMEOUT[decision])
    make_endpoint("https://one.example/", events=EventType.values)
    Escalation.objects.update(expires_at=Now() - timedelta(seconds=1))
    transitions.expire()
    told = told_all_ways(caller, address, EventType.EXPIRED)
    assert (told["decision"], told["decided_by"]) == (decision, {"type": "timeout", "name": "Handrail"})
    assert told["messages"][-1] == {"role": "system", "content": HUMAN_PART_OVER}
    assert "(nobody decided in time)" in told["resume"]["decisions"][-1]
    decided = [(action["tool_call_id"], action["decision"]) for action in told["actions"]]
    assert decided == ([("call_1", decision)] if decision in ("approve", "reject") else [])
    assert told["state"] == STATE
