"""What narrows a view of the queue, as its address says it. What makes no sense is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, Subquery, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Concat, Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from escalations.models import Agent, Kind, Priority, Queue, State
from escalations.models.case_queries import EscalationQuerySet
from escalations.search import queries as search

AT_RISK, BREACHED = "at_risk", "breached"
_HELD = Q(state=State.CLAIMED, lease_expires_at__gt=Now())
_STATES = {
    "queued": Q(state=State.QUEUED) | Q(state=State.CLAIMED, lease_expires_at__lte=Now()),
    "held": _HELD,
    "waiting": Q(state=State.WAITING),
    "snoozed": Q(state=State.SNOOZED),
    "aside": Q(state__in=[State.WAITING, State.SNOOZED]),
}
PRIORITIES = {priority.name.lower(): priority for priority in Priority}
EVERYTHING = "all"
# So many matches are looked at where a filter comes after the search.
_SEARCHED = 500
_NAME_MAX = 60
CHOICES: dict[str, dict[str, str | Promise]] = {
    "kind": {kind.value: kind.label for kind in Kind},
    "priority": {name: priority.label for name, priority in PRIORITIES.items()},
    "state": {
        "queued": _("Waits in the queue"),
        "held": _("Held by somebody"),
        "waiting": _("Waiting for a reply"),
        "snoozed": _("Snoozed"),
        "aside": _("Put aside: waiting or snoozed"),
    },
    "due": {AT_RISK: _("At risk"), BREACHED: _("Breached")},
    "scope": {EVERYTHING: _("Closed ones, too")},
}


@dataclass(frozen=True)
class QueueFilters:
    """Names of queue, agent and skill; values of `CHOICES`; words to search for.

    `scope` makes the search go through closed cases, too; without words it means nothing.
    """

    queue: str = ""
    kind: str = ""
    priority: str = ""
    agent: str = ""
    skill: str = ""
    state: str = ""
    due: str = ""
    q: str = ""
    scope: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> "QueueFilters":
        """The filters among `params`."""
        given: dict[str, str] = {
            name: params.get(name, "")[:_NAME_MAX].replace("\0", "") for name in ("queue", "agent", "skill")
        }
        for name, choices in CHOICES.items():
            value = params.get(name, "")
            given[name] = value if value in choices else ""
        given["q"] = " ".join(params.get("q", "").replace("\0", " ").split())[: search.LONGEST].strip()
        if not given["q"]:
            given["scope"] = ""
        return cls(**given)

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    @property
    def params(self) -> dict[str, str]:
        """What the address has for them."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def is_everywhere(self) -> bool:
        """Whether closed cases are searched, too."""
        return self.scope == EVERYTHING

    def found(self, *, sees_all: bool, queues: Sequence[int], limit: int) -> RawSQL | list[UUID]:
        """The newest cases with the words, as far as the search can narrow them; `narrow` does the rest."""
        return search.finding(
            self.q,
            sees_all=sees_all,
            queues=queues,
            everywhere=self.is_everywhere,
            # What state and due time leave of them is not known yet.
            limit=max(limit, _SEARCHED) if self.state or self.due else limit,
            queue=self.queue,
            kind=self.kind,
            priority=PRIORITIES[self.priority] if self.priority else None,
            agent=self.agent,
            skill=self.skill,
        )

    def narrow(self, cases: EscalationQuerySet) -> EscalationQuerySet:
        """`cases` that fit everything but the words."""
        cases = cases.filter(*self._conditions())
        if facets := self._facets():
            cases = cases.with_facets(*facets)
        if self.due == AT_RISK:
            return cases.at_risk()
        return cases.breached() if self.due == BREACHED else cases

    def _conditions(self) -> list[Q]:
        found: dict[str, Any] = {}
        if self.queue:
            found["queue_id"] = Subquery(Queue.objects.filter(name=self.queue).values("id")[:1])
        if self.agent:
            found["agent_id"] = Subquery(Agent.objects.filter(name=self.agent).values("id")[:1])
        if self.kind:
            found["kind"] = self.kind
        if self.priority:
            found["priority"] = PRIORITIES[self.priority]
        if self.skill:
            found["skills__contains"] = [self.skill]
        return [Q(**found), *([_STATES[self.state]] if self.state else [])]

    def _facets(self) -> list[str | Concat]:
        """The same for the index."""
        found: list[str | Concat] = [self.skill] if self.skill else []
        if self.agent:
            agent = Subquery(Agent.objects.filter(name=self.agent).values("id")[:1])
            found.append(Concat(Value("agent:"), Cast(agent, TextField())))
        if self.kind:
            found.append(f"kind:{self.kind}")
        if self.priority:
            found.append(f"priority:{PRIORITIES[self.priority].value}")
        return found
