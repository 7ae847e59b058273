"""Small functions that make rows the way the product makes them, so that no impossible rows exist.

Handoffs go through the validation of the agents' door, and every change of state through `transitions`.
"""

import json
from collections.abc import Iterable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from django.db.models.functions import Now
from django.test import RequestFactory

from agents_api import auth, intake
from escalations import transitions
from escalations.models import (
    Agent,
    ApiKey,
    Claim,
    Disposition,
    Escalation,
    Handoff,
    Operator,
    Policy,
    Queue,
    ReportKey,
    ReportScope,
    Resolution,
    Role,
    Scope,
    Skill,
    SlaTarget,
)
from escalations.models.case_queries import CALL_ORDER, EscalationQuerySet
from escalations.transitions import LeaseToken, decisions

_numbers = count(1)

USER_ASKS = {"role": "user", "content": "I want my money back for order W2378156."}
REFUND: dict[str, Any] = {
    "tool_call_id": "call_1",
    "name": "issue_refund",
    "arguments": {"order_id": "W2378156", "amount": 912, "payment_method": "credit_card_9513926"},
    "input_schema": {
        "type": "object",
        "properties": {
            "order_id": {"type": "string"},
            "amount": {"type": "integer", "minimum": 0},
            "payment_method": {"type": "string"},
        },
        "required": ["order_id", "amount", "payment_method"],
        "additionalProperties": False,
    },
}


def make_queue(name: str = "support", *, sla: dict[int, tuple[int, int]] | None = None) -> Queue:
    """The queue of that name; `sla` maps a priority to seconds for (pickup, resolution)."""
    queue, _ = Queue.objects.get_or_create(name=name)
    for priority, (pickup, resolution) in (sla or {}).items():
        SlaTarget.objects.create(
            queue=queue, priority=priority, pickup_seconds=pickup, resolution_seconds=resolution
        )
    return queue


def make_agent(
    name: str = "support", *, queue: Queue | None = None, rules: dict[str, Any] | None = None
) -> Agent:
    """The agent of that name, with a valid key; `rules` become its next policy (`policy.triggers`)."""
    agent, made = Agent.objects.get_or_create(name=name, defaults={"default_queue": queue or make_queue()})
    if made:
        make_key(agent)
    if rules is not None:
        Policy.objects.create(agent=agent, number=agent.policies.count() + 1, rules=rules)
    return agent


def make_key(agent: Agent, *, scopes: Iterable[str] = tuple(Scope)) -> str:
    """A new API key of `agent`, as the agent would show it."""
    key = auth.new_key()
    ApiKey.objects.create(
        agent=agent, name="made for a test", scopes=list(scopes), prefix=key.prefix, digest=key.digest
    )
    return key.plaintext


def make_report_key(*, scopes: Iterable[str] = tuple(ReportScope)) -> str:
    """A new report key of an admin, as a program would show it."""
    key = auth.new_key(auth.OF_REPORTS)
    ReportKey.objects.create(
        name="made for a test",
        scopes=list(scopes),
        prefix=key.prefix,
        digest=key.digest,
        created_by=make_admin(),
    )
    return key.plaintext


def make_operator(
    username: str = "",
    *,
    queues: Iterable[Queue] | None = None,
    skills: Iterable[str] = (),
    role: Role = Role.OPERATOR,
    password: str = "",
    capacity: int = 100,
    **fields: Any,
) -> Operator:
    """A person of the desk, in the support queue unless `queues` says otherwise.

    `capacity` is no limit unless a test is about it.

    Without a `password` nobody can sign in by form, which spares the slow hash: use `force_login`.
    """
    username = username or f"operator{next(_numbers)}"
    operator = Operator(username=username, role=role, skills=list(skills), capacity=capacity, **fields)
    if password:
        operator.set_password(password)
    else:
        operator.set_unusable_password()
    operator.save()
    operator.queues.set([make_queue()] if queues is None else queues)
    return operator


def make_admin(username: str = "", **fields: Any) -> Operator:
    """An admin, who may also use Django's administration."""
    return make_operator(username, role=Role.ADMIN, is_staff=True, is_superuser=True, **fields)


def make_skill(name: str) -> Skill:
    """The skill of that name."""
    return Skill.objects.get_or_create(name=name)[0]


def handoff(agent: Agent, **overrides: Any) -> dict[str, Any]:
    """A small valid handoff payload: an approval of `REFUND`. `overrides` replace its top-level fields."""
    return {
        "agent": {"name": agent.name, "version": "2.3"},
        "kind": "approval",
        "reason": "policy",
        "question": "Refund $912 to a card that is not the payer's?",
        "messages": [USER_ASKS],
        "pending_actions": [REFUND],
    } | overrides


def make_case(agent: Agent | None = None, *, idempotency_key: str = "", **overrides: Any) -> Escalation:
    """An open case, handed off by `agent` with the payload of `handoff`.

    `kind` other than "approval" leaves the refund out unless `pending_actions` is given.
    """
    agent = agent or make_agent()
    if overrides.get("kind", "approval") != "approval":
        overrides = {"pending_actions": []} | overrides
    request = RequestFactory().post(
        "/api/v1/handoffs",
        json.dumps(handoff(agent, **overrides)),
        content_type="application/json",
        headers={"Idempotency-Key": idempotency_key or str(uuid4())},
    )
    key = ApiKey.objects.valid().filter(agent=agent).latest("id")
    opened = transitions.open(
        key_prefix=key.prefix,
        key_digest=key.digest,
        handoff=intake.handoff_input(request, intake.read(request)),
        links=lambda case_id: json.dumps({"self": f"/api/v1/handoffs/{case_id}"}),
    )
    return Escalation.objects.get(id=opened.case_id)


def claim(case: Escalation | UUID, operator: Operator) -> LeaseToken:
    """Pick that case and return the lease."""
    case_id = case.id if isinstance(case, Escalation) else case
    return transitions.claim(case_id=case_id, operator=operator).lease


def lapse(case: Escalation) -> None:
    """Let the claim on `case` run out: it began a lease ago, and a second more."""
    over = timedelta(seconds=1)
    Claim.objects.filter(case=case, ended_at=None).update(started_at=Now() - transitions.LEASE - over)
    Escalation.objects.filter(id=case.id).update(lease_expires_at=Now() - over)


def decide(
    lease: LeaseToken,
    decision: str = "approve",
    *,
    message: str = "",
    suggested: Iterable[transitions.Suggested] = (),
    **labels: Any,
) -> Resolution:
    """Resolve the case under `lease`, each pending action alike; labels as given, else harmless ones."""
    actions = Handoff.objects.get(case_id=lease.case_id).payload.get("pending_actions") or []
    resolution_id = transitions.resolve(
        lease=lease,
        decision=transitions.DecisionInput(
            decision=decision,
            actions=[_decided(action, decision) for action in actions]
            if decision in ("approve", "edit", "reject")
            else [],
            message=message or ("Done." if decision == "respond" else ""),
        ),
        labels=transitions.Labels(
            **{
                "disposition": Disposition.APPROVE,
                "agent_correct": "yes",
                "failure_primary": "none",
            }
            | labels
        ),
        suggested=suggested,
    )
    return Resolution.objects.get(id=resolution_id)


def in_line(operator: Operator) -> EscalationQuerySet:
    """The cases that wait and that `operator` may work, in the order of work."""
    return Escalation.objects.waiting().workable_by(operator).order_by(*CALL_ORDER)


def make_resolved(
    operator: Operator | None = None, decision: str = "approve", **overrides: Any
) -> Escalation:
    """A case that `operator` decided; `overrides` as for `make_case`."""
    case = make_case(**overrides)
    decide(claim(case, operator or make_operator()), decision)
    return Escalation.objects.get(id=case.id)


def _decided(action: dict[str, Any], decision: str) -> transitions.ActionDecision:
    return transitions.ActionDecision(
        tool_call_id=action["tool_call_id"],
        decision=decision,
        arguments=decisions.as_object(action["arguments"]) if decision == "edit" else None,
        digest_seen=decisions.digest(action["arguments"]),
    )


def reread(case: Escalation) -> Escalation:
    """The case as it stands in the database now."""
    return Escalation.objects.select_related("queue").get(id=case.id)
