"""Each example pauses its framework's run, hands off, and goes on in a new process as a person decided."""

from typing import Any

import pytest

from escalations import transitions
from escalations.models import Delivery, Disposition, Escalation, Handoff
from escalations.transitions import decisions
from tests.factories import claim, make_operator
from tests.frameworks.conftest import Frameworks

EDITED = {"order": "W100", "amount": 500}
HOW: dict[str, dict[str, Any]] = {
    "approve": {},
    "edit": {"arguments": EDITED},
    "reject": {"message": "It was paid back before."},
}


def decide(case_id: str, decision: str, *, arguments: Any = None, message: str = "") -> None:
    """Decide as an operator, about every pending action alike."""
    lease = claim(Escalation.objects.get(id=case_id), make_operator())
    actions = [
        transitions.ActionDecision(
            tool_call_id=action["tool_call_id"],
            decision=decision,
            arguments=arguments,
            message=message,
            digest_seen=decisions.digest(action["arguments"]),
        )
        for action in Handoff.objects.get(case_id=case_id).payload.get("pending_actions", [])
    ]
    transitions.resolve(
        lease=lease,
        decision=transitions.DecisionInput(decision, actions, message=message),
        labels=transitions.Labels(Disposition.APPROVE, "yes", "none"),
    )


def resumed(frameworks: Frameworks, program: str, decision: str, **how: Any) -> list[str]:
    """The lines that the program prints when it goes on, in a new process, after that decision."""
    [case_id] = frameworks.run(f"examples/{program}.py", "hand-off").split()
    decide(case_id, decision, **how)
    printed = frameworks.run(f"examples/{program}.py", "resume", case_id)
    assert Escalation.objects.get().delivery == Delivery.APPLIED
    return printed.splitlines()


@pytest.mark.parametrize(
    ("program", "decision"),
    [
        ("agent_inbox", "approve"),
        ("agent_inbox", "edit"),
        ("ag_ui_interrupt", "approve"),
        ("ag_ui_interrupt", "reject"),
        ("langchain_hitl", "edit"),
        ("langchain_hitl", "reject"),
        ("openai_agents_approval", "approve"),
        ("openai_agents_approval", "edit"),
        ("pydantic_ai_approval", "edit"),
        ("pydantic_ai_approval", "reject"),
    ],
)
def test_a_tool_runs_once_or_not_at_all_as_a_person_decided(frameworks, program, decision):
    first, *rest = resumed(frameworks, program, decision, **HOW[decision])
    if decision == "reject":
        assert first.startswith("The tool said: ")
        assert first.endswith("A person refused this call. It was paid back before.")
        assert rest == []
    else:
        amount = 500 if decision == "edit" else 900
        assert first == f"refund W100 {amount}"
        assert not [line for line in rest if line.startswith("refund")]
        assert rest[-1].endswith(f"Refunded ${amount} for W100.")
    question, call = Handoff.objects.get().messages[-2:]
    assert question["content"].startswith("My order W100")
    assert call["tool_calls"][0]["function"]["name"] == "refund"


def test_a_node_that_asked_goes_on_with_the_answer(frameworks):
    lines = resumed(frameworks, "langgraph_question", "respond", message="Yes, you may.")
    assert lines == ["I asked a colleague, who says: Yes, you may."]


def test_a_run_that_was_resumed_is_not_resumed_again(frameworks):
    resumed(frameworks, "pydantic_ai_approval", "approve")
    again = frameworks.run("examples/pydantic_ai_approval.py", "resume", str(Escalation.objects.get().id))
    assert again == "Nothing to do: this decision was taken up before.\n"
