"""Why a case is here: the policy of its agent version, held against what the agent reported.

Policies are immutable and handoffs too, so the answer is computed when it is shown and is always the
one that was true at intake.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from escalations.models import Escalation, Kind, Reason
from escalations.policy import policies
from escalations.policy.policies import Code, Finding, Signals
from escalations.validation import checkpoints, schema_words
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


_BUDGETS = {
    "context_tokens": (pgettext_lazy("a budget", "Context"), " tokens"),
    "turns": (pgettext_lazy("a budget", "Turns"), ""),
    "cost_usd": (pgettext_lazy("a budget", "Cost"), "$"),
    "seconds": (pgettext_lazy("a budget", "Time"), " s"),
    "retries": (pgettext_lazy("a budget", "Retries"), ""),
    "tool_failures": (pgettext_lazy("a budget", "Tool failures"), ""),
}


def reasons(case: Escalation, payload: Mapping[str, Any]) -> list[Trigger]:
    """Every reason why this case is at the desk, the agent's own first.

    Who must not be led is not told how sure the agent was, nor which error was the first.
    """
    rules: dict[str, Any] = case.policy.rules if case.policy else {}
    found = _stated(case)
    failed = _failed_steps(payload, is_blind=case.is_blind)
    for finding in policies.reasons(rules, signals_of(case, payload)):
        if finding.code in _AFTER_STEPS:
            found, failed = found + failed, []
        found.append(in_words(finding, version=str(case.agent_version), policy=str(case.policy)))
    return found + failed


def _stated(case: Escalation) -> list[Trigger]:
    hidden = [Reason.LOW_CONFIDENCE] if case.is_blind else []
    if case.kind == Kind.REVIEW and case.reason in (Reason.OTHER, *hidden):
        return [Trigger("stated", _("An audit"), _("of what the agent did"))]
    if case.reason in hidden:
        return []
    return [Trigger("stated", str(Reason(case.reason).label), _("as the agent says"))]


def signals_of(case: Escalation, payload: Mapping[str, Any]) -> Signals:
    """What the agent reported when it handed off."""
    return Signals(
        confidence=None if case.is_blind else case.confidence,
        confidence_threshold=case.confidence_threshold,
        category=case.category,
        usage=_used(case),
        pending_actions=payload.get("pending_actions") or [],
        last_user_message=last_user_text(payload),
        failed_checkpoints=[failed.step] if (failed := checkpoints.of_case(case)) else [],
    )


def in_words(finding: Finding, *, version: str, policy: str) -> Trigger:
    """What a policy found, as a sentence in two parts."""
    strong, rest = _SENTENCES[finding.code](finding, {"agent": version, "policy": policy})
    return Trigger(finding.code.value, strong, rest)


def last_user_text(payload: Mapping[str, Any]) -> str:
    """What the user said last, in either form of messages; empty where they said nothing."""
    for message in reversed(payload.get("messages") or []):
        if message.get("role") == "user":
            content = message.get("content") or message.get("parts") or ""
            parts = content if isinstance(content, list) else [{"text": content}]
            texts = (part.get("text") or part.get("content") for part in parts if isinstance(part, dict))
            return " ".join(text for text in texts if isinstance(text, str))
    return ""


def gauges(case: Escalation) -> list[Gauge]:
    """What the run used, against the budgets of the policy that the case came in under."""
    rules: dict[str, Any] = case.policy.rules if case.policy else {}
    return [
        Gauge(str(name), float(value), float(rules[key]) if key in rules else None, unit)
        for key, (name, unit) in _BUDGETS.items()
        if (value := _used(case).get(key)) is not None
    ]


def first_failed_step(payload: Mapping[str, Any]) -> int | None:
    """Index of the first step whose checkpoint or status failed; what comes after is built on it."""
    return next((index for index, step in enumerate(payload.get("steps") or []) if has_failed(step)), None)


def has_failed(step: Mapping[str, Any]) -> bool:
    """Whether a step says so of itself, or its checkpoint of it."""
    checkpoint = step.get("checkpoint") or {}
    return step.get("status") in ("failed", "error") or checkpoint.get("passed") is False


def _used(case: Escalation) -> dict[str, Any]:
    return {
        "context_tokens": case.context_tokens,
        "turns": case.turns,
        "cost_usd": case.cost_usd,
        "seconds": case.run_seconds,
        "retries": case.retries,
    }


def _confidence(finding: Finding, names: Mapping[str, str]) -> tuple[str, str]:
    fact = _("Confidence %(confidence)s") % {"confidence": number(finding.value or 0, 2)}
    if finding.subject:
        measure = _("is under %(threshold)s, the threshold for %(category)s of %(agent)s")
    else:
        measure = _("is under %(threshold)s, the threshold of %(agent)s")
    values = {"threshold": number(finding.limit or 0, 2), "category": finding.subject, **names}
    return fact, measure % values


def _approval(finding: Finding, names: Mapping[str, str]) -> tuple[str, str]:
    values = {"met": ", ".join(finding.conditions), "unclear": ", ".join(finding.unclear), **names}
    if finding.unclear:
        rest = _("needs approval: %(unclear)s is missing or cannot be compared (%(policy)s)")
    elif finding.conditions:
        rest = _("needs approval: %(met)s (%(policy)s)")
    else:
        rest = _("needs approval (%(policy)s)")
    return finding.subject, rest % values


def _budget(finding: Finding, names: Mapping[str, str]) -> tuple[str, str]:
    name, unit = _BUDGETS[finding.subject]
    over = _("is over %(budget)s") % {"budget": _amount(finding.limit, unit)}
    return f"{name} {_amount(finding.value, unit)}", over


def _never(finding: Finding, names: Mapping[str, str]) -> tuple[str, str]:
    fact = _("Category %(category)s") % {"category": finding.subject}
    return fact, _("is never handled by the agent alone (%(policy)s)") % names


def _checkpoint(finding: Finding, names: Mapping[str, str]) -> tuple[str, str]:
    fact = _("Checkpoint %(step)s failed") % {"step": finding.subject}
    return fact, _("and must pass (%(policy)s)") % names


def _phrase(finding: Finding, names: Mapping[str, str]) -> tuple[str, str]:
    fact = _("The user said “%(phrase)s”") % {"phrase": finding.subject}
    return fact, _("which calls for a person (%(policy)s)") % names


def _person(finding: Finding, names: Mapping[str, str]) -> tuple[str, str]:
    return str(Reason.USER_REQUESTED.label), _("and gets one (%(policy)s)") % names


_SENTENCES: dict[Code, Callable[[Finding, Mapping[str, str]], tuple[str, str]]] = {
    Code.CONFIDENCE: _confidence,
    Code.NEVER: _never,
    Code.APPROVAL: _approval,
    Code.CHECKPOINT: _checkpoint,
    Code.BUDGET: _budget,
    Code.PHRASE: _phrase,
    Code.PERSON: _person,
}
# On a page the failed step stands before these.
_AFTER_STEPS = (Code.BUDGET, Code.PHRASE, Code.PERSON)


def _failed_steps(payload: Mapping[str, Any], *, is_blind: bool) -> list[Trigger]:
    index = first_failed_step(payload)
    if index is None:
        return []
    step = payload["steps"][index]
    errors = (step.get("checkpoint") or {}).get("errors") or []
    told = schema_words.told(errors[0]) if errors else ""
    fact = _("Step %(number)s (%(name)s) failed") % {"number": index + 1, "name": step.get("name", "")}
    if is_blind:
        return [Trigger("step", fact, told)]
    detail = told or _("the steps after it are built on it")
    return [Trigger("step", fact, _("first of the chain: %(detail)s") % {"detail": detail})]


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if unit == "$":
        return pgettext("an amount of money", "$%(amount)s") % {"amount": number(value, 2)}
    if unit == " tokens":
        return ngettext("%(count)s token", "%(count)s tokens", round(value)) % {"count": number(value)}
    return f"{number(value)}{unit}"
