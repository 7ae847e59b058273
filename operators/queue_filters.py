"""What narrows a view of the queue, as its address says it. What makes no sense is left out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Q, Subquery
from django.db.models.functions import Now

from escalations.models import Agent, Kind, Priority, Queue, State
from escalations.models.cases import EscalationQuerySet

AT_RISK, BREACHED = "at_risk", "breached"
_HELD = Q(state=State.CLAIMED, lease_expires_at__gt=Now())
_STATES = {
    "queued": Q(state=State.QUEUED) | Q(state=State.CLAIMED, lease_expires_at__lte=Now()),
    "held": _HELD,
    "waiting": Q(state=State.WAITING),
    "snoozed": Q(state=State.SNOOZED),
}
PRIORITIES = {priority.name.lower(): priority for priority in Priority}
_NAME_MAX = 60
CHOICES: dict[str, dict[str, str]] = {
    "kind": {kind.value: str(kind.label) for kind in Kind},
    "priority": {name: str(priority.label) for name, priority in PRIORITIES.items()},
    "state": {
        "queued": "Waits in the queue",
        "held": "Held by somebody",
        "waiting": "Waiting for a reply",
        "snoozed": "Snoozed",
    },
    "due": {AT_RISK: "At risk", BREACHED: "Breached"},
}


@dataclass(frozen=True)
class QueueFilters:
    """Names of queue, agent and skill; values of `CHOICES`."""

    queue: str = ""
    kind: str = ""
    priority: str = ""
    agent: str = ""
    skill: str = ""
    state: str = ""
    due: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> "QueueFilters":
        """The filters among `params`."""
        given: dict[str, str] = {
            name: params.get(name, "")[:_NAME_MAX].replace("\0", "") for name in ("queue", "agent", "skill")
        }
        for name, choices in CHOICES.items():
            value = params.get(name, "")
            given[name] = value if value in choices else ""
        return cls(**given)

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    @property
    def params(self) -> dict[str, str]:
        """What the address has for them."""
        return {name: value for name, value in asdict(self).items() if value}

    def narrow(self, cases: EscalationQuerySet) -> EscalationQuerySet:
        """`cases` that fit all of them."""
        cases = cases.filter(*self._conditions())
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
