"""Cases like one at hand: ranked by what they share, and only what one may see."""

import pytest

from escalations.models import Escalation
from escalations.search import similar
from escalations.transitions.erase import erase_case
from operators.case.outcomes import grouped
from tests.factories import REFUND, claim, decide, make_agent, make_case, make_operator, make_queue

pytestmark = pytest.mark.django_db


def resolved(operator, decision="reject", message="", **overrides):
    case = make_case(**overrides)
    decide(claim(case, operator), decision, message=message)
    return case


def found_for(case, operator):
    return similar.like(case, case.handoff.payload, operator)


def test_what_shares_most_comes_first():
    operator = make_operator()
    other_tool = REFUND | {"name": "send_card"}
    tool = resolved(operator, question="Something else", category="fees")
    both = resolved(operator, question="Refund to another card?", category="refund")
    resolved(operator, question="New plastic", pending_actions=[other_tool], reason="budget")
    found = found_for(make_case(question="Refund to a strange card?", category="refund"), operator)
    assert [each.case.id for each in found] == [both.id, tool.id]
    assert found[0].shared == ("also issue_refund", "also refund", "also says card, refund")


def test_other_agents_kinds_queues_and_open_cases_are_left_out():
    operator = make_operator()
    hidden = make_agent("hidden", queue=make_queue("hidden"))
    question = {"question": "Refund to a card?", "category": "refund"}
    resolved(operator, decision="respond", kind="question", **question)
    resolved(operator, agent=make_agent("another"), **question)
    make_case(**question)
    seer = make_operator(queues=[make_queue("hidden")])
    resolved(seer, agent=hidden, **question)
    assert found_for(make_case(**question), operator) == []
    case = make_case(hidden, **question)
    Escalation.objects.filter(id=case.id).update(queue=make_queue())
    assert found_for(Escalation.objects.get(id=case.id), operator) == []


def test_an_erased_case_is_like_no_other():
    operator = make_operator()
    question = {"question": "Refund to a card?", "category": "refund"}
    old = resolved(operator, **question)
    case = make_case(**question)
    assert [each.case.id for each in found_for(case, operator)] == [old.id]
    erase_case(case_id=old.id, actor="test")
    assert found_for(case, operator) == []


def test_alike_outcomes_are_counted_together_and_can_be_reused():
    operator = make_operator()
    for number in (1, 2):
        resolved(operator, message=f"Ask the payer for consent. Order W{number}.")
    resolved(operator, decision="approve")
    outcomes = grouped(found_for(make_case(), operator))
    assert [(outcome.words, outcome.count) for outcome in outcomes] == [
        ("Denied: “Ask the payer for consent.”", "2 of 3"),
        ("Approved", "1 of 3"),
    ]
    assert outcomes[0].fields["decision"] == "reject"
    assert outcomes[0].fields["message"] == "Ask the payer for consent. Order W2."


def test_the_number_of_queries_does_not_grow(django_assert_num_queries):
    operator = make_operator()
    case = make_case()
    for size in (3, 30):
        for _ in range(size):
            resolved(operator)
        payload = Escalation.objects.get(id=case.id).handoff.payload
        with django_assert_num_queries(3):
            assert len(similar.like(case, payload, operator)) == 3
