"""The recorded conversations of τ-bench (airline): 50 tasks, each attempted four times, with what came of it.

https://github.com/sierra-research/tau-bench, MIT. `TAU_BENCH_PATH` names the file where it lies elsewhere.
"""

import gzip
import json
import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT = Path(__file__).parents[2] / "shared/data/tau_bench_airline/trajectories.json.gz"
PATH = Path(os.environ.get("TAU_BENCH_PATH", DEFAULT))
# The tools that change something.
_CHANGES = {
    "book_reservation",
    "cancel_reservation",
    "send_certificate",
    "update_reservation_baggages",
    "update_reservation_flights",
    "update_reservation_passengers",
}
_ATTEMPTS = 4
_PER_FAILURE, _PER_CALL = 0.95, 0.98


@dataclass(frozen=True)
class Attempt:
    """One recorded run; `is_right` is the reward, of which the confidence knows nothing."""

    run_id: str
    messages: list[dict[str, Any]]
    confidence: float
    is_right: bool


def attempts() -> list[Attempt]:
    """All runs with a confidence by the rule of docs/calibration.md.

    It is a vote: how many of the other attempts at the same task changed the same things in the same way, of
    three, with a half added; lowered by a twentieth for each failed call and by a fiftieth for each call.
    """
    recorded = json.loads(gzip.decompress(PATH.read_bytes()))
    by_task = defaultdict(list)
    for each in recorded:
        by_task[each["task_id"]].append(_changes(each["traj"]))
    return [
        Attempt(
            run_id=f"airline-{each['task_id']}-{each['trial']}",
            messages=each["traj"],
            confidence=_confidence(each["traj"], by_task[each["task_id"]]),
            is_right=each["reward"] == 1,
        )
        for each in recorded
    ]


def _confidence(messages: list[dict[str, Any]], of_task: list[Any]) -> float:
    alike = of_task.count(_changes(messages)) - 1
    failed = sum(turn["role"] == "tool" and _has_failed(turn) for turn in messages)
    calls = sum(len(turn.get("tool_calls") or []) for turn in messages)
    return (alike + 0.5) / _ATTEMPTS * _PER_FAILURE**failed * _PER_CALL**calls


def _changes(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What took effect, in whatever order."""
    failed = {turn["tool_call_id"] for turn in messages if turn["role"] == "tool" and _has_failed(turn)}
    calls = [call for turn in messages for call in turn.get("tool_calls") or []]
    return sorted(
        (call["function"]["name"], json.dumps(json.loads(call["function"]["arguments"]), sort_keys=True))
        for call in calls
        if call["function"]["name"] in _CHANGES and call["id"] not in failed
    )


def _has_failed(answer: dict[str, Any]) -> bool:
    return str(answer["content"]).startswith("Error")
