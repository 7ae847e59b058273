"""One turn of a model may want several calls: each is decided by itself, and none is taken for another."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents_api.formats import outcome_of, render
from escalations.models import DecidedBy, Decision, Handoff, Resolution
from tests.frameworks.conftest import ROOT

_HELD_BACK = [
    {"tool_call_id": "c1", "name": "refund", "arguments": {"amount": 900}},
    {"tool_call_id": "c3", "name": "refund", "arguments": {"amount": 7}},
]
_EDITED = {"tool_call_id": "c1", "decision": "edit", "arguments": {"amount": 500}, "message": ""}
_REFUSED = {"tool_call_id": "c3", "decision": "reject", "arguments": None, "message": "Not this one."}
_ANSWERED = {"tool_call_id": "c3", "decision": "respond", "arguments": None, "message": "Paid in cash."}


@pytest.fixture
def program(frameworks_python: Path) -> Iterator[subprocess.Popen[str]]:
    path = ROOT / "tests" / "frameworks" / "several_calls.py"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([frameworks_python, path], text=True, **pipes) as process:
        yield process
        process.kill()


def resumed(program: subprocess.Popen[str], name: str, *actions: dict[str, Any]) -> dict[str, str]:
    """What each call of the next run came to, after that decision in that format."""
    assert program.stdin
    assert program.stdout
    interrupts = json.loads(program.stdout.readline())
    payload = {"pending_actions": _HELD_BACK, "metadata": {"interrupts": interrupts}}
    resolution = Resolution(decision=Decision.EDIT, actions=actions, decided_by=DecidedBy.HUMAN)
    value = render(name, outcome_of(resolution, Handoff(body=json.dumps(payload))))
    program.stdin.write(json.dumps(value) + "\n")
    program.stdin.flush()
    came_of: dict[str, str] = json.loads(program.stdout.readline())
    return came_of


def test_each_call_comes_to_what_was_decided_about_it(program):
    in_one_pause = resumed(program, "langgraph", _REFUSED, _EDITED)
    one_pause_each = resumed(program, "langgraph", _EDITED, _ANSWERED)
    pydantic_ai = resumed(program, "pydantic_ai", _EDITED, _ANSWERED)
    for came_of in (in_one_pause, one_pause_each, pydantic_ai):
        assert came_of["c1"].endswith("Refunded 500.")
        assert came_of["c2"] == "It is there."
    assert in_one_pause["c3"].endswith("A person refused this call. Not this one.")
    assert one_pause_each["c3"] == pydantic_ai["c3"] == "Paid in cash."
