"""Whether a version of an agent is ready to work alone: how often what goes wrong, and what is against it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import sqrt
from typing import Any
from uuid import UUID

from escalations import sql
from escalations.metrics import Figure, Scope, measure, wilson
from escalations.models import AgentVersion, CalibrationLook, FailureMode
from escalations.policy import policies

MODES = (
    FailureMode.EDGE_CASE,
    FailureMode.CONTEXT_DILUTION,
    FailureMode.ERROR_CASCADE,
    FailureMode.INTEGRATION,
    FailureMode.COST,
)
# Of each mode.
WORST = 3
# A version before is looked at for so long, since its cases end as the new one's begin.
BEFORE = timedelta(days=90)


class Control(StrEnum):
    """What can be in place against what goes wrong."""

    THRESHOLD = "threshold"
    CONTEXT = "context"
    CHECKPOINTS = "checkpoints"
    TOOLS = "tools"
    COST = "cost"
    AUDITS = "audits"


AGAINST: Mapping[FailureMode, Control] = {
    FailureMode.EDGE_CASE: Control.THRESHOLD,
    FailureMode.CONTEXT_DILUTION: Control.CONTEXT,
    FailureMode.ERROR_CASCADE: Control.CHECKPOINTS,
    FailureMode.INTEGRATION: Control.TOOLS,
    FailureMode.COST: Control.COST,
}


@dataclass(frozen=True)
class Trend:
    """By how much a share grew, from −1 to 1, with its 95% interval."""

    change: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether it is more than chance would do."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Worst:
    """One of the worst cases of a mode."""

    id: UUID
    headline: str
    closed_at: datetime


@dataclass(frozen=True)
class ModeScore:
    """How often one thing goes wrong: `hits` of `n` labelled cases, and since the version before."""

    mode: FailureMode
    hits: int
    n: int
    share: float | None
    interval: tuple[float, float]
    trend: Trend | None
    is_controlled: bool
    worst: Sequence[Worst]


@dataclass(frozen=True)
class Controls:
    """What is in place for a version. `numbers` are what that was told from."""

    on: frozenset[Control]
    numbers: Mapping[str, Any]


@dataclass(frozen=True)
class Scorecard:
    """One version in a period, beside the version before it if there was one."""

    version: AgentVersion
    before: AgentVersion | None
    labelled: Figure
    modes: Sequence[ModeScore]
    controls: Controls


def scorecard(version: AgentVersion, scope: Scope) -> Scorecard:
    """How the version does in the period of `scope`, which is narrowed to it."""
    before = _before(version)
    labelled = measure(["failure"], scope)["failure"]
    earlier = _earlier(before, scope) if before else None
    found = controls(version, scope.until)
    worst = _worst(version, scope)
    return Scorecard(
        version=version,
        before=before,
        labelled=labelled,
        modes=[_score(mode, labelled, earlier, found, worst) for mode in MODES],
        controls=found,
    )


def controls(version: AgentVersion, now: datetime) -> Controls:
    """What is in place at `now`: by the policy in force, and by what was reported in the last 30 days."""
    policy = policies.in_force(version.agent_id, version.name)
    rules: Mapping[str, Any] = policy.rules if policy else {}
    [seen] = sql.run("scorecard_controls", version_id=version.pk, since=now - timedelta(days=30))
    calibrated = _is_calibrated(version, rules)
    on = {
        Control.THRESHOLD: calibrated,
        Control.CONTEXT: bool({"turns", "context_tokens"} & rules.keys()),
        Control.CHECKPOINTS: seen["schemas"] > 0,
        Control.TOOLS: seen["tools_checked"] > 0 or rules.get("tool_failures") is not None,
        Control.COST: rules.get("cost_usd") is not None,
        Control.AUDITS: bool(rules.get("audit_rate")) and seen["drawn"] > 0,
    }
    numbers = dict(seen) | {
        "policy": policy,
        "has_threshold": bool(rules.get("confidence")),
        "audit_rate": rules.get("audit_rate") or 0,
        "tool_failures": rules.get("tool_failures"),
        "turns": rules.get("turns"),
        "context_tokens": rules.get("context_tokens"),
        "cost_usd": rules.get("cost_usd"),
    }
    return Controls(frozenset(control for control, is_on in on.items() if is_on), numbers)


def difference(hits: int, n: int, hits_before: int, n_before: int) -> Trend:
    """How much a share differs from an independent one before, with a 95% interval.

    Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions", 1998,
    method 10.
    """
    share, share_before = hits / n, hits_before / n_before
    low, high = wilson(hits, n)
    low_before, high_before = wilson(hits_before, n_before)
    change = share - share_before
    return Trend(
        change=change,
        low=change - sqrt((share - low) ** 2 + (high_before - share_before) ** 2),
        high=change + sqrt((high - share) ** 2 + (share_before - low_before) ** 2),
    )


def _is_calibrated(version: AgentVersion, rules: Mapping[str, Any]) -> bool:
    """Whether the thresholds in force are no lower than one that audits of this version proved.

    Of each source that was proved: a threshold holds whatever source a confidence comes from.
    """
    thresholds = [value for value in (rules.get("confidence") or {}).values() if value is not None]
    if not thresholds:
        return False
    looks = CalibrationLook.objects.filter(agent_version=version).order_by("-id")[:20]
    proved: dict[str, float] = {}
    for look in looks:
        for test in _last_passed(look):
            proved[look.source] = min(test["threshold"], proved.get(look.source, 1.0))
    return bool(proved) and min(thresholds) >= max(proved.values())


def _last_passed(look: CalibrationLook) -> Sequence[Mapping[str, Any]]:
    """The test that a look chose its threshold by, if any passed."""
    tests = (look.findings.get("choice") or {}).get("tests") or ()
    return [test for test in tests if test["passed"]][-1:]


def _before(version: AgentVersion) -> AgentVersion | None:
    """The version of the same agent that was registered last before this one."""
    older = AgentVersion.objects.filter(agent=version.agent_id, created_at__lt=version.created_at)
    return older.order_by("-created_at").first()


def _earlier(before: AgentVersion, scope: Scope) -> Figure:
    since = scope.until - BEFORE
    earlier = Scope(since, scope.until, scope.zone, scope.agent, before.name, scope.queue)
    return measure(["failure"], earlier)["failure"]


def _worst(version: AgentVersion, scope: Scope) -> Mapping[str, list[Worst]]:
    found: dict[str, list[Worst]] = defaultdict(list)
    rows = sql.run(
        "scorecard_worst",
        version_id=version.pk,
        since=scope.since,
        until=scope.until,
        modes=[mode.value for mode in MODES],
        shown=WORST,
    )
    for row in rows:
        found[row.pop("mode")].append(Worst(**row))
    return found


def _score(
    mode: FailureMode,
    labelled: Figure,
    earlier: Figure | None,
    found: Controls,
    worst: Mapping[str, list[Worst]],
) -> ModeScore:
    hits = labelled.parts.get(mode.value, 0)
    comparable = earlier is not None and earlier.is_enough and labelled.is_enough
    trend = None
    if comparable and earlier is not None:
        trend = difference(hits, labelled.n, earlier.parts.get(mode.value, 0), earlier.n)
    return ModeScore(
        mode=mode,
        hits=hits,
        n=labelled.n,
        share=labelled.share_of(mode.value) if labelled.is_enough else None,
        interval=labelled.interval_of(mode.value),
        trend=trend,
        is_controlled=AGAINST[mode] in found.on,
        worst=worst.get(mode.value, []),
    )
