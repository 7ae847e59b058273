"""Why a case is here, in words, from its policy and what the agent reported."""

from decimal import Decimal

import pytest

from escalations.models import Agent, AgentVersion, Escalation, Policy
from escalations.policy import triggers

SUPPORT = Agent(name="support")
RULES = {
    "confidence": {"*": 0.6, "refund": 0.7},
    "context_tokens": 50_000,
    "turns": 20,
    "cost_usd": 3,
    "approve_tools": ["issue_refund"],
}


def case(**fields):
    return Escalation(
        agent=SUPPORT,
        agent_version=AgentVersion(agent=SUPPORT, name="2.3"),
        policy=Policy(agent=SUPPORT, number=12, rules=RULES),
        **{"reason": "policy"} | fields,
    )


def codes(case, payload=None):
    return [trigger.code for trigger in triggers.reasons(case, payload or {})]


def test_the_agents_own_reason_comes_first():
    [trigger] = triggers.reasons(case(reason="user_requested"), {})
    assert trigger.strong == "The user asked for a person"


def test_an_audit_is_here_by_lot_and_by_no_word_of_the_agent():
    [trigger] = triggers.reasons(case(kind="review", reason="other"), {})
    assert f"{trigger.strong} {trigger.rest}" == "An audit of what the agent did"
    [stated] = triggers.reasons(case(kind="review", reason="budget"), {})
    assert stated.strong == "Over budget"


def test_confidence_is_held_against_the_threshold_of_its_category():
    [_, trigger] = triggers.reasons(case(category="refund", confidence=0.65), {})
    assert f"{trigger.strong} {trigger.rest}" == (
        "Confidence 0.65 is under 0.70, the threshold for refund of support 2.3"
    )
    assert codes(case(category="address", confidence=0.65)) == ["stated"]
    assert codes(case(category="address", confidence=0.59)) == ["stated", "confidence"]
    assert codes(case(category="refund", confidence=0.7)) == ["stated"]


def test_the_threshold_that_the_agent_used_counts_before_the_policys():
    assert codes(case(confidence=0.65, confidence_threshold=0.5)) == ["stated"]
    assert codes(case(confidence=0.01, confidence_threshold=0.0)) == ["stated"]


def test_tools_that_need_approval_are_named_with_the_policy():
    [_, trigger] = triggers.reasons(
        case(), {"pending_actions": [{"name": "issue_refund"}, {"name": "look_up"}]}
    )
    assert f"{trigger.strong} {trigger.rest}" == "issue_refund needs approval (support policy 12)"


def test_budgets_that_were_overrun_are_named_and_those_kept_are_not():
    overrun = case(turns=21, context_tokens=48_211, cost_usd=Decimal("3.02"))
    assert [trigger.strong for trigger in triggers.reasons(overrun, {})[1:]] == ["Turns 21", "Cost $3.02"]
    assert [gauge.name for gauge in triggers.gauges(overrun)] == ["Context", "Turns", "Cost"]


def test_the_page_says_what_the_evaluator_found():
    asking = case(category="legal", reason="other")
    asking.policy.rules = {
        "never": ["legal"],
        "approve_tools": [{"name": "refund", "when": [{"argument": "amount", "op": ">", "value": 100}]}],
        "phrases": ["lawyer"],
        "asks_for_person": True,
    }
    payload = {
        "pending_actions": [
            {"name": "refund", "arguments": {"amount": 101}},
            {"name": "refund", "arguments": {"amount": 100}},
            {"name": "refund", "arguments": {}},
        ],
        "messages": [
            {"role": "user", "parts": [{"type": "text", "content": "My lawyer: let me talk to a human!"}]},
            {"role": "assistant", "content": "One moment."},
        ],
    }
    assert [f"{one.strong} {one.rest}" for one in triggers.reasons(asking, payload)[1:]] == [
        "Category legal is never handled by the agent alone (support policy 12)",
        "refund needs approval: amount > 100 (support policy 12)",
        "refund needs approval: amount is missing or cannot be compared (support policy 12)",
        "The user said “lawyer” which calls for a person (support policy 12)",
        "The user asked for a person and gets one (support policy 12)",
    ]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": "a"}, "a"),
        ({"content": None}, ""),
        ({"content": [{"type": "text", "text": "a"}, {"type": "image_url"}, {"text": {}}]}, "a"),
        ({"content": {"x": 1}}, ""),
        ({"parts": "a"}, "a"),
    ],
)
def test_what_the_user_said_last_is_found_in_any_form(message, text):
    assert triggers.last_user_text({"messages": [{"role": "user"} | message, {"role": "tool"}]}) == text


def test_the_first_failed_step_is_found_by_checkpoint_or_status():
    passed, failed = (
        {"checkpoint": {"passed": True}},
        {"checkpoint": {"passed": False, "errors": ["no holder"]}},
    )
    assert triggers.first_failed_step({"steps": [passed, failed, failed]}) == 1
    assert triggers.first_failed_step({"steps": [passed, {"status": "error"}]}) == 1
    assert triggers.first_failed_step({"steps": [passed]}) is None
    assert triggers.first_failed_step({}) is None
    assert codes(case(), {"steps": [failed]}) == ["stated", "step"]


def test_without_a_policy_only_the_agents_own_words_count():
    bare = case(turns=500, confidence=0.1)
    bare.policy = None
    assert codes(bare) == ["stated"]
    assert [gauge.budget for gauge in triggers.gauges(bare)] == [None]
