"""Why a case is here: the policy of its agent version, held against what the agent reported.

Policies are immutable and handoffs too, so the answer is computed when it is shown and is always the
one that was true at intake.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from escalations.models import Escalation, Reason
from escalations.wording import number


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
    ("context_tokens", pgettext_lazy("a budget", "Context"), " tokens"),
    ("turns", pgettext_lazy("a budget", "Turns"), ""),
    ("cost_usd", pgettext_lazy("a budget", "Cost"), "$"),
    ("seconds", pgettext_lazy("a budget", "Time"), " s"),
    ("retries", pgettext_lazy("a budget", "Retries"), ""),
]


def reasons(case: Escalation, payload: Mapping[str, Any]) -> list[Trigger]:
    """Every reason why this case is at the desk, the agent's own first."""
    rules: dict[str, Any] = case.policy.rules if case.policy else {}
    found = [Trigger("stated", str(Reason(case.reason).label), _("as the agent says"))]
    found += _confidence(case, rules)
    found += [
        Trigger("approval", action["name"], _("needs approval (%(policy)s)") % {"policy": case.policy})
        for action in payload.get("pending_actions") or []
        if action["name"] in rules.get("approve_tools", [])
    ]
    found += _failed_steps(payload)
    found += [
        Trigger(
            "budget",
            f"{gauge.name} {_amount(gauge.value, gauge.unit)}",
            _("is over %(budget)s") % {"budget": _amount(gauge.budget, gauge.unit)},
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
        Gauge(str(name), float(value), float(rules[key]) if key in rules else None, unit)
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
    fact = _("Confidence %(confidence)s") % {"confidence": number(case.confidence, 2)}
    if case.category:
        measure = _("is under %(threshold)s, the threshold for %(category)s of %(agent)s")
    else:
        measure = _("is under %(threshold)s, the threshold of %(agent)s")
    values = {"threshold": number(threshold, 2), "category": case.category, "agent": case.agent_version}
    return [Trigger("confidence", fact, measure % values)]


def _failed_steps(payload: Mapping[str, Any]) -> list[Trigger]:
    index = first_failed_step(payload)
    if index is None:
        return []
    step = payload["steps"][index]
    errors = (step.get("checkpoint") or {}).get("errors") or []
    detail = str(errors[0]) if errors else _("the steps after it are built on it")
    fact = _("Step %(number)s (%(name)s) failed") % {"number": index + 1, "name": step.get("name", "")}
    return [Trigger("step", fact, _("first of the chain: %(detail)s") % {"detail": detail})]


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if unit == "$":
        return pgettext("an amount of money", "$%(amount)s") % {"amount": number(value, 2)}
    if unit == " tokens":
        return ngettext("%(count)s token", "%(count)s tokens", round(value)) % {"count": number(value)}
    return f"{number(value)}{unit}"
