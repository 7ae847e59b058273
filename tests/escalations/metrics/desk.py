"""A desk with a past: cases made by the transitions, then moved to when they are said to have happened."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from escalations import transitions
from escalations.metrics import Scope
from escalations.models import Agent, AgentVersion, Escalation, Operator
from tests import factories

NOON = datetime(2025, 11, 20, 12, 0, tzinfo=UTC)
WEEK = Scope(since=NOON - timedelta(days=6), until=NOON + timedelta(days=1), zone=ZoneInfo("UTC"))


def case(
    received: datetime = NOON,
    *,
    picked_up_after: float | None = None,
    resolved_after: float | None = None,
    operator: Operator | None = None,
    decision: str = "approve",
    agent: Agent | None = None,
    version: str = "2.3",
    labels: dict[str, Any] | None = None,
    **handoff: Any,
) -> Escalation:
    """A case received at that time; picked up and resolved so many seconds later, if at all."""
    made = factories.make_case(agent, **handoff)
    known, _ = AgentVersion.objects.get_or_create(agent=made.agent, name=version)
    Escalation.objects.filter(id=made.id).update(agent_version=known)
    picked_up_after = resolved_after if picked_up_after is None else picked_up_after
    if picked_up_after is not None:
        lease = factories.claim(made, operator or person())
        if resolved_after is not None:
            factories.decide(lease, decision, **(labels or {}))
    return moved(made, received, picked_up_after, resolved_after)


def person() -> Operator:
    """The one operator of the support queue, at $36 an hour."""
    return Operator.objects.filter(username="ruth").first() or factories.make_operator("ruth")


def withdrawn(received: datetime = NOON, *, after: float) -> Escalation:
    """A case that the agent cancelled so many seconds after it was received."""
    made = factories.make_case()
    transitions.cancel(case_id=made.id, actor="agent:support")
    return moved(made, received, None, after)


def expired(received: datetime = NOON, *, after: float) -> Escalation:
    """A case that passed its hard limit so many seconds after it was received."""
    made = factories.make_case(sla={"expires_at": "2099-01-01T00:00:00Z"})
    Escalation.objects.filter(id=made.id).update(expires_at=NOON - timedelta(days=900))
    assert transitions.expire() == 1
    return moved(made, received, None, after)


def moved(
    made: Escalation, received: datetime, picked_up_after: float | None, closed_after: float | None
) -> Escalation:
    """The case with its clocks as if it had been received then."""
    current = Escalation.objects.get(id=made.id)
    shift = received - current.received_at
    picked_up = None if picked_up_after is None else received + timedelta(seconds=picked_up_after)
    closed = None if closed_after is None else received + timedelta(seconds=closed_after)
    Escalation.objects.filter(id=made.id).update(
        received_at=received,
        first_claimed_at=picked_up,
        picked_up_at=picked_up,
        closed_at=closed,
        pickup_due_at=current.pickup_due_at + shift,
        due_at=current.due_at + shift,
    )
    current.resolutions.update(created_at=closed)
    return Escalation.objects.get(id=made.id)
