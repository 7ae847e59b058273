"""Why a case is here: the policy of its agent version, held against what the agent reported.

Policies are immutable and handoffs too, so the answer is computed when it is shown and is always the
one that was true at intake.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from escalations.models import Escalation, Reason


@dataclass(frozen=True)
class Trigger:
    """One reason in words. `strong` is the fact, `rest` what it is measured against.

    `at` is the place of the message where it happened, where that is known.
    """

    code: str
    strong: str
    rest: str
    at: int | None = None


@dataclass(frozen=True)
class Gauge:
    """A quantity against its budget; `budget` is None where the policy sets none."""

    name: str
    value: float
    budget: float | None
    unit: str = ""


_BUDGETS = [
    ("context_tokens", "Context", " tokens"),
    ("turns", "Turns", ""),
    ("cost_usd", "Cost", "$"),
    ("seconds", "Time", " s"),
    ("retries", "Retries", ""),
]


def reasons(case: Escalation, payload: Mapping[str, Any]) -> list[Trigger]:
    """Every reason why this case is at the desk, the agent's own first."""
    rules: dict[str, Any] = case.policy.rules if case.policy else {}
    found = [Trigger("stated", str(Reason(case.reason).label), "as the agent says")]
    found += _confidence(case, rules)
    found += [
        Trigger("approval", action["name"], f"needs approval ({case.policy})")
        for action in payload.get("pending_actions") or []
        if action["name"] in rules.get("approve_tools", [])
    ]
    found += _failed_steps(payload)
    found += [
        Trigger(
            "budget",
            f"{gauge.name} {_amount(gauge.value, gauge.unit)}",
            f"is over {_amount(gauge.budget, gauge.unit)}",
        )
        for gauge in gauges(case)
        if gauge.budget is not None and gauge.value > gauge.budget
    ]
    return found


def gauges(case: Escalation) -> list[Gauge]:
    """What the run used, against the budgets of the policy that the case came in under."""
    rules: dict[str, Any] = case.policy.rules if case.policy else {}
    used = {
        "context_tokens": case.context_tokens,
        "turns": case.turns,
        "cost_usd": case.cost_usd,
        "seconds": case.run_seconds,
        "retries": case.retries,
    }
    return [
        Gauge(name, float(value), float(rules[key]) if key in rules else None, unit)
        for key, name, unit in _BUDGETS
        if (value := used[key]) is not None
    ]


def first_failed_step(payload: Mapping[str, Any]) -> int | None:
    """Index of the first step whose checkpoint or status failed; what comes after is built on it."""
    for index, step in enumerate(payload.get("steps") or []):
        checkpoint = step.get("checkpoint") or {}
        if step.get("status") in ("failed", "error") or checkpoint.get("passed") is False:
            return index
    return None


def _confidence(case: Escalation, rules: Mapping[str, Any]) -> list[Trigger]:
    if case.confidence is None:
        return []
    thresholds = rules.get("confidence", {})
    threshold = case.confidence_threshold
    if threshold is None:
        threshold = thresholds.get(case.category, thresholds.get("*"))
    if threshold is None or case.confidence >= threshold:
        return []
    what = f"for {case.category} of {case.agent_version}" if case.category else f"of {case.agent_version}"
    return [
        Trigger(
            "confidence",
            f"Confidence {case.confidence:.2f}",
            f"is under {threshold:.2f}, the threshold {what}",
        )
    ]


def _failed_steps(payload: Mapping[str, Any]) -> list[Trigger]:
    index = first_failed_step(payload)
    if index is None:
        return []
    step = payload["steps"][index]
    errors = (step.get("checkpoint") or {}).get("errors") or []
    detail = str(errors[0]) if errors else "the steps after it are built on it"
    return [
        Trigger("step", f"Step {index + 1} ({step.get('name', '')}) failed", f"first of the chain: {detail}")
    ]


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"${value:,.2f}" if unit == "$" else f"{value:,.0f}{unit}"
