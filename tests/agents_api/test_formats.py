"""`?format=`: a decision in the words of each framework, whoever decided and however."""

from typing import Any

import pytest
from django.db.models.functions import Now

from agents_api.formats import RENDERERS
from escalations import transitions
from escalations.models import Disposition, Escalation
from escalations.transitions import decisions
from tests.agents_api.conftest import Caller, pointers
from tests.factories import claim, make_operator

EDITED = {"amount": 500}
ACTIONS = [
    {"tool_call_id": "c1", "name": "refund", "arguments": {"amount": 900}},
    {"tool_call_id": "c2", "name": "mail", "arguments": {"to": "user"}},
]
INTERRUPTS = {"metadata": {"interrupts": {"i1": ["c1", "c2"]}}}
CHANGED = 'A person changed the arguments. Call refund again with exactly these: {"amount": 500}'
TAKEN_OVER = "A person took over and does what is needed. Do not make this call."
UNDECIDED = "Nobody decided in time. The call was not made."


def decide(address: str, decision: str, *each: str, message: str = "", response: Any = None) -> None:
    """Decide as an operator, about each action as given; the reason of a refusal is "Too much."."""
    lease = claim(Escalation.objects.get(id=address.rsplit("/", 1)[1]), make_operator("ada"))
    actions = [
        transitions.ActionDecision(
            tool_call_id=action["tool_call_id"],
            decision=word,
            arguments=EDITED if word == "edit" else None,
            message="Too much." if word == "reject" else "",
            digest_seen=decisions.digest(action["arguments"]),
        )
        for action, word in zip(ACTIONS, each, strict=False)
    ]
    transitions.resolve(
        lease=lease,
        decision=transitions.DecisionInput(decision, actions, response=response, message=message),
        labels=transitions.Labels(Disposition.APPROVE, "yes", "none"),
    )


def expire(address: str) -> None:
    Escalation.objects.filter(id=address.rsplit("/", 1)[1]).update(expires_at=Now())
    transitions.expire()


def resume_with(caller: Caller, address: str, name: str) -> Any:
    response = caller.get(f"{address}?format={name}")
    assert response.status_code == 200, response.content
    return response.json()["resume_with"]


def everything(caller: Caller, address: str) -> dict[str, Any]:
    return {name: resume_with(caller, address, name) for name in RENDERERS if name != "a2a"}


def test_each_action_gets_its_own_decision_in_the_order_it_was_handed_off(caller):
    address = caller.opened(pending_actions=ACTIONS, **INTERRUPTS)
    decide(address, "edit", "edit", "reject")
    assert everything(caller, address) == {
        "langgraph": {
            "i1": {
                "decisions": [
                    {"type": "edit", "edited_action": {"name": "refund", "args": EDITED}},
                    {"type": "reject", "message": "A person refused this call. Too much."},
                ]
            }
        },
        "agent_inbox": [
            {"type": "edit", "args": {"action": "refund", "args": EDITED}},
            {"type": "response", "args": "A person refused this call. Too much."},
        ],
        "pydantic_ai": {
            "calls": {},
            "approvals": {
                "c1": {"kind": "tool-approved", "override_args": EDITED},
                "c2": {"kind": "tool-denied", "message": "A person refused this call. Too much."},
            },
            "answered_by": {"c1": "ada", "c2": "ada"},
        },
        "openai_agents": {
            "c1": {"approve": False, "rejection_message": CHANGED, "arguments": EDITED},
            "c2": {
                "approve": False,
                "rejection_message": "A person refused this call. Too much.",
                "arguments": None,
            },
        },
        "mcp": {
            "action": "accept",
            "content": {"decision": "edit", "arguments": '{"amount": 500}', "not_to_be_made": ["c2"]},
        },
        # An interrupt of AG-UI is about one call: what asks about two is denied.
        "ag_ui": [
            {
                "interruptId": "i1",
                "status": "resolved",
                "payload": {
                    "approved": False,
                    "reason": "Nobody was asked about this call. It was not made.",
                },
            }
        ],
    }


def test_as_a_task_a_decision_is_its_end_and_its_artifact(caller):
    address = caller.opened(pending_actions=ACTIONS, conversation_id="conv_9")
    decide(address, "edit", "edit", "reject")
    task = resume_with(caller, address, "a2a")
    assert (task["id"], task["contextId"]) == (address.rsplit("/", 1)[1], "conv_9")
    assert task["status"]["state"] == "TASK_STATE_COMPLETED"
    [artifact] = task["artifacts"]
    [words, data] = artifact["parts"]
    assert words["text"] == task["status"]["message"]["parts"][0]["text"]
    assert words["text"].splitlines() == [
        "ada: edit.",
        'Call refund (c1) with {"amount": 500}.',
        "Do not call mail (c2). A person refused this call. Too much.",
    ]
    assert data["data"]["actions"][0]["arguments"] == EDITED
    assert data["data"]["actions"][1]["arguments"] is None


def test_interrupts_may_ask_about_one_call_each(caller):
    interrupts = {"i2": "c2", "i1": "c1", "other": "c9"}
    address = caller.opened(pending_actions=ACTIONS, metadata={"interrupts": interrupts})
    decide(address, "edit", "edit", "approve")
    found = resume_with(caller, address, "langgraph")
    assert found["i1"] == {"type": "edit", "edited_action": {"name": "refund", "args": EDITED}}
    assert found["i2"] == {"type": "approve"}
    assert found["other"]["type"] == "reject"  # nobody saw this call
    assert resume_with(caller, address, "ag_ui")[:2] == [
        {"interruptId": "i2", "status": "resolved", "payload": {"approved": True}},
        {"interruptId": "i1", "status": "resolved", "payload": {"approved": True, "editedArgs": EDITED}},
    ]


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"interrupts": 7},
        {"interrupts": {"i1": "c1", "i2": {"no": "form"}}},
        {"interrupts": {"i1": ["c1"] * 1_001}},
    ],
    ids=["none", "a number", "a form of its own", "too many"],
)
def test_without_names_of_interrupts_the_value_is_for_the_only_one(caller, metadata):
    address = caller.opened(pending_actions=ACTIONS[:1], metadata=metadata)
    decide(address, "approve", "approve")
    assert resume_with(caller, address, "langgraph") == {"decisions": [{"type": "approve"}]}
    [entry] = resume_with(caller, address, "ag_ui")
    assert entry["interruptId"] == "c1"


def test_an_answer_takes_the_place_of_the_call(caller):
    action = ACTIONS[0] | {"allowed_decisions": ["approve", "respond"]}
    schema = {"type": "object", "required": ["kind"]}
    address = caller.opened(kind="review", pending_actions=[action], response_schema=schema)
    decide(address, "respond", response={"kind": "paid in cash"})
    assert everything(caller, address) == {
        "langgraph": {"decisions": [{"type": "respond", "message": '{"kind": "paid in cash"}'}]},
        "agent_inbox": [{"type": "response", "args": '{"kind": "paid in cash"}'}],
        "pydantic_ai": {
            "calls": {"c1": {"kind": "tool-return", "return_value": {"kind": "paid in cash"}}},
            "approvals": {},
            "answered_by": {"c1": "ada"},
        },
        "openai_agents": {
            "c1": {"approve": False, "rejection_message": '{"kind": "paid in cash"}', "arguments": None}
        },
        "mcp": {"action": "accept", "content": {"kind": "paid in cash"}},
        "ag_ui": [
            {
                "interruptId": "c1",
                "status": "resolved",
                "payload": {"approved": False, "reason": '{"kind": "paid in cash"}'},
            }
        ],
    }


def test_a_question_without_a_call_gets_its_answer(caller):
    address = caller.opened(kind="question", pending_actions=[], metadata={"interrupts": {"i1": None}})
    decide(address, "respond", message="Yes, today.")
    assert everything(caller, address) == {
        "langgraph": {"i1": "Yes, today."},
        "agent_inbox": [{"type": "response", "args": "Yes, today."}],
        "pydantic_ai": {"calls": {}, "approvals": {}, "answered_by": {}},
        "openai_agents": {},
        "mcp": {"action": "accept", "content": {"decision": "respond", "answer": "Yes, today."}},
        "ag_ui": [{"interruptId": "i1", "status": "resolved", "payload": "Yes, today."}],
    }


@pytest.mark.parametrize(
    ("sla", "why"),
    [
        (None, TAKEN_OVER),
        ({"on_expiry": "fail"}, UNDECIDED),
        ({"on_expiry": "reject"}, UNDECIDED),
    ],
)
def test_calls_are_not_made_that_somebody_took_over_or_nobody_decided(caller, sla, why):
    address = caller.opened(pending_actions=ACTIONS[:1], sla=sla)
    if sla:
        expire(address)
    else:
        decide(address, "takeover")
    found = everything(caller, address)
    assert found["langgraph"] == {"decisions": [{"type": "reject", "message": why}]}
    assert found["agent_inbox"] == [{"type": "ignore", "args": None}]
    assert found["pydantic_ai"]["approvals"] == {"c1": {"kind": "tool-denied", "message": why}}
    assert found["openai_agents"] == {"c1": {"approve": False, "rejection_message": why, "arguments": None}}
    abandoned = {"interruptId": "c1", "status": "cancelled"}
    denied = {"interruptId": "c1", "status": "resolved", "payload": {"approved": False, "reason": why}}
    assert found["ag_ui"] == [denied if sla and sla["on_expiry"] == "reject" else abandoned]


def test_a_default_that_approves_lets_every_call_through(caller):
    sla = {"on_expiry": "default", "default_resolution": {"decision": "approve"}}
    address = caller.opened(pending_actions=ACTIONS, sla=sla, **INTERRUPTS)
    expire(address)
    found = everything(caller, address)
    assert found["langgraph"] == {"i1": {"decisions": [{"type": "approve"}] * 2}}
    assert found["agent_inbox"] == [{"type": "accept", "args": None}] * 2
    assert found["pydantic_ai"]["approvals"] == {call: {"kind": "tool-approved"} for call in ("c1", "c2")}
    assert found["pydantic_ai"]["answered_by"] == {"c1": "timeout", "c2": "timeout"}
    assert all(answer["approve"] for answer in found["openai_agents"].values())


def test_there_is_nothing_to_resume_with_before_the_decision_or_after_a_withdrawal(caller):
    address = caller.opened()
    assert caller.get(f"{address}?format=langgraph").json()["resume_with"] is None
    withdrawn = caller.post(f"{address}/cancel", {"reason": "The user left."})
    assert withdrawn.json()["resume_with"] is None
    assert resume_with(caller, address, "pydantic_ai") is None


@pytest.mark.django_db(transaction=True)
def test_a_wait_is_answered_in_the_format_too(caller):
    address = caller.opened(pending_actions=ACTIONS[:1])
    decide(address, "approve", "approve")
    answer = caller.get(f"{address}/wait?timeout=0&format=agent_inbox").json()
    assert answer["resume_with"] == [{"type": "accept", "args": None}]
    assert caller.get(address).json() == answer | {"resume_with": None}


@pytest.mark.parametrize("end", ["?format=langchain", "/wait?timeout=0&format="])
def test_a_format_that_nobody_knows_is_refused_with_those_there_are(caller, end):
    response = caller.get(caller.opened() + end)
    assert response.status_code == 422
    assert pointers(response) == ["/query/format"]
    assert response.json()["errors"][0]["detail"] == f"The formats are {', '.join(RENDERERS)}."


def test_a_misspelt_parameter_is_refused(caller):
    response = caller.get(f"{caller.opened()}?fromat=langgraph")
    assert (response.status_code, pointers(response)) == (422, ["/query/fromat"])
