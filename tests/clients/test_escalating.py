"""An answer that the agent is not sure enough of goes to a person; all others pass through."""

from dataclasses import dataclass
from threading import Thread
from typing import Any

import pytest

from escalations import transitions
from escalations.models import Escalation, Handoff, Run
from handrail_client import (
    Decided,
    Fallback,
    NoConfidence,
    NoRun,
    Pending,
    Retry,
    Spool,
    decided_of,
    escalates,
)
from handrail_client.escalating import draft_of
from tests.clients.agents import any_agent
from tests.factories import claim, decide, make_agent, make_operator
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = "May I bring my dog?"


def answers(confidence: Any, answer: Any = "Yes, on the lead.") -> Any:
    """A function of an agent that is so sure of its answer."""

    def answer_guest(question: str) -> Any:
        return answer, confidence

    return answer_guest


def test_a_sure_answer_passes_through_and_the_run_is_reported(agent):
    ask = agent.escalates(answers(0.7), below=0.7)
    assert ask(QUESTION) == ("Yes, on the lead.", 0.7)
    agent.call(agent.agent.desk.flush)
    run = Run.objects.get()
    assert (run.confidence, run.confidence_source, run.tool_errors) == (0.7, "self_report", 0)
    assert not Escalation.objects.exists()


def test_an_unsure_answer_goes_to_a_person_with_the_draft(agent):
    ask = agent.escalates(answers(0.4), below=0.7, handoff={"category": "pets"})
    pending = ask(QUESTION)
    assert isinstance(pending, Pending)
    assert (pending.answer, pending.confidence) == ("Yes, on the lead.", 0.4)
    case = Escalation.objects.get()
    assert pending.case.id == case.id
    assert (case.kind, case.reason, case.category) == ("approval", "low_confidence", "pets")
    sent = Handoff.objects.get().payload
    assert sent["messages"] == [{"role": "user", "content": QUESTION}]
    assert sent["suggestions"] == [{"content": "Yes, on the lead.", "confidence": 0.4}]
    assert (sent["confidence"], sent["confidence_threshold"]) == (0.4, 0.7)
    assert sent["question"] == "Is my answer right? “May I bring my dog?”"
    [step] = sent["steps"]
    assert (step["name"], step["status"], step["message_index"]) == ("answer_guest", "ok", 0)
    agent.call(agent.agent.desk.flush)
    assert not Run.objects.exists()


def test_the_decision_comes_back_as_the_result(agent):
    ask = agent.escalates(answers(0.4), below=0.7, wait=60, resume=lambda decided: decided.answer)
    found: list[Any] = []
    asking = Thread(target=lambda: found.append(ask(QUESTION)))
    asking.start()
    wait_until(Escalation.objects.exists, what="the case is there")
    decide(claim(Escalation.objects.get(), make_operator()), "edit", message="Yes, without a lead.")
    asking.join(timeout=60)
    assert found == ["Yes, without a lead."]
    assert Escalation.objects.get().delivery == "applied"


@pytest.mark.parametrize(
    ("decision", "message", "answer", "reason"),
    [
        ("approve", "", "Yes, on the lead.", ""),
        ("edit", "No dogs.", "No dogs.", ""),
        ("reject", "Ask for the breed.", None, "Ask for the breed."),
        ("takeover", "Hello, this is Kim.", None, ""),
    ],
)
def test_what_to_say_by_a_decision(agent, decision, message, answer, reason):
    pending = agent.escalates(answers(0.4), below=0.7)(QUESTION)
    decide(claim(pending.case.id, make_operator()), decision, message=message)
    decided = decided_of(agent.call(agent.agent.desk.get, pending.case), pending.answer)
    assert isinstance(decided, Decided)
    assert (decided.answer, decided.reason) == (answer, reason)


def test_what_a_form_was_filled_with_is_the_answer(agent):
    schema = {"type": "object", "properties": {"dogs": {"type": "boolean"}}, "required": ["dogs"]}
    asked = {"kind": "question", "response_schema": schema}
    pending = agent.escalates(answers(0.4), below=0.7, handoff=asked)(QUESTION)
    transitions.resolve(
        lease=claim(pending.case.id, make_operator()),
        decision=transitions.DecisionInput("respond", response={"dogs": False}),
        labels=transitions.Labels("replace", "no", "other"),
    )
    assert decided_of(agent.call(agent.agent.desk.get, pending.case)).answer == {"dogs": False}


def test_a_function_that_fails_may_be_handed_off(agent):
    def answer_guest(question: str) -> Any:
        raise ConnectionError("the model is away")

    with pytest.raises(ConnectionError):
        agent.escalates(answer_guest, below=0.7)(QUESTION)
    pending = agent.escalates(answer_guest, below=0.7, on_error="hand_off")(QUESTION)
    assert pending.answer is None
    case, sent = Escalation.objects.get(), Handoff.objects.get().payload
    assert (case.kind, case.reason) == ("question", "tool_error")
    assert "the model is away" in sent["question"]
    assert sent["steps"][0]["status"] == "error"


def test_the_policy_has_a_say_if_asked(agent):
    make_agent(rules={"phrases": ["my lawyer"]})
    ask = agent.escalates(answers(1.0), below=0.7, policy=True)
    assert ask(QUESTION) == ("Yes, on the lead.", 1.0)
    assert isinstance(ask("I will ask my lawyer."), Pending)
    assert Escalation.objects.get().kind == "takeover"


def test_a_fallback_is_the_answer_where_nobody_is_there(runner):
    agent = any_agent("http://127.0.0.1:9", "hr_key", runner)
    ask = agent.escalates(answers(0.4), below=0.7, fallback="A colleague will write to you.")
    assert ask(QUESTION) == "A colleague will write to you."
    told = agent.escalates(answers(0.4), below=0.7, fallback=lambda pending: pending)(QUESTION)
    assert (told.case, told.answer) == (None, "Yes, on the lead.")
    assert told.error.may_pass
    agent.close()


def test_a_case_waits_on_the_disk_for_a_desk_that_is_away(runner, tmp_path):
    agent = any_agent("http://127.0.0.1:9", "hr_key", runner, spool=Spool(tmp_path))
    pending = agent.escalates(answers(0.4), below=0.7)(QUESTION)
    assert pending.case.is_spooled
    agent.close()


def test_the_fallback_of_the_client_is_a_decision(runner):
    settings = {"fallback": Fallback("respond", message="Ask us tomorrow."), "retry": Retry(attempts=1)}
    agent = any_agent("http://127.0.0.1:9", "hr_key", runner, **settings)
    assert agent.escalates(answers(0.4), below=0.7, wait=60)(QUESTION).answer == "Ask us tomorrow."
    agent.close()


@dataclass
class Answer:
    answer: str
    confidence: float


@pytest.mark.parametrize(
    ("result", "extract"),
    [
        (("Yes.", 0.9), None),
        (Answer("Yes.", 0.9), None),
        ({"answer": "Yes.", "confidence": 0.9}, None),
        ({"text": "Yes.", "score": 90}, lambda found: found["score"] / 100),
        ({"text": "Yes.", "score": 90}, lambda found: (found["text"], found["score"] / 100)),
    ],
)
def test_a_confidence_may_stand_in_many_places(result, extract):
    assert draft_of("answer", result, extract).confidence == 0.9


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ("Yes.", "without a confidence"),
        (("Yes.", 87), "divide percentages by 100"),
        (("Yes.", True), "not a number"),
        (("Yes.", None), "return 0.0"),
        (("Yes.", float("nan")), "not a number"),
        (("Yes.", -0.1), "from 0 to 1"),
    ],
)
def test_a_confidence_that_cannot_be_compared_is_said_to_be_wrong(result, told):
    with pytest.raises(NoConfidence, match=told):
        draft_of("answer", result, None)


def test_a_wrong_use_is_told():
    with pytest.raises(ValueError, match="divide percentages"):
        escalates(below=70)
    with pytest.raises(NoRun, match="agent"):
        escalates(below=0.7)(answers(0.4))(QUESTION)
