"""Each rule of a policy, against signals that keep it and signals that break it."""

import pytest

from escalations.models import Kind, Reason
from escalations.policy import phrases, policies
from escalations.policy.conditions import is_met
from escalations.policy.policies import Code, Finding, Signals

OVER_100 = {"argument": "amount", "op": ">", "value": 100}
MAX_REFUND = {"approve_tools": [{"name": "refund", "when": [OVER_100]}]}


def codes(rules, **signals):
    return [(one.code.value, one.subject) for one in policies.reasons(rules, Signals(**signals))]


def refund(**arguments):
    return [{"name": "refund", "arguments": arguments}]


def test_without_rules_or_signals_there_is_no_reason():
    everything = {
        "confidence": {"*": 0.5},
        "turns": 1,
        "never": ["x"],
        "phrases": ["law"],
        "asks_for_person": True,
    }
    assert codes({}, confidence=0.0, last_user_message="Get me a human", failed_checkpoints=["a"]) == []
    assert codes(everything) == []


def test_confidence_is_held_against_the_category_and_else_against_the_star():
    rules = {"confidence": {"refund": 0.7, "*": 0.5}}
    assert codes(rules, confidence=0.69, category="refund") == [("confidence", "refund")]
    assert codes(rules, confidence=0.7, category="refund") == []
    assert codes(rules, confidence=0.49, category="address") == [("confidence", "address")]
    assert codes({"confidence": {"refund": 0.7}}, confidence=0.1, category="address") == []


def test_a_category_is_never_handled():
    assert codes({"never": ["legal"]}, category="legal") == [("never", "legal")]
    assert codes({"never": ["legal"]}, category="refund") == []


@pytest.mark.parametrize("budget", policies.BUDGETS)
def test_a_budget_is_overrun_only_past_it(budget):
    assert codes({budget: 3}, usage={budget: 3.01}) == [("budget", budget)]
    assert codes({budget: 3}, usage={budget: 3}) == []
    assert codes({budget: 3}, usage={budget: None}) == []
    assert codes({budget: 0}, usage={budget: 1}) == [("budget", budget)]


def test_a_tool_needs_approval_by_name_or_by_its_arguments():
    assert codes({"approve_tools": ["refund"]}, pending_actions=refund()) == [("approval", "refund")]
    assert codes({"approve_tools": ["refund"]}, pending_actions=[{"name": "look_up"}]) == []
    assert codes(MAX_REFUND, pending_actions=refund(amount=100)) == []
    [found] = policies.reasons(MAX_REFUND, Signals(pending_actions=refund(amount=101)))
    assert found == Finding(Code.APPROVAL, "refund", conditions=("amount > 100",))


def test_all_conditions_of_a_row_must_hold_and_any_row_is_enough():
    both = [OVER_100, {"argument": "to", "op": "!=", "value": "card"}]
    rows = {"approve_tools": [{"name": "refund", "when": both}]}
    assert codes(rows, pending_actions=refund(amount=101, to="card")) == []
    assert codes(rows, pending_actions=refund(amount=101, to="cash")) == [("approval", "refund")]
    rows["approve_tools"] += MAX_REFUND["approve_tools"]
    assert codes(rows, pending_actions=refund(amount=101, to="card")) == [("approval", "refund")]


def test_what_cannot_be_compared_needs_approval_and_is_named():
    [found] = policies.reasons(MAX_REFUND, Signals(pending_actions=refund(amount=["9"])))
    assert (found.conditions, found.unclear) == ((), ("amount",))
    assert codes(MAX_REFUND, pending_actions=[{"name": "refund", "arguments": None}]) == [
        ("approval", "refund")
    ]


@pytest.mark.parametrize(
    ("value", "op", "bound", "met"),
    [
        (101, ">", 100, True),
        (100, ">", 100, False),
        (100, ">=", 100, True),
        (99.99, "<", 100, True),
        (100, "<=", 100, True),
        ("101", ">", 100, True),
        ("99.5", ">", 100, False),
        (10**4000, ">", 100, True),
        (-(10**4000), ">", 100, False),
        ("9e999", ">", 100, None),
        ("1,000", ">", 100, None),
        ("١٠٠٠", ">", 100, None),
        ("9" * 100_000, ">", 100, None),
        ("NaN", ">", 100, None),
        (True, ">", 0, None),
        (None, ">", 100, None),
        ([101], ">", 100, None),
        ({"amount": 1}, ">", 100, None),
        (0.1, "=", 0.1, True),
        (1, "=", True, None),
        (True, "=", True, True),
        ("EUR", "=", "eur ", True),
        ("ＥＵＲ", "=", "EUR", True),
        ("E\u200bUR", "!=", "EUR", False),
        ("USD", "!=", "EUR", True),
        ("100.0", "=", 100, True),
        (["EUR"], "=", "EUR", None),
        ("us", "in", ["US", "CA"], True),
        ("DE", "in", ["US", "CA"], False),
        (5, "in", ["US", 5], True),
        ({}, "in", ["US"], None),
        ("pay to a CRYPTO wallet", "contains", "crypto", True),
        ("pay by card", "contains", "crypto", False),
        (["a", "b"], "contains", "B", True),
        (["a", {}], "contains", "b", None),
        (7, "contains", "7", None),
    ],
)
def test_a_condition_on_an_argument(value, op, bound, met):
    assert is_met({"argument": "a", "op": op, "value": bound}, {"a": value}) is met


def test_phrases_are_whole_words_whatever_their_form():
    rules = {"phrases": ["lawyer", "chargeback now"]}
    assert codes(rules, last_user_message="My LAWYER: says, chargeback\n now!") == [
        ("phrase", "lawyer"),
        ("phrase", "chargeback now"),
    ]
    assert codes(rules, last_user_message="law\u200byer") == [("phrase", "lawyer")]
    assert codes(rules, last_user_message="lawyers charge back now") == []
    assert phrases.said("anything at all", ["!?"]) == []


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Can I talk to a human?", True),
        ("let me SPEAK with an agent, please", True),
        ("Please connect me to a real person.", True),
        ("I want a human", True),
        ("Ich möchte mit einem Menschen sprechen", True),
        ("Bitte mit einer Mitarbeiterin verbinden!", True),
        ("I am not a bot", False),
        ("A room for one person", False),
        ("Ein Zimmer mit einer Person", False),
        ("", False),
    ],
)
def test_a_request_for_a_person(text, asks):
    assert phrases.asks_for_person(text) is asks
    assert codes({"asks_for_person": True}, last_user_message=text) == [("person", "")] * asks
    assert codes({"asks_for_person": False}, last_user_message=text) == []


def test_the_agent_may_know_that_a_person_was_asked_for():
    assert codes({"asks_for_person": True}, asked_for_person=True) == [("person", "")]


def test_checkpoints_that_must_pass():
    assert codes({"checkpoints": ["b"]}, failed_checkpoints=["a", "b", "b"]) == [("checkpoint", "b")]
    assert codes({"checkpoints": ["*"]}, failed_checkpoints=["a"]) == [("checkpoint", "a")]


@pytest.mark.parametrize(
    ("codes", "actions", "expected"),
    [
        ([], [], None),
        (["confidence"], [], (Kind.QUESTION, Reason.LOW_CONFIDENCE)),
        (["confidence"], refund(), (Kind.APPROVAL, Reason.LOW_CONFIDENCE)),
        (["confidence", "approval"], refund(), (Kind.APPROVAL, Reason.POLICY)),
        (["approval", "person"], refund(), (Kind.TAKEOVER, Reason.USER_REQUESTED)),
        (["never", "approval"], refund(), (Kind.TAKEOVER, Reason.OUT_OF_SCOPE)),
        (["checkpoint"], [], (Kind.TAKEOVER, Reason.CHECKPOINT_FAILED)),
    ],
)
def test_the_most_pressing_reason_says_how_to_hand_off(codes, actions, expected):
    found = [Finding(Code(code)) for code in codes]
    assert policies.handoff_as(found, Signals(pending_actions=actions)) == expected


@pytest.mark.parametrize(
    ("budget", "reason"),
    [("context_tokens", "context_limit"), ("tool_failures", "tool_error"), ("cost_usd", "budget")],
)
def test_what_was_overrun_says_the_reason(budget, reason):
    found = [Finding(Code.BUDGET, budget, 2.0, 1.0), Finding(Code.BUDGET, "seconds", 2.0, 1.0)]
    assert policies.handoff_as(found, Signals()) == (Kind.TAKEOVER, reason)
