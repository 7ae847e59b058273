"""Outbox rows stand and fall with the decision they tell of."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from agents_api.models import EventType, WebhookDelivery
from agents_api.webhooks import receivers
from escalations import sweeps, transitions
from escalations.handoffs import handback
from escalations.models import Escalation, Event, Handoff, Resolution, WaitingFor
from escalations.signals import recorded
from escalations.transitions import notes
from tests.agents_api.webhooks.conftest import make_endpoint
from tests.factories import claim, decide, make_agent, make_case, make_operator, make_resolved

pytestmark = pytest.mark.django_db


def types(**endpoint: object) -> list[str]:
    """The types of the webhooks written to an endpoint, oldest first."""
    return list(
        WebhookDelivery.objects.filter(**endpoint).order_by("created_at").values_list("event_type", flat=True)
    )


def test_a_decision_is_put_into_the_outbox_once_for_each_endpoint_of_the_agent():
    own = [make_endpoint("https://one.example/"), make_endpoint("https://two.example/")]
    make_endpoint("https://off.example/", is_active=False)
    make_endpoint("https://other.example/", agent="billing")
    case = make_resolved()
    assert set(WebhookDelivery.objects.values_list("endpoint", "case")) == {(one.id, case.id) for one in own}


def test_a_decision_that_is_rolled_back_leaves_nothing_in_the_outbox():
    make_endpoint("https://one.example/")
    lease = claim(make_case(), make_operator())
    with transaction.atomic():
        decide(lease)
        assert WebhookDelivery.objects.exists()
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()
    assert not Event.objects.filter(kind="resolved").exists()


def test_the_body_holds_the_decision_as_the_api_gives_it_and_no_labels():
    make_endpoint("https://one.example/")
    lease = claim(make_case(), make_operator())
    decide(lease, note="between us")
    text = WebhookDelivery.objects.get().body
    body = json.loads(text)
    case = Escalation.objects.get()
    expected = handback.decision_of(case, Resolution.objects.get(), Handoff.objects.get())
    assert body["data"] == json.loads(json.dumps(expected))
    assert body["type"] == "handoff.resolved"
    assert datetime.fromisoformat(body["timestamp"]).utcoffset() is not None
    assert "between us" not in text
    assert "agent_correct" not in text


def test_an_endpoint_gets_what_it_chose_and_decisions_otherwise():
    chosen = make_endpoint(
        "https://one.example/", events=["handoff.claimed", "handoff.reopened", "handoff.message"]
    )
    plain = make_endpoint("https://two.example/")
    operator = make_operator()
    case = make_case()
    lease = claim(case, operator)
    transitions.add_message(
        case_id=case.id, messages=[{"role": "user", "content": "Hello?"}], actor="agent:support"
    )
    turn = transitions.say(lease=lease, text="I am here.")
    decide(lease)
    transitions.reopen(case_id=case.id, operator=operator, reason="a mistake")
    assert types(endpoint=chosen) == ["handoff.claimed", "handoff.message", "handoff.reopened"]
    assert types(endpoint=plain) == ["handoff.resolved"]
    outline = json.loads(WebhookDelivery.objects.filter(endpoint=chosen).latest("created_at").body)
    assert outline["data"] == {"handoff_id": str(case.id), "version": 6, "state": "queued"}
    told = json.loads(WebhookDelivery.objects.get(endpoint=chosen, event_type="handoff.message").body)
    assert (told["data"]["version"], told["data"]["message"]["id"]) == (4, str(turn.pk))
    assert (told["data"]["message"]["from"], told["data"]["message"]["content"]) == ("operator", "I am here.")


def test_a_question_is_a_turn_and_the_start_of_a_wait():
    both = make_endpoint("https://one.example/", events=["handoff.waiting", "handoff.message"])
    turns = make_endpoint("https://two.example/", events=["handoff.message"])
    make_endpoint("https://three.example/")
    lease = claim(make_case(), make_operator())
    transitions.ask(
        lease=lease, whom=WaitingFor.USER, question="Which card?", reply_within=timedelta(minutes=5)
    )
    assert sorted(types(endpoint=both)) == ["handoff.message", "handoff.waiting"]
    assert types(endpoint=turns) == ["handoff.message"]
    assert WebhookDelivery.objects.count() == 3
    data = json.loads(WebhookDelivery.objects.get(event_type="handoff.waiting").body)["data"]
    assert (data["state"], data["message"]["content"]) == ("waiting", "Which card?")


def test_what_only_people_may_know_is_told_to_no_endpoint():
    make_endpoint("https://one.example/", events=EventType.values)
    case, operator = make_case(), make_operator()
    notes.add(case=case, author=operator, body="Between us.")
    transitions.typing(case_id=case.id, actor="agent:support")
    assert not WebhookDelivery.objects.exists()


def test_what_the_time_limit_decided_is_told_as_well():
    make_endpoint("https://one.example/")
    make_case()
    Escalation.objects.update(expires_at=Now())
    sweeps.sweep_expired()
    body = json.loads(WebhookDelivery.objects.get().body)
    assert body["type"] == "handoff.expired"
    assert body["data"]["decided_by"]["type"] == "timeout"


def test_an_agent_without_endpoints_costs_one_small_query(django_assert_num_queries):
    case = make_resolved()
    make_endpoint("https://other.example/", agent="billing")
    with django_assert_num_queries(1):
        recorded.send(sender=None, case_id=case.id, kind="resolved", data={})
    with django_assert_num_queries(0):
        recorded.send(sender=None, case_id=case.id, kind="released", data={})


def test_the_deliverer_is_told_only_after_the_commit(django_capture_on_commit_callbacks):
    make_endpoint("https://one.example/")
    with django_capture_on_commit_callbacks() as callbacks:
        make_resolved(agent=make_agent())
    assert receivers.hint in callbacks
