"""Resolved cases like an open one, ranked by what they share: plain rules, the same answer each time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, IntegerField
from django.utils.translation import gettext as _

from escalations.models import DecidedBy, Escalation, Handoff, Operator, Resolution, State
from escalations.transitions.decisions import as_object

SHOWN = 3
# The newest cases of the agent, of which those of the kind that a person decided are looked at.
_LOOKED_AT, _CANDIDATES, _READ = 1_000, 300, 40
# Longer handoffs are not read for the sake of a tool's name.
_READABLE = 200_000
_CATEGORY, _TOOL, _REASON, _WORDS = 3.0, 3.0, 1.0, 4.0
_ENOUGH = 3.0
_WORD = re.compile(r"[^\W\d_]{3,}")
_COMMON = frozenset(
    [
        "the",
        "and",
        "for",
        "not",
        "that",
        "this",
        "with",
        "from",
        "are",
        "was",
        "has",
        "have",
        "had",
        "but",
        "you",
        "your",
        "who",
        "what",
        "which",
        "when",
        "where",
        "why",
        "how",
        "does",
        "did",
        "can",
        "may",
        "could",
        "should",
        "would",
        "will",
        "there",
        "their",
        "they",
        "them",
        "than",
        "then",
        "into",
        "out",
        "about",
        "after",
        "before",
    ]
)


@dataclass(frozen=True)
class Like:
    """A resolved case with its decision, and what it shares with the case at hand."""

    resolution: Resolution
    score: float
    shared: tuple[str, ...]
    changed: tuple[str, ...] = ()

    @property
    def case(self) -> Escalation:
        return self.resolution.case


def like(case: Escalation, payload: Mapping[str, Any], operator: Operator) -> list[Like]:
    """Up to `SHOWN` decided cases of the same agent and kind that `operator` may see, the likest first."""
    wanted = _words(case.headline)
    ranked = sorted(
        (_scored(resolution, case, wanted) for resolution in _candidates(case, operator)), key=_order
    )[:_READ]
    sent = _payloads([each.case for each in ranked])
    tools = _tools(payload)
    with_tools = [_with_tool(each, sent.get(each.case.pk, {}), tools) for each in ranked]
    return sorted((each for each in with_tools if each.score >= _ENOUGH), key=_order)[:SHOWN]


def _candidates(case: Escalation, operator: Operator) -> list[Resolution]:
    """Found in two steps, each by an index: the planner would read every case of the kind for one of both."""
    newest = Escalation.objects.filter(agent_id=case.agent_id).order_by("-received_at", "-id")
    found = [
        id_
        for id_, kind, state in newest.values_list("id", "kind", "state")[:_LOOKED_AT]
        if kind == case.kind and state == State.RESOLVED and id_ != case.id
    ][:_CANDIDATES]
    seen = Escalation.objects.visible_to(operator).filter(id__in=found, erased_at=None)
    decided = Resolution.objects.current().filter(case__in=seen, decided_by=DecidedBy.HUMAN)
    return list(decided.filter(cycle=F("case__cycle")).select_related("case"))


def _scored(resolution: Resolution, case: Escalation, wanted: frozenset[str]) -> Like:
    other = resolution.case
    score, shared = 0.0, []
    if case.category and other.category == case.category:
        score += _CATEGORY
        shared.append(_("also %(thing)s") % {"thing": case.category})
    if other.reason == case.reason:
        score += _REASON
    words = _words(other.headline)
    if common := wanted & words:
        score += _WORDS * len(common) / len(wanted | words)
        shared.append(_("also says %(words)s") % {"words": ", ".join(sorted(common)[:3])})
    return Like(resolution, score, tuple(shared))


def _with_tool(found: Like, payload: Mapping[str, Any], tools: frozenset[str]) -> Like:
    common = sorted(tools & _tools(payload))
    shared = (*(_("also %(thing)s") % {"thing": name} for name in common[:1]), *found.shared)
    score = found.score + (_TOOL if common else 0.0)
    return Like(found.resolution, score, shared, _changed(found.resolution, payload))


def _order(found: Like) -> tuple[float, float, str]:
    """The likest first, of equals the latest."""
    return -found.score, -found.resolution.created_at.timestamp(), str(found.resolution.pk)


def _payloads(cases: list[Escalation]) -> dict[Any, Mapping[str, Any]]:
    length = Func(F("body"), function="octet_length", output_field=IntegerField())
    handoffs = Handoff.objects.filter(case__in=cases).alias(length=length).filter(length__lte=_READABLE)
    return {handoff.pk: handoff.payload for handoff in handoffs}


def _tools(payload: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(action["name"]) for action in payload.get("pending_actions") or [])


def _changed(resolution: Resolution, payload: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the arguments that an edit changed."""
    proposed = {action["tool_call_id"]: action for action in payload.get("pending_actions") or []}
    names: dict[str, None] = {}
    for action in resolution.actions:
        before = as_object(proposed.get(action["tool_call_id"], {}).get("arguments") or {})
        after = action["arguments"]
        if isinstance(after, dict) and isinstance(before, dict):
            names |= {
                name: None for name in after.keys() | before.keys() if after.get(name) != before.get(name)
            }
    return tuple(sorted(names))


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower())) - _COMMON
