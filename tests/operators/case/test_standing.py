"""The proposal against how things stand: only what is surely about the same thing is compared."""

import json

import pytest

from operators.case.conversation import turns
from operators.case.standing import sources, standing

REFUND = {"order_id": "W2378156", "amount": "912.40", "payment_method": "credit_card_9513926"}


def conversation(*answers):
    """Calls with their answers: (name, arguments, answer) each."""
    messages = []
    for number, (name, arguments, answer) in enumerate(answers):
        call = {"id": f"c{number}", "function": {"name": name, "arguments": json.dumps(arguments)}}
        messages += [
            {"role": "user", "content": "And?"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {
                "role": "tool",
                "tool_call_id": f"c{number}",
                "content": answer if isinstance(answer, str) else json.dumps(answer),
            },
        ]
    return turns(messages, agent="support")


def told(arguments, *answers, facts=None, stated=None):
    found = standing(arguments, sources({"context": {"facts": facts or {}}}, conversation(*answers)), stated)
    return [(each.name, each.value, each.said) for each in found]


ORDER = ("get_order", {"order_id": "W2378156"}, {"payment_method": "gift_card_2210573", "amount": 912.4})


def test_an_answer_about_the_same_order_says_how_it_stands():
    assert told(REFUND, ORDER) == [("payment_method", "gift_card_2210573", "get_order answered in turn 2")]


def test_the_latest_answer_counts_even_where_it_agrees():
    later = ("get_order", {"order_id": "W2378156"}, {"payment_method": "credit_card_9513926"})
    assert told(REFUND, ORDER, later) == []
    assert len(told(REFUND, later, ORDER)) == 1


def test_an_answer_in_one_envelope_is_read():
    name, arguments, answer = ORDER
    assert len(told(REFUND, (name, arguments, {"data": answer}))) == 1


def test_facts_are_believed_where_no_tool_said_anything():
    assert told(REFUND, facts={"payment_method": "paypal_1"}) == [
        ("payment_method", "paypal_1", "the agent’s facts say")
    ]
    assert [value for _, value, _ in told(REFUND, ORDER, facts={"payment_method": "paypal_1"})] == [
        "gift_card_2210573"
    ]


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        # another order
        (REFUND, ("get_order", {"order_id": "W1"}, {"payment_method": "gift_card_1"})),
        # only an amount, a date or a word in common
        (REFUND, ("find", {"amount": "912.40"}, {"payment_method": "gift_card_1"})),
        ({"on": "2026-05-03", "seat": "3A"}, ("find", {"on": "2026-05-03"}, {"seat": "4B"})),
        ({"currency": "USD", "to": "card_1"}, ("rates", {"currency": "USD"}, {"to": "card_2"})),
        # words about the call
        ({"order_id": "W2378156", "reason": "gift"}, ("get", {"order_id": "W2378156"}, {"reason": "x"})),
        # the same amount, spelt otherwise; or nothing known
        (REFUND, ("get", {"order_id": "W2378156"}, {"amount": "$912.40"})),
        (REFUND, ("get", {"order_id": "W2378156"}, {"payment_method": None})),
        # another kind of value
        (REFUND, ("get", {"order_id": "W2378156"}, {"payment_method": {"id": "gift_card_1"}})),
        # a name for the same thing, or more words about it
        ({"sku": "LK-4-118", "hotel": "H-2201"}, ("get", {"sku": "LK-4-118"}, {"hotel": "Hotel of Weavers"})),
        (
            {"sku": "LK-4-118", "item": "Brisa 2"},
            ("get", {"sku": "LK-4-118"}, {"item": "Thermostat Brisa 2"}),
        ),
        ({"sku": "LK-4-118", "invoice": "INV-90"}, ("get", {"sku": "LK-4-118"}, {"invoice": "INV-90, $640"})),
        # no sound answer
        (REFUND, ("get", {"order_id": "W2378156"}, {"status": 401, "error": "x", "payment_method": "y"})),
        (REFUND, ("get", {"order_id": "W2378156"}, "<html><title>502</title></html>")),
    ],
)
def test_what_may_be_about_something_else_is_left_out(arguments, answer):
    assert told(arguments, answer) == []


@pytest.mark.parametrize(
    ("today", "proposed"),
    [
        ("1 Main St, Springfield", "11 Main St, Springfield"),
        ("Main St, Springfield", "1 Main St, Springfield"),
        ("acct-12345", "acct-123456"),
        ("acct-12345", "acct-12345-6"),
        ("j.moss@example.co", "j.moss@example.co.uk"),
        ("delivered", "undelivered"),
        ("fully refundable", "not fully refundable"),
        ("refundable", "not refundable"),
        ("Paris", "New York"),
        ("gift card 22", "card_95"),
        ("007", "7"),
        ("$912.40", "€912.40"),
    ],
)
def test_values_that_only_look_alike_are_different(today, proposed):
    for there, here in ((today, proposed), (proposed, today)):
        found = told({"sku": "LK-4-118", "to": here}, ("get", {"sku": "LK-4-118"}, {"to": there}))
        assert [value for _, value, _ in found] == [there]


def test_what_the_agent_states_wins_over_what_was_found():
    stated = {"payment_method": "paypal_7", "amount": None}
    assert told(REFUND, ORDER, facts={"amount": 3}, stated=stated) == [
        ("amount", None, "the agent says"),
        ("payment_method", "paypal_7", "the agent says"),
    ]
    assert told(REFUND, ORDER, stated={"payment_method": REFUND["payment_method"]}) == []


def test_what_the_agent_states_is_compared_as_it_is_spelt():
    flags = {"items": [1, {"a": 1, "b": 2}], "on": True}
    assert told(flags, stated={"items": [1, {"b": 2, "a": 1}], "on": 1}) == [("on", 1, "the agent says")]
