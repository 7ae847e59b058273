"""What an agent gets back for a good handoff, and what is kept of it."""

import json
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents_api.documentation import examples
from escalations.models import Escalation, Handoff, Priority
from tests.factories import handoff, make_key, make_operator, make_queue, make_skill

pytestmark = pytest.mark.django_db


def test_the_answer_says_where_to_go_on(caller, operator):
    response = caller.hand_off()

    answer = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == answer["links"]["self"]
    assert response.headers["ETag"] == 'W/"1"'
    assert int(response.headers["Retry-After"]) > 0
    assert answer["state"] == "queued"
    assert answer["version"] == 1
    assert answer["queue"] == "support"
    assert answer["routable"] is True
    assert answer["ahead"] == 0
    assert answer["decision"] is None
    assert answer["delivery"] is None
    assert answer["links"].keys() == {
        "self",
        "wait",
        "events",
        "messages",
        "typing",
        "ack",
        "cancel",
        "routing",
        "page",
    }
    assert caller.get(answer["links"]["self"]).json() == answer


def test_nobody_able_is_said_at_once(caller):
    make_skill("french")
    make_operator(skills=["spanish"])
    answer = caller.hand_off(routing={"skills": ["french"]}).json()
    assert answer["routable"] is False
    assert answer["expected_wait_seconds"] is None


def test_intake_costs_one_statement(caller):
    caller.hand_off()
    with CaptureQueriesContext(connection) as queries:
        assert caller.hand_off().status_code == 201
    statements = [q["sql"] for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) <= 1, statements


def test_the_body_is_kept_byte_for_byte(caller):
    sent = json.dumps(handoff(caller.agent, metadata={"π": 3.0}), indent=3).encode()
    answer = caller.post("/api/v1/handoffs", sent).json()
    kept = Handoff.objects.get(case_id=answer["id"])
    assert kept.body.encode() == sent
    assert kept.normalised_messages == ""


def test_other_message_forms_are_normalised_once(caller):
    parts = [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}]
    case = caller.opened(messages=parts)
    kept = Handoff.objects.get(case_id=UUID(case.rsplit("/", 1)[1]))
    assert kept.payload["messages"] == parts
    assert kept.messages == [{"role": "user", "content": "Hi"}]


def test_the_narrow_row_has_what_routing_and_lists_need(caller):
    make_queue("billing")
    parent = caller.opened()
    caller.opened(
        question="Refund\n $900?",
        conversation_id="conv_9",
        run_id="run_1",
        parent_handoff_id=parent.rsplit("/", 1)[1],
        category="refund",
        confidence=0.41,
        confidence_source="judge",
        confidence_threshold=0.7,
        usage={"turns": 21, "context_tokens": 48211, "cost_usd": 0.1 + 0.2, "seconds": 190, "retries": 3},
        routing={"queue": "billing", "priority": "urgent"},
    )
    case = Escalation.objects.latest("received_at")
    assert case.headline == "Refund $900?"
    assert (case.conversation_id, case.run_id, case.category) == ("conv_9", "run_1", "refund")
    assert str(case.parent_id) in parent
    assert (case.confidence, case.confidence_source, case.confidence_threshold) == (0.41, "judge", 0.7)
    assert (case.turns, case.context_tokens, case.run_seconds, case.retries) == (21, 48211, 190, 3)
    assert str(case.cost_usd) == "0.300000"
    assert case.queue.name == "billing"
    assert case.priority == Priority.URGENT
    assert case.agent_version.name == "2.3"


@pytest.mark.parametrize(
    ("fields", "headline"),
    [
        ({"question": "Refund \u202e009$\u202c?"}, "Refund 009$?"),
        ({"question": " ", "summary": "The parcel never came."}, "The parcel never came."),
        ({"question": None}, "issue_refund?"),
        ({"question": None, "pending_actions": [], "reason": "loop_detected"}, "The agent went in circles"),
        ({"question": "x" * 400}, "x" * 299 + "…"),
    ],
)
def test_every_case_has_a_headline(caller, fields, headline):
    caller.opened(**fields)
    assert Escalation.objects.get().headline == headline


def test_the_trace_is_kept_and_a_broken_one_ignored(caller):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    for parent, state in ((trace, "vendor=1"), ("garbage", "vendor=1")):
        caller.post("/api/v1/handoffs", handoff(caller.agent), traceparent=parent, tracestate=state)
    kept = Handoff.objects.order_by("case__received_at").values_list("traceparent", "tracestate")
    assert list(kept) == [(trace, "vendor=1"), ("", "")]


def test_the_documented_examples_are_accepted(caller):
    example = caller.post("/api/v1/handoffs", examples.HANDOFF)
    assert example.status_code == 201, example.content
    links = example.json()["links"]
    assert caller.post(links["messages"], examples.MESSAGES).status_code == 200
    assert caller.post(links["cancel"], examples.CANCEL).status_code == 200


def test_another_agents_name_is_refused(caller, stranger):
    response = caller.post("/api/v1/handoffs", handoff(stranger.agent))
    assert response.status_code == 403
    assert response.json()["type"] == "/api/v1/problems/wrong-agent"
    assert not Escalation.objects.exists()


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"routing": {"queue": "nowhere"}}, "/routing/queue"),
        ({"parent_handoff_id": "0192aaaa-0000-7000-8000-000000000000"}, "/parent_handoff_id"),
        ({"sla": {"expires_at": "2001-01-01T00:00:00Z"}}, "/sla/expires_at"),
    ],
)
def test_what_only_the_database_knows_is_refused_with_a_pointer_too(caller, fields, pointer):
    response = caller.hand_off(**fields)
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert not Escalation.objects.exists()


def test_the_parent_must_be_the_agents_own(caller, stranger):
    foreign = stranger.opened().rsplit("/", 1)[1]
    assert caller.hand_off(parent_handoff_id=foreign).status_code == 422


def test_a_second_key_of_the_agent_works_as_well(caller):
    address = caller.opened()
    caller.key = make_key(caller.agent)
    assert caller.get(address).status_code == 200
