"""What a policy says of a run: plain comparisons, so that the same signals always get the same answer.

`reasons` is the one evaluator. `POST /checks` asks it before a handoff, the case page after it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.db.models import F, Q

from escalations import sql
from escalations.models import Agent, Kind, Policy, Reason
from escalations.policy import conditions, phrases

BUDGETS = ("context_tokens", "turns", "cost_usd", "seconds", "retries", "tool_failures")
_ANY = "*"


class Code(StrEnum):
    """Which rule of a policy asks for a person."""

    CONFIDENCE = "confidence"
    NEVER = "never"
    APPROVAL = "approval"
    CHECKPOINT = "checkpoint"
    BUDGET = "budget"
    PHRASE = "phrase"
    PERSON = "person"


@dataclass(frozen=True)
class Signals:
    """What is known of a run. What was not reported is no reason."""

    confidence: float | None = None
    # The threshold that the agent used; counts before the policy's.
    confidence_threshold: float | None = None
    category: str = ""
    # What was used, by the names of `BUDGETS`.
    usage: Mapping[str, float | None] = field(default_factory=dict)
    # Each `{name, arguments}`.
    pending_actions: Sequence[Mapping[str, Any]] = ()
    last_user_message: str = ""
    asked_for_person: bool = False
    failed_checkpoints: Sequence[str] = ()


@dataclass(frozen=True)
class Finding:
    """One reason for a person.

    `subject` is the category, tool, step, budget or phrase that it is about, `value` what was measured
    and `limit` what the policy allows. `conditions` are those that the arguments of a tool met,
    `unclear` names the arguments that were missing or could not be compared.
    """

    code: Code
    subject: str = ""
    value: float | None = None
    limit: float | None = None
    conditions: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()


def in_force(agent_id: int, version: str) -> Policy | None:
    """The newest policy of the version, else the agent's newest; also for a version never seen before."""
    mine = Policy.objects.filter(Q(agent_version=None) | Q(agent_version__name=version), agent_id=agent_id)
    own_first = F("agent_version_id").asc(nulls_last=True)
    return mine.select_related("agent").order_by(own_first, "-number").first()


@dataclass(frozen=True)
class Looked:
    """The agent behind a key, how many requests that may make, its policy in force if any, and its scopes."""

    agent_id: int
    agent_name: str
    requests_per_second: int | None
    policy: Policy | None
    scopes: list[str]


def of_key(*, prefix: str, digest: str, version: str) -> Looked | None:
    """Whose key it is and what is in force for a version, in one statement; None if it is not valid."""
    for row in sql.run("policy_of_key", key_prefix=prefix, key_digest=digest, version=version):
        agent = Agent(id=row["agent_id"], name=row["agent_name"])
        made = (
            None
            if row["number"] is None
            else Policy(agent=agent, number=row["number"], rules=_read(row["rules"]))
        )
        return Looked(agent.id, agent.name, row["requests_per_second"], made, row["scopes"])
    return None


@lru_cache(maxsize=500)
def _read(rules: str) -> dict[str, Any]:
    """Rules are read by many checks and never changed."""
    read: dict[str, Any] = json.loads(rules)
    return read


def reasons(rules: Mapping[str, Any], signals: Signals) -> list[Finding]:
    """Every rule that asks for a person, always in the same order."""
    return [
        *_confidence(rules, signals),
        *_never(rules, signals),
        *_approvals(rules, signals),
        *_checkpoints(rules, signals),
        *_budgets(rules, signals),
        *_words(rules, signals),
    ]


def handoff_as(findings: Sequence[Finding], signals: Signals) -> tuple[Kind, Reason] | None:
    """How to hand off for these reasons: the most pressing one decides. None where there is none."""
    found = {finding.code: finding for finding in reversed(findings)}
    for code, kind, reason in _MOST_PRESSING_FIRST:
        if code in found:
            return kind, reason
    if Code.CONFIDENCE in found:
        return Kind.APPROVAL if signals.pending_actions else Kind.QUESTION, Reason.LOW_CONFIDENCE
    if Code.BUDGET in found:
        return Kind.TAKEOVER, _OVER.get(found[Code.BUDGET].subject, Reason.BUDGET)
    return None


_MOST_PRESSING_FIRST = (
    (Code.PERSON, Kind.TAKEOVER, Reason.USER_REQUESTED),
    (Code.NEVER, Kind.TAKEOVER, Reason.OUT_OF_SCOPE),
    (Code.PHRASE, Kind.TAKEOVER, Reason.POLICY),
    (Code.APPROVAL, Kind.APPROVAL, Reason.POLICY),
    (Code.CHECKPOINT, Kind.TAKEOVER, Reason.CHECKPOINT_FAILED),
)
_OVER = {
    "context_tokens": Reason.CONTEXT_LIMIT,
    "retries": Reason.TOOL_ERROR,
    "tool_failures": Reason.TOOL_ERROR,
}


def _confidence(rules: Mapping[str, Any], signals: Signals) -> Iterator[Finding]:
    threshold = signals.confidence_threshold
    if threshold is None:
        thresholds = rules.get("confidence", {})
        threshold = thresholds.get(signals.category, thresholds.get(_ANY))
    if signals.confidence is not None and threshold is not None and signals.confidence < threshold:
        yield Finding(Code.CONFIDENCE, signals.category, signals.confidence, threshold)


def _never(rules: Mapping[str, Any], signals: Signals) -> Iterator[Finding]:
    if signals.category and signals.category in rules.get("never", []):
        yield Finding(Code.NEVER, signals.category)


def _approvals(rules: Mapping[str, Any], signals: Signals) -> Iterator[Finding]:
    listed = rules.get("approve_tools", [])
    tools = [{"name": tool} if isinstance(tool, str) else tool for tool in listed]
    for action in signals.pending_actions:
        rows = [tool for tool in tools if tool["name"] == action["name"]]
        found = (_approval(row, action) for row in rows)
        yield from [finding for finding in found if finding][:1]


def _approval(tool: Mapping[str, Any], action: Mapping[str, Any]) -> Finding | None:
    """The tool needs approval when all conditions of its row hold, or cannot be judged."""
    arguments, wanted = action.get("arguments") or {}, tool.get("when", [])
    met = [conditions.is_met(condition, arguments) for condition in wanted]
    if False in met:
        return None
    sure = [one for one, is_met in zip(wanted, met, strict=True) if is_met]
    return Finding(
        Code.APPROVAL,
        action["name"],
        conditions=tuple(f"{one['argument']} {one['op']} {_shown(one['value'])}" for one in sure),
        unclear=tuple(one["argument"] for one, is_met in zip(wanted, met, strict=True) if is_met is None),
    )


def _checkpoints(rules: Mapping[str, Any], signals: Signals) -> Iterator[Finding]:
    watched = rules.get("checkpoints", [])
    for step in dict.fromkeys(signals.failed_checkpoints):
        if _ANY in watched or step in watched:
            yield Finding(Code.CHECKPOINT, step)


def _budgets(rules: Mapping[str, Any], signals: Signals) -> Iterator[Finding]:
    for name in BUDGETS:
        used, budget = signals.usage.get(name), rules.get(name)
        if used is not None and budget is not None and float(used) > float(budget):
            yield Finding(Code.BUDGET, name, float(used), float(budget))


def _words(rules: Mapping[str, Any], signals: Signals) -> Iterator[Finding]:
    text = signals.last_user_message
    if text and (wanted := rules.get("phrases")):
        yield from (Finding(Code.PHRASE, phrase) for phrase in phrases.said(text, wanted))
    if rules.get("asks_for_person") and (signals.asked_for_person or phrases.asks_for_person(text)):
        yield Finding(Code.PERSON)


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
