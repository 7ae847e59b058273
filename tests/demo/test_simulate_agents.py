"""The simulated agents against the real server: they hand off, take decisions, and outlive restarts."""

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.management import call_command

from config.supervisor.process import Process
from escalations import transitions
from escalations.models import Delivery, Escalation, Event, Operator, State
from tests.factories import decide, in_line
from tests.servers import Server, wait_until


@pytest.fixture
def agents(live_server: Server, program_environment: dict[str, str], tmp_path: Path) -> Iterator[Process]:
    """The simulator at a quick pace, on a desk with its demo set-up and thirty open cases."""
    file, log = tmp_path / "demo.json", tmp_path / "agents.log"
    call_command("load_demo", file=file, cases=0)
    file.write_text(json.dumps(json.loads(file.read_text()) | {"url": live_server.url}))
    argv = [sys.executable, "manage.py", "simulate_agents", "--file", str(file), "--between", "0.1", "0.3"]
    process = Process("agents", argv, run_dir=tmp_path, environment=program_environment, log=log)
    process.start()
    yield process
    process.stop()


def test_agents_hand_off_apply_decisions_and_outlive_a_restart(agents: Process, live_server: Server) -> None:
    wait_until(lambda: Escalation.objects.count() > 31, seconds=90, what="agents hand off")
    decided = _decide_next()
    wait_until(lambda: _delivery(decided) == Delivery.APPLIED, seconds=90, what="the decision is applied")

    live_server.stop()
    decided, count = _decide_next(), Escalation.objects.count()
    live_server.start()
    wait_until(
        lambda: _delivery(decided) == Delivery.APPLIED, seconds=90, what="agents come back for decisions"
    )
    wait_until(lambda: Escalation.objects.count() > count, seconds=90, what="agents hand off again")

    agents.signal(signal.SIGTERM)
    wait_until(lambda: not agents.running(), seconds=10, what="the agents have ended")


def test_agents_keep_a_bounded_number_of_cases_open(agents: Process) -> None:
    wait_until(lambda: Escalation.objects.open().count() == 40, seconds=90, what="agents reach their limit")
    decided = _decide_next()
    wait_until(lambda: _delivery(decided) == Delivery.APPLIED, seconds=90, what="the decision is applied")
    wait_until(lambda: Escalation.objects.count() == 41, seconds=90, what="one more case comes in")
    assert Escalation.objects.open().count() == 40


def test_users_answer_whoever_takes_over(agents: Process) -> None:
    operator = Operator.objects.get(username="sam")
    case = in_line(operator).filter(kind="takeover").first()
    assert case is not None
    wait_until(lambda: Escalation.objects.count() > 30, seconds=90, what="agents are at work")
    lease = transitions.claim(case_id=case.id, operator=operator).lease
    first = transitions.say(lease=lease, text="Did the parcel come?")
    answers = case.turns_since.filter(author=None, message__role="user", id__gt=first.pk)

    def answered() -> bool:
        """One in seven words stays without an answer, so keep talking."""
        with suppress(AssertionError):
            wait_until(answers.exists, seconds=20)
            return True
        transitions.say(lease=lease, text="Are you there?")
        return False

    wait_until(answered, seconds=90, what="the user answers")
    assert Event.objects.filter(case=case, kind="typing").exists()


def _decide_next() -> Escalation:
    """Decide the next case that a person of all skills may take."""
    claimed = transitions.claim_next(operator=Operator.objects.get(username="sam"))
    assert claimed is not None
    case = Escalation.objects.get(id=claimed.lease.case_id)
    answer = "reject" if case.kind in ("approval", "review") else "takeover"
    decide(claimed.lease, answer, message="Done.")
    assert Escalation.objects.get(id=case.id).state == State.RESOLVED
    return case


def _delivery(case: Escalation) -> str:
    return Escalation.objects.values_list("delivery", flat=True).get(id=case.id)
