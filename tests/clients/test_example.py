"""`examples/plain_agent.py` as its reader runs it: each turn is a process of its own."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from escalations.models import Escalation, Run
from tests.clients.documents import ROOT, environment
from tests.factories import claim, decide, make_agent, make_key, make_operator
from tests.proxy import Proxy, proxy_to
from tests.servers import Server, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

LATER = "A colleague will write to you."


@dataclass(frozen=True)
class Example:
    """The program, at a line to the desk that can be cut."""

    line: Proxy
    key: str
    folder: Path

    def says(self, message: str, meanwhile: Callable[[], object] = lambda: None) -> str:
        """What it printed for a user who says that."""
        program = subprocess.Popen(
            [sys.executable, "-W", "error", ROOT / "examples" / "plain_agent.py", message],
            cwd=self.folder,
            env=environment() | {"HANDRAIL_URL": self.line.url, "HANDRAIL_KEY": self.key},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with program:
            meanwhile()
            printed, errors = program.communicate(timeout=60)
        assert program.returncode == 0, errors
        return printed.strip()


@pytest.fixture
def example(live_server: Server, tmp_path: Path) -> Iterator[Example]:
    with proxy_to(live_server.url) as line:
        yield Example(line, make_key(make_agent()), tmp_path)


def decided(decision: str, message: str = "") -> Callable[[], object]:
    """Somebody decides, as soon as there is a case."""

    def decide_it() -> None:
        wait_until(Escalation.objects.exists, what="the agent handed off")
        decide(claim(Escalation.objects.get(), make_operator()), decision, message=message)

    return decide_it


def test_it_answers_alone_what_it_is_sure_of(example):
    assert example.says("Where is my order W100?") == "It left our warehouse today."
    assert Run.objects.get().confidence == 0.95


def test_it_says_what_a_person_said(example):
    said = example.says("May I return a lamp that I broke?", decided("edit", "No, but we can repair it."))
    assert said == "No, but we can repair it."


def test_it_pays_once_a_person_approved(example):
    said = example.says("My order W100 never came. I want my money back.", decided("approve"))
    assert said == "Refunded $900 for W100."
    assert Escalation.objects.get().delivery == "applied"


def test_what_it_could_not_say_to_a_desk_that_was_away_comes_later(example):
    example.line.go_down()
    assert example.says("May I return a lamp that I broke?") == LATER
    assert not Escalation.objects.exists()
    example.line.come_up()
    example.says("Where is my order W100?")
    assert Escalation.objects.get().headline == "Is my answer right? “May I return a lamp that I broke?”"
