"""Recorded conversations that ended in a transfer to a person: handed off, worked, exported, loaded."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from escalations import transitions
from escalations.datasets import FORMATS
from escalations.models import Handoff, Operator
from escalations.transitions import ActionDecision, DecisionInput, Labels, decisions
from tests import factories

from .formats.examples import load_file, schema_of

DEFAULT = Path(__file__).parents[4] / "shared/data/tau_bench_airline/trajectories.json.gz"
PATH = Path(os.environ.get("TAU_BENCH_PATH", DEFAULT))
TRANSFER = "transfer_to_human_agents"
SCHEMA = {"type": "object", "properties": {"summary": {"type": "string"}}, "required": ["summary"]}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not PATH.exists(), reason=f"no τ-bench trajectories at {PATH}; set TAU_BENCH_PATH"),
]


def transfers() -> list[tuple[list[dict[str, Any]], dict[str, Any]]]:
    """Each conversation up to the first call for a person, and that call."""
    found = []
    for trajectory in json.loads(gzip.decompress(PATH.read_bytes())):
        for index, turn in enumerate(trajectory["traj"]):
            calls = turn.get("tool_calls") or []
            if calls and calls[0]["function"]["name"] == TRANSFER:
                found.append((trajectory["traj"][: index + 1], calls[0]))
                break
    return found


def hand_off(messages: list[dict[str, Any]], call: dict[str, Any]) -> None:
    """The call for a person waits for approval; the conversation ends with the turn that made it."""
    arguments = decisions.as_object(call["function"]["arguments"])
    action = {"tool_call_id": call["id"], "name": TRANSFER, "arguments": arguments, "input_schema": SCHEMA}
    steps = [
        {"name": "turn", "message_index": index}
        for index, message in enumerate(messages)
        if message["role"] == "assistant"
    ]
    factories.make_case(
        messages=messages, pending_actions=[action], question=arguments["summary"], steps=steps
    )


def work(operator: Operator, how: str) -> None:
    """Take the next case and decide it in one of the ways of `DECISIONS`."""
    claimed = transitions.claim_next(operator=operator)
    assert claimed is not None
    action = Handoff.objects.get(case_id=claimed.lease.case_id).payload["pending_actions"][0]
    decision, labels = DECISIONS[how]
    corrected = {"summary": f"{action['arguments']['summary']} Checked by a person."}
    transitions.resolve(
        lease=claimed.lease,
        decision=DecisionInput(
            decision=decision,
            message="Refused." if decision == "reject" else "",
            actions=[
                ActionDecision(
                    tool_call_id=action["tool_call_id"],
                    decision=decision,
                    arguments=corrected if decision == "edit" else None,
                    digest_seen=decisions.digest(action["arguments"]),
                )
            ],
        ),
        labels=Labels(**({"agent_correct": "no", "failure_primary": "edge_case"} | labels)),
    )


DECISIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "approved": ("approve", {"disposition": "approve", "agent_correct": "yes"}),
    "corrected": ("edit", {"disposition": "edit", "first_error_index": 1}),
    "refused": ("reject", {"disposition": "replace"}),
    "unsure": ("approve", {"disposition": "approve", "agent_correct": "unsure"}),
    "private": ("edit", {"disposition": "edit", "training_allowed": False}),
    "unresolvable": ("edit", {"disposition": "unresolvable"}),
}


def exported(format_name: str, folder: Path) -> Any:
    out = folder / f"{format_name}.{FORMATS[format_name].suffix}"
    call_command("export_labels", "--format", format_name, "--out", str(out))
    return load_file(out)


@pytest.mark.parametrize(("how", "pairs"), [("corrected", 48), ("approved", 0)])
def test_all_48_conversations_train_when_all_are_decided(how, pairs, tmp_path):
    operator = factories.make_operator()
    for conversation in transfers():
        hand_off(*conversation)
    for _ in range(48):
        work(operator, how)
    assert transitions.claim_next(operator=operator) is None

    turns = exported("sft", tmp_path)

    assert len(turns) == 48
    assert all(row["messages"][-1]["weight"] == 1 for row in turns)
    assert all(row["messages"][-1]["tool_calls"][0]["function"]["name"] == TRANSFER for row in turns)
    assert sum(len(row["messages"]) for row in turns) == sum(len(messages) for messages, _ in transfers())
    if pairs:
        preferences = exported("preference", tmp_path)
        assert len(preferences) == pairs
        assert all(is_corrected(row) for row in preferences)


# How many rows each of the ways of `DECISIONS` gives.
ROWS = {
    "sft": {"approved", "corrected"},
    "preference": {"corrected"},
    "kto": {"approved", "corrected", "refused"},
    "stepwise": {"corrected"},
    "openai_preference": {"corrected"},
    "inspect": {"approved", "corrected"},
    "parquet": {"approved", "corrected", "refused"},
}


def test_each_format_has_what_the_rules_allow_and_keeps_to_its_schema(tmp_path):
    operator = factories.make_operator()
    for conversation in transfers():
        hand_off(*conversation)
    ways = [list(DECISIONS)[index % len(DECISIONS)] for index in range(48)]
    for how in ways:
        work(operator, how)

    for name, allowed in ROWS.items():
        rows = exported(name, tmp_path)
        again = tmp_path / "again"
        call_command("export_labels", "--format", name, "--out", str(again))
        file = tmp_path / f"{name}.{FORMATS[name].suffix}"

        assert len(rows) == sum(how in allowed for how in ways), name
        assert again.read_bytes() == file.read_bytes()
        if name != "parquet":
            for line in file.read_bytes().splitlines():
                assert schema_of(name).is_valid(json.loads(line)), (name, line)
    labels = [row["label"] for row in load_file(tmp_path / "kto.jsonl")]
    assert (labels.count(True), labels.count(False)) == (8, 16)


def is_corrected(row: dict[str, Any]) -> bool:
    chosen, rejected = (
        row[side][0]["tool_calls"][0]["function"]["arguments"]["summary"] for side in ("chosen", "rejected")
    )
    return chosen == f"{rejected} Checked by a person." and row["prompt"][-1]["role"] != "assistant"
