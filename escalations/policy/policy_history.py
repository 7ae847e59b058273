"""The numbered policies of an agent and of its versions: which is in force, which were, and a new one.

A policy is never changed, because cases point at the one they came in under. A change is a new number.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet

from escalations import numbered
from escalations.models import Agent, AgentVersion, Operator, Policy
from escalations.policy import policies

_VERSIONS_MAX = 1_000


def in_force(agent: Agent, version: AgentVersion | None) -> Policy | None:
    """What `POST /checks` goes by: of the version its own newest, else the agent's newest."""
    return policies.in_force(agent.pk, version.name if version else "")


def numbers(agent: Agent, version: AgentVersion | None) -> QuerySet[Policy]:
    """The policies that were made for the version, or for the agent itself, the newest first."""
    made = agent.policies.filter(agent_version=version).order_by("-number")
    return made.select_related("agent", "agent_version__agent", "created_by")


def comparable(policy: Policy) -> QuerySet[Policy]:
    """The other policies that were made for the same version or for its agent, the newest first."""
    fitting = Q(agent_version=None) | Q(agent_version=policy.agent_version)
    return policy.agent.policies.filter(fitting).exclude(pk=policy.pk).order_by("-number")


def going_by(agent: Agent, version: AgentVersion | None) -> list[int]:
    """The versions that a policy is for: the one, or the newest of its agent that have none of their own."""
    if version:
        return [version.pk]
    inheriting = agent.versions.filter(policies=None).order_by("-created_at", "-id")
    return list(inheriting.values_list("pk", flat=True)[:_VERSIONS_MAX])


def before(policy: Policy) -> Policy | None:
    """What the policy took the place of: the one of its version, else that of the agent."""
    own_first = F("agent_version_id").asc(nulls_last=True)
    return comparable(policy).filter(number__lt=policy.number).order_by(own_first, "-number").first()


def save(
    *,
    agent: Agent,
    version: AgentVersion | None,
    rules: Mapping[str, Any],
    note: str,
    operator: Operator | None,
    based_on: int,
) -> Policy:
    """Bring rules into force for the version, or for all of the agent's that have no policy of their own.

    Without an operator it is the command that applies a file. `based_on` is the number of the policy that
    was in force as they were written, 0 for none.

    Raises:
        Outdated: it is in force no longer; nothing was saved.
    """
    with transaction.atomic():
        # Handoffs that come in meanwhile only need the agent to stay what it is.
        Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
        latest = agent.policies.aggregate(latest=Max("number"))["latest"] or 0
        row = Policy(agent=agent, agent_version=version, number=latest + 1, rules=dict(rules), note=note)
        return numbered.replace(in_force(agent, version), row, operator=operator, based_on=based_on)
