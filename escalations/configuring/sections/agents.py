"""Agents, the policies in force for them and their versions, and what is wanted of their calibration."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from escalations.configuring.sections.base import (
    Change,
    Items,
    Refused,
    Section,
    cents,
    named,
    noted,
    update,
)
from escalations.models import Agent, AgentVersion, CalibrationGoal, Policy, Queue
from escalations.policy import policy_history


def _agents() -> dict[str, Any]:
    own: dict[tuple[int, int | None], Policy] = {}
    for policy in Policy.objects.order_by("number"):
        own[policy.agent_id, policy.agent_version_id] = policy
    found = Agent.objects.select_related("default_queue", "goal").prefetch_related("versions")
    return {agent.name: _agent(agent, own) for agent in found}


def _agent(agent: Agent, own: Mapping[tuple[int, int | None], Policy]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "description": agent.description,
        "default_queue": agent.default_queue.name,
        "is_active": agent.is_active,
        "requests_per_second": agent.requests_per_second,
    }
    if policy := own.get((agent.pk, None)):
        said["policy"] = policy.rules
    versions = {
        version.name: {"policy": own[agent.pk, version.pk].rules}
        for version in agent.versions.all()
        if (agent.pk, version.pk) in own
    }
    if versions:
        said["versions"] = versions
    if goal := getattr(agent, "goal", None):
        said["calibration"] = {
            "alpha": goal.alpha,
            "delta": goal.delta,
            "error_cost_usd": float(goal.error_cost_usd),
        }
    return said


def _agent_items(value: Mapping[str, Any]) -> Items:
    """What an error costs is kept to the cent."""
    for name, wanted in value.items():
        goal = wanted.get("calibration", {})
        if "error_cost_usd" in goal:
            goal = {**goal, "error_cost_usd": cents(goal["error_cost_usd"])}
        yield (name,), name, {**wanted, "calibration": goal} if goal else wanted


def _write_agent(change: Change) -> None:
    wanted = change.wanted
    agent = Agent.objects.filter(name=change.key).first() or Agent(name=change.key)
    given = {
        name: wanted[name] for name in ("description", "is_active", "requests_per_second") if name in wanted
    }
    if "default_queue" in wanted:
        queue = wanted["default_queue"]
        given["default_queue"] = named(Queue.objects.all(), queue, "queue", ("default_queue",))
    elif change.before is None:
        raise Refused((), "A new agent needs a default_queue.")
    update(agent, given, list(given))
    _write_policies(agent, wanted, change.note)
    if goal := wanted.get("calibration"):
        _write_goal(agent, goal)
    noted(agent)


def _write_policies(agent: Agent, wanted: Mapping[str, Any], note: str) -> None:
    if "policy" in wanted:
        _bring_into_force(agent, None, wanted["policy"], note)
    for name, version in wanted.get("versions", {}).items():
        if "policy" in version:
            row, _ = AgentVersion.objects.get_or_create(agent=agent, name=name)
            _bring_into_force(agent, row, version["policy"], note)


def _bring_into_force(
    agent: Agent, version: AgentVersion | None, rules: Mapping[str, Any], note: str
) -> None:
    """Under a new number, unless these are the rules that are in force already."""
    own = policy_history.numbers(agent, version).first()
    if own is not None and own.rules == rules:
        return
    now = policy_history.in_force(agent, version)
    based_on = now.number if now else 0
    policy_history.save(
        agent=agent, version=version, rules=rules, note=note, operator=None, based_on=based_on
    )


def _write_goal(agent: Agent, wanted: Mapping[str, Any]) -> None:
    goal = CalibrationGoal.objects.filter(agent=agent).first() or CalibrationGoal(agent=agent)
    for name, value in wanted.items():
        setattr(goal, name, Decimal(str(value)) if name == "error_cost_usd" else value)
    goal.save()


AGENTS = Section("agents", _agents, _write_agent, items=_agent_items, whole=frozenset({"policy"}))
