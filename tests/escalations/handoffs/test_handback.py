"""What the agent gets back, word for word where agents depend on it."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db.models import F

from escalations import transitions
from escalations.handoffs import handback
from escalations.models import Escalation, Handoff, Resolution
from tests import factories

pytestmark = pytest.mark.django_db


def handed_back(case):
    case = Escalation.objects.get(id=case.id)
    resolution = Resolution.objects.current().select_related("operator").get(case=case)
    return handback.decision_of(case, resolution, Handoff.objects.get(case=case))


def test_an_approval_binds_the_arguments_that_were_seen():
    operator = factories.make_operator(first_name="Noor", last_name="Haddad")
    answer = handed_back(factories.make_resolved(operator))

    assert (answer["decision"], answer["version"]) == ("approve", 3)
    assert answer["decided_by"] == {"type": "human", "name": "Noor Haddad"}
    [action] = answer["actions"]
    assert (action["tool_call_id"], action["decision"], action["arguments"]) == ("call_1", "approve", None)
    # SHA-256 of the RFC 8785 form of the proposed arguments, computed apart from the product.
    assert action["digest_seen"] == (
        "sha-256="
        + sha256(b'{"amount":912,"order_id":"W2378156","payment_method":"credit_card_9513926"}').hexdigest()
    )
    assert answer["messages"] == [{"role": "system", "content": handback.HUMAN_PART_OVER}]


def test_a_refusal_answers_the_tool_call_with_the_reason():
    case = factories.make_case()
    factories.decide(
        factories.claim(case, factories.make_operator()), "reject", message="Not the payer's card."
    )
    assert handed_back(case)["messages"] == [
        {
            "role": "tool",
            "tool_call_id": "call_1",
            "content": "A person refused this call. Not the payer's card.",
        },
        {"role": "system", "content": handback.HUMAN_PART_OVER},
    ]


def test_an_answer_is_append_ready_and_ends_with_the_marker():
    case = factories.make_case(kind="question", reason="low_confidence")
    factories.decide(factories.claim(case, factories.make_operator()), "respond", message="Yes, do.")
    assert handed_back(case)["messages"] == [
        {"role": "assistant", "content": "Yes, do."},
        {"role": "system", "content": handback.HUMAN_PART_OVER},
    ]


def test_the_agent_restarts_from_what_was_known_and_what_was_decided():
    context = {"facts": {"tier": "gold"}, "decisions": ["identity checked"], "preferences": {}}
    case = factories.make_case(context=context, summary="A refund to another card.")
    lease = factories.claim(case, factories.make_operator())
    transitions.resolve(
        lease=lease,
        decision=transitions.DecisionInput(
            "reject", [transitions.ActionDecision("call_1", "reject")], resume={"facts": {"tier": "silver"}}
        ),
        labels=transitions.Labels("replace", "no", "edge_case", note="a secret of the desk"),
    )

    answer = handed_back(case)

    assert answer["resume"] == {
        "facts": {"tier": "silver"},
        "decisions": ["identity checked", "Deny"],
        "preferences": {},
        "summary": "A refund to another card.",
    }
    assert "a secret of the desk" not in json.dumps(answer)


def test_the_opaque_state_comes_back_as_it_went_in():
    state = {"media_type": "application/json", "data": {"thread": [1, 2.50, "é"]}}
    assert handed_back(factories.make_resolved(state=state))["state"] == state


def test_timing_says_how_long_it_waited_and_was_handled():
    case = factories.make_resolved()
    Escalation.objects.filter(id=case.id).update(received_at=F("received_at") - timedelta(minutes=5))
    Resolution.objects.filter(case=case).update(handle_seconds=12.5)
    timing = handed_back(case)["timing"]
    assert timing["handling_ms"] == 12_500
    assert 300_000 <= timing["queued_ms"] < 310_000
