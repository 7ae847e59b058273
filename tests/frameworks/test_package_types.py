"""Every decision, in every format that has types of its own, is a value of those types."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agents_api.formats import RENDERERS, outcome_of
from escalations.models import DecidedBy, Decision, Handoff, Resolution
from tests.frameworks.conftest import ROOT

_TYPED = ("a2a", "ag_ui", "agent_inbox", "langgraph", "mcp", "pydantic_ai")
_AT = datetime(2026, 7, 1, 12, 0, 0, 123456, UTC)
_HANDOFF = Handoff(
    body=json.dumps(
        {
            "pending_actions": [{"tool_call_id": "c1", "name": "refund", "arguments": {"amount": 900}}],
            "metadata": {"interrupts": {"i1": ["c1"]}},
        }
    )
)


def values() -> list[dict[str, Any]]:
    """Each decision in these formats: with words and without, by a person and by the time limit."""
    resolutions = [
        Resolution(decision=decision, actions=_actions(decision), message=message, decided_by=decided_by)
        for decision in Decision
        for message in ("", "Because.")
        for decided_by in (DecidedBy.HUMAN, DecidedBy.TIMEOUT)
    ]
    resolutions.append(Resolution(decision=Decision.RESPOND, response={"kind": "cash", "amount": 7}))
    for resolution in resolutions:
        resolution.created_at = _AT
    outcomes = [outcome_of(resolution, _HANDOFF) for resolution in resolutions]
    return [{name: RENDERERS[name](outcome) for name in _TYPED} for outcome in outcomes]


def _actions(decision: Decision) -> list[dict[str, Any]]:
    edited = {"tool_call_id": "c1", "decision": "edit", "arguments": {"amount": 500}, "message": ""}
    return [edited] if decision == Decision.EDIT else []


def test_the_packages_take_every_value_and_lose_nothing_of_it(frameworks_python: Path) -> None:
    sent = json.loads(json.dumps(values()))
    program = ROOT / "tests" / "frameworks" / "package_types.py"
    done = subprocess.run(
        [frameworks_python, program], input=json.dumps(sent), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert is_within(sent, json.loads(done.stdout))


def is_within(sent: Any, taken: Any) -> bool:
    """Whether all of `sent` is in `taken`, which may have more fields."""
    if isinstance(sent, dict):
        return all(name in taken and is_within(value, taken[name]) for name, value in sent.items())
    if isinstance(sent, list):
        return len(sent) == len(taken) and all(map(is_within, sent, taken))
    return bool(sent == taken)
