"""The official clients of MCP and A2A find the desk, ask, give up, ask again, and wait in a new process."""

from datetime import timedelta

import pytest

from escalations import transitions
from escalations.models import Delivery, Escalation, Turn, WaitingFor
from tests.factories import claim, make_operator
from tests.frameworks.conftest import Frameworks
from tests.frameworks.test_examples import HOW, decide


def handed_off(frameworks: Frameworks, program: str) -> str:
    [case_id] = frameworks.run(f"examples/{program}.py", "hand-off").split()
    assert str(Escalation.objects.get().id) == case_id  # it asked twice
    return case_id


def resumed_while_waiting(frameworks: Frameworks, program: str, case_id: str, decision: str) -> list[str]:
    """What a new process prints that waits already when somebody decides."""
    with frameworks.start(f"examples/{program}.py", "resume", case_id) as process:
        assert process.stderr
        assert process.stderr.readline()  # that it waits
        decide(case_id, decision, **HOW[decision])
        printed, complaints = process.communicate(timeout=60)
    assert process.returncode == 0, complaints
    return printed.splitlines()


def test_an_mcp_client_waits_for_the_decision_in_a_new_process(frameworks):
    case_id = handed_off(frameworks, "mcp_client")
    assert resumed_while_waiting(frameworks, "mcp_client", case_id, "edit") == ["refund W100 500", "accept"]
    assert Escalation.objects.get().delivery == Delivery.APPLIED
    again = frameworks.run("examples/mcp_client.py", "resume", case_id)
    assert again == "Nothing to do: applied.\n"


def test_an_mcp_client_answers_a_person_and_carries_out_nothing_that_was_withdrawn(frameworks):
    case_id = handed_off(frameworks, "mcp_client")
    lease = claim(Escalation.objects.get(), make_operator())
    transitions.ask(
        lease=lease, whom=WaitingFor.AGENT, question="Which card?", reply_within=timedelta(hours=1)
    )
    with frameworks.start("examples/mcp_client.py", "resume", case_id) as process:
        assert process.stderr
        assert process.stderr.readline()  # that it waits on, after its answer
        assert Turn.objects.filter(message__content="I know no more than what I sent.").exists()
        transitions.cancel(case_id=Escalation.objects.get().id, actor="agent:support", reason="")
        printed, complaints = process.communicate(timeout=60)
    assert (process.returncode, printed) == (0, "Nothing to do: cancelled.\n"), complaints


def test_an_mcp_client_comes_back_after_the_decision(frameworks):
    case_id = handed_off(frameworks, "mcp_client")
    decide(case_id, "reject", **HOW["reject"])
    assert frameworks.run("examples/mcp_client.py", "resume", case_id) == "decline\n"


def test_an_mcp_client_that_shakes_hands_finds_the_same_tools(frameworks):
    version, *tools = frameworks.run("tests/frameworks/mcp_handshake.py").split()
    assert version == "2025-11-25"
    assert tools == ["escalate_to_human", "check_handoff", "should_escalate"]


@pytest.mark.parametrize(("decision", "lines"), [("edit", ["refund W100 500"]), ("reject", [])])
def test_an_a2a_client_follows_its_task_in_a_new_process(frameworks, decision, lines):
    case_id = handed_off(frameworks, "a2a_client")
    told = resumed_while_waiting(frameworks, "a2a_client", case_id, decision)
    assert told == [*lines, "TASK_STATE_COMPLETED"]
    assert Escalation.objects.get().delivery == Delivery.DELIVERED
