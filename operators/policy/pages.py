"""What the pages of policies show: whose policy it is, which is in force, and from where."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, OuterRef, Q, Subquery, Window
from django.db.models.functions import RowNumber
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from escalations.models import Agent, AgentVersion, Policy
from escalations.policy import policy_history
from operators import parameters

OF_EACH = 20


@dataclass(frozen=True)
class Subject:
    """An agent or one of its versions, with the policy in force."""

    agent: Agent
    version: AgentVersion | None
    in_force: Policy | None

    def __str__(self) -> str:
        return str(self.version or self.agent)

    @property
    def based_on(self) -> int:
        """The number of the policy in force, 0 where there is none."""
        return self.in_force.number if self.in_force else 0

    @property
    def rules(self) -> dict[str, Any]:
        return self.in_force.rules if self.in_force else {}

    @property
    def is_inherited(self) -> bool:
        """Whether the version has no policy of its own and goes by that of its agent."""
        return bool(self.version and self.in_force and self.in_force.agent_version_id is None)

    @property
    def url(self) -> str:
        return self._address("policy")

    @property
    def no_history(self) -> str:
        """What the history says where nothing was saved yet."""
        if self.version:
            return _("This version has had no policy of its own yet.")
        return _("This agent has had no policy yet.")

    @property
    def trial_url(self) -> str:
        return self._address("policy_trial")

    def restore_url(self, number: int) -> str:
        """Where the form begins with an old number."""
        return f"{self.url}{'&' if self.version else '?'}from={number}"

    def number_url(self, number: int) -> str:
        return reverse("policy_number", args=[self.agent.pk, number])

    @property
    def replay_url(self) -> str:
        return self._address("replay_draft")

    def _address(self, name: str) -> str:
        query = f"?{urlencode({'version': self.version.pk})}" if self.version else ""
        return reverse(name, args=[self.agent.pk]) + query


@dataclass(frozen=True)
class Line:
    """A version in the list of all policies."""

    version: AgentVersion
    in_force: Policy | None

    @property
    def is_own(self) -> bool:
        return self.in_force is not None and self.in_force.agent_version_id is not None

    @property
    def url(self) -> str:
        return Subject(self.version.agent, self.version, self.in_force).url


def subject(agent_id: int, version_id: str) -> Subject:
    """Whose policy it is.

    Raises:
        Http404: there is no such agent, or it has no such version.
    """
    agent = Agent.objects.filter(pk=agent_id).first()
    known = agent.versions.select_related("agent") if agent else AgentVersion.objects.none()
    key = parameters.number(version_id)
    version = known.filter(pk=key).first() if key is not None else None
    if agent is None or (version_id and version is None):
        raise Http404(_("There is no such agent."))
    return Subject(agent, version, policy_history.in_force(agent, version))


def number_of(agent_id: int, number: int) -> Policy:
    """A policy by its number.

    Raises:
        Http404: there is none.
    """
    made = Policy.objects.select_related("agent", "agent_version__agent", "created_by")
    policy = made.filter(agent_id=agent_id, number=number).first()
    if policy is None:
        raise Http404(_("There is no such policy."))
    return policy


def by_agent() -> list[tuple[Subject, list[Line]]]:
    """All agents with the newest versions of each, and what is in force for them. Four statements."""
    agents = list(Agent.objects.order_by("name"))
    newest_first = [F("created_at").desc(), F("id").desc()]
    place = Window(RowNumber(), partition_by=F("agent"), order_by=newest_first)
    versions = AgentVersion.objects.select_related("agent").annotate(place=place).filter(place__lte=OF_EACH)
    newest = list(versions.annotate(in_force_id=_in_force_id()).order_by(*newest_first))
    plain = dict(Agent.objects.annotate(in_force_id=_newest(OuterRef("pk"))).values_list("pk", "in_force_id"))
    wanted = {version.in_force_id for version in newest} | set(plain.values())
    found = Policy.objects.select_related("created_by", "agent").in_bulk([one for one in wanted if one])
    return [
        (
            Subject(agent, None, found.get(plain[agent.pk])),
            [Line(one, found.get(one.in_force_id)) for one in newest if one.agent_id == agent.pk],
        )
        for agent in agents
    ]


def choices(agents: Sequence[Agent]) -> dict[str, list[tuple[str, str]]]:
    """The newest policies of each agent, to choose one from: by the agent's name, (row, words)."""
    place = Window(RowNumber(), partition_by=F("agent"), order_by=F("number").desc())
    made = Policy.objects.annotate(place=place).filter(place__lte=OF_EACH)
    found: dict[int, list[tuple[str, str]]] = {agent.pk: [] for agent in agents}
    for policy in made.select_related("agent", "agent_version__agent").order_by("agent", "-number"):
        found[policy.agent_id].append((str(policy.pk), _in_a_list(policy)))
    return {agent.name: found[agent.pk] for agent in agents if found[agent.pk]}


def _in_a_list(policy: Policy) -> str:
    values = {"number": policy.number, "subject": policy.agent_version or policy.agent}
    words = _("%(subject)s, number %(number)s") % values
    return f"{words}: {policy.note}" if policy.note else words


def _newest(agent: Any) -> Subquery:
    made = Policy.objects.filter(agent=agent, agent_version=None).order_by("-number")
    return Subquery(made.values("pk")[:1])


def _in_force_id() -> Subquery:
    fitting = Q(agent_version=None) | Q(agent_version=OuterRef("pk"))
    own_first = F("agent_version_id").asc(nulls_last=True)
    made = Policy.objects.filter(fitting, agent=OuterRef("agent")).order_by(own_first, "-number")
    return Subquery(made.values("pk")[:1])
