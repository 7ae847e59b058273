"""A tool that needs approval runs once, with what a person approved, or not at all."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db.models.functions import Now

from escalations import transitions
from escalations.models import Escalation, Event, Handoff, Run
from handrail_client import Fallback, NoRun, NotRun, Rejected, Retry, Spool, StillPending, needs_approval
from tests.clients.agents import any_agent
from tests.factories import claim, decide, make_agent, make_key, make_operator
from tests.servers import wait_until
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


class Bank:
    """A tool that notes what it was called with."""

    def __init__(self) -> None:
        self.paid: list[tuple[str, float, Any]] = []

    def refund(self, order_id: str, amount: float, notes: dict[str, str] | None = None) -> str:
        """Send money back.

        At once.
        """
        self.paid.append((order_id, amount, notes))
        return f"refunded {amount}"


@pytest.fixture
def bank() -> Bank:
    return Bank()


def test_an_approved_call_runs_as_it_was_and_the_desk_hears_of_it(agent, bank):
    refund, notes = agent.needs_approval(bank.refund, risk="high"), {"why": "broken"}
    results: list[Any] = []
    # An agent in asyncio waits in the thread of its loop.
    calling = Thread(target=lambda: results.append(refund("W1", 12.5, notes=notes)))
    calling.start()
    wait_until(Escalation.objects.exists, what="the case is there")
    decide(claim(only(), make_operator()))
    calling.join(timeout=60)

    assert results == ["refunded 12.5"]
    assert bank.paid == [("W1", 12.5, notes)]
    assert bank.paid[0][2] is notes
    [action] = Handoff.objects.get().payload["pending_actions"]
    assert (action["name"], action["risk"]) == ("refund", "high")
    assert only().headline == "May I run refund with order_id W1, amount 12.5, notes {'why': 'broken'}?"
    assert action["description"] == "Send money back."
    assert action["arguments"] == {"order_id": "W1", "amount": 12.5, "notes": {"why": "broken"}}
    assert action["input_schema"]["properties"]["amount"] == {"type": "number"}
    assert action["input_schema"]["required"] == ["order_id", "amount"]
    assert only().delivery == "applied"
    assert Event.objects.latest("id").data["detail"] == "refund was run."


def test_an_edited_call_runs_as_it_was_edited(agent, bank):
    case = propose(agent.needs_approval(bank.refund, wait=0), "W1", 12.5)
    edit(case, {"order_id": "W1", "amount": 10, "notes": None})
    assert agent.needs_approval(bank.refund).resume(case, "W1", 12.5) == "refunded 10.0"
    assert bank.paid == [("W1", 10.0, None)]
    assert only().delivery == "applied"


def test_a_refused_call_does_not_run(agent, bank):
    refund = agent.needs_approval(bank.refund, wait=0)
    case = propose(refund, "W1", 12.5)
    decide(claim(case, make_operator()), "reject", message="Not without the lamp.")
    with pytest.raises(Rejected) as refused:
        refund.resume(case, "W1", 12.5)
    assert refused.value.message == "Not without the lamp."
    assert bank.paid == []
    assert only().delivery == "applied"


def test_what_was_not_run_is_a_result_for_a_model_if_so_wished(agent, bank):
    refund = agent.needs_approval(bank.refund, wait=0, on_refusal="return")
    pending = refund("W1", 12.5)
    assert isinstance(pending, StillPending)
    agent.call(agent.agent.desk.cancel, pending.case)
    assert refund.resume(pending.case, "W1", 12.5).why == "withdrawn"
    assert bank.paid == []


def test_arguments_that_changed_meanwhile_are_refused(agent, bank):
    refund, notes = agent.needs_approval(bank.refund, wait=0), {"why": "broken"}
    case = propose(refund, "W1", 12.5, notes)
    decide(claim(case, make_operator()))
    notes["why"] = "stolen"
    with pytest.raises(NotRun) as refused:
        refund.resume(case, "W1", 12.5, notes)
    assert refused.value.why == "arguments_changed"
    assert bank.paid == []
    assert only().delivery == "late"


def test_a_decision_that_came_too_late_is_not_carried_out(agent, bank):
    limit = {"sla": {"expires_at": "2999-01-01T00:00:00Z"}}
    refund = agent.needs_approval(bank.refund, wait=0, handoff=limit)
    case = propose(refund, "W1", 12.5)
    decide(claim(case, make_operator()))
    Escalation.objects.update(expires_at=Now() - timedelta(seconds=1))
    with pytest.raises(NotRun) as refused:
        refund.resume(case, "W1", 12.5)
    assert refused.value.why == "too_late"
    assert bank.paid == []
    assert only().delivery == "late"


def test_a_tool_that_fails_is_told_of_and_is_not_run_again(agent, bank):
    def refund(order_id: str) -> str:
        raise TimeoutError("the bank is silent")

    tool = agent.needs_approval(refund, wait=0)
    case = propose(tool, "W1")
    decide(claim(case, make_operator()))
    with pytest.raises(TimeoutError):
        tool.resume(case, "W1")
    detail = Event.objects.latest("id").data["detail"]
    assert detail == "refund was run and failed: TimeoutError: the bank is silent."
    with pytest.raises(NotRun, match="used before"):
        tool.resume(case, "W1")


def test_where_no_approval_is_needed_there_is_no_case(agent, bank):
    refund = agent.needs_approval(bank.refund, when=lambda amount: amount > 50, wait=0)
    assert refund("W1", 12.5) == "refunded 12.5"
    agent.call(agent.agent.desk.flush)
    assert not Escalation.objects.exists()
    assert Run.objects.get().turns == 1
    with pytest.raises(StillPending):
        refund("W1", 99)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_the_fallback_counts_where_nobody_decides_in_time(live_server, runner, bank, decision):
    fallback = Fallback(decision, message="Nobody was there.")
    agent = any_agent(live_server.url, make_key(make_agent()), runner, fallback=fallback)
    found = agent.needs_approval(bank.refund, wait=0, on_refusal="return")("W1", 12.5)
    if decision == "approve":
        assert (found, len(bank.paid)) == ("refunded 12.5", 1)
    else:
        assert (found.message, bank.paid) == ("Nobody was there.", [])
    assert only().state == "cancelled"
    agent.close()


def test_a_call_that_the_desk_did_not_get_is_not_run(runner, bank, tmp_path):
    settings = {"retry": Retry(attempts=1), "spool": Spool(tmp_path)}
    agent = any_agent("http://127.0.0.1:9", "hr_key", runner, **settings)
    with pytest.raises(StillPending, match="cannot be reached"):
        agent.needs_approval(bank.refund, wait=0)("W1", 12.5)
    assert bank.paid == []
    agent.close()


def test_of_many_who_go_on_with_a_decision_one_does(live_server, bank):
    agents = [any_agent(live_server.url, make_key(make_agent()), None) for _ in range(4)]
    tools = [agent.needs_approval(bank.refund, wait=0) for agent in agents]
    case = propose(tools[0], "W1", 12.5)
    decide(claim(case, make_operator()))
    results = at_once([lambda tool=tool: tool.resume(case, "W1", 12.5) for tool in tools * 2])
    assert bank.paid == [("W1", 12.5, None)]
    assert results.count("refunded 12.5") == 1
    assert [each.why for each in results if isinstance(each, NotRun)] == ["used"] * 7
    for agent in agents:
        agent.close()


def test_nothing_runs_where_nobody_says_whose_tool_it_is(bank):
    with pytest.raises(NoRun, match="inside `with agent"):
        needs_approval(bank.refund)("W1", 12.5)
    with pytest.raises(TypeError, match=r"\*args"):
        needs_approval(lambda *args: None)
    assert bank.paid == []


def test_what_people_could_not_see_is_not_proposed(agent, bank):
    with pytest.raises(TypeError, match="'notes'"):
        agent.needs_approval(bank.refund)("W1", 12.5, notes=object())
    assert not Escalation.objects.exists()


def only() -> Escalation:
    return Escalation.objects.get()


def propose(tool: Callable[..., Any], *args: Any) -> Any:
    """The id of the case that a call of the tool makes."""
    with pytest.raises(StillPending) as pending:
        tool(*args)
    return pending.value.case.id


def edit(case_id: Any, arguments: dict[str, Any]) -> None:
    lease = claim(case_id, make_operator())
    [action] = Handoff.objects.get().payload["pending_actions"]
    decided = transitions.ActionDecision(action["tool_call_id"], "edit", arguments, "", action["digest"])
    transitions.resolve(
        lease=lease,
        decision=transitions.DecisionInput("edit", [decided]),
        labels=transitions.Labels("edit", "partial", "other"),
    )
