"""Carries the demo's plans out through the same doors and transitions as real agents and operators.

Everything happens in one transaction and, by the database's clock, now. Each move adds one event to its case;
the moment that it should have happened at is noted, and `demo.retiming` then moves the rows there.
"""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest

from agents_api import answers, auth, intake
from agents_api.requests.bodies import Body
from demo import labelling, passing, retiming, webhooks
from demo.finished import PastRun
from demo.history import PastCase
from demo.player import Player
from demo.writing import Json, Scenario, render
from escalations import transitions
from escalations.models import (
    Agent,
    Availability,
    Claim,
    Decision,
    Delivery,
    Escalation,
    Notice,
    NoticeKind,
    Operator,
    Stay,
)
from escalations.reviews import runs as finished_runs
from escalations.reviews.runs import FinishedRun
from escalations.sla import clocks, timers
from escalations.transitions import HandoffInput, decisions
from operators.case import conversation
from operators.case import page as case_page

# How much of the time to pick it up an open case has used up, in turn: two are late, two are at risk.
_USED_UP = (0.07, 0.35, 0.93, 0.2, 0.5, 0.12, 1.2, 0.28, 0.03, 0.6, 0.42, 0.16)
# How long people are there before and after a case.
_AROUND = timedelta(minutes=40)
_CUSTOMERS = 180


def play(*, keys: dict[str, str], past: Iterable[PastCase], scenarios: Iterable[Scenario]) -> int:
    """Make all these cases, all or none, and return how many. `keys` are API keys by agent."""
    with transaction.atomic():
        people = {person.username: person for person in Operator.objects.all()}
        player = Player(keys, people)
        passing.all_are_there(player)
        for case in past:
            _play_past(player, case)
        now = clocks.database_now()
        for number, scenario in enumerate(scenarios):
            _play_open(player, scenario, now, _USED_UP[number % len(_USED_UP)])
        retiming.move(player.moments)
        webhooks.write(player)
        _note_who_was_there()
        passing.all_have_left()
        _ring()
    return len(player.events)


def report(runs: Iterable[PastRun]) -> dict[str, set[str]]:
    """Report finished runs as their agents would, and say which were drawn for an audit, by agent."""
    by_agent: dict[str, list[FinishedRun]] = {}
    for past in runs:
        by_agent.setdefault(past.agent, []).append(past.run)
    drawn = {}
    for name, given in by_agent.items():
        kept = finished_runs.report(agent_id=Agent.objects.get(name=name).pk, runs=given)
        drawn[name] = {run_id for run_id, one in kept.items() if one.drawn}
    return drawn


def _note_who_was_there() -> None:
    """People had their pages open around the cases that they had in hand."""
    stretches: dict[int, list[tuple[datetime, datetime]]] = {}
    over = Claim.objects.filter(ended_at__isnull=False).order_by("operator", "started_at")
    for operator_id, began, ended in over.values_list("operator_id", "started_at", "ended_at"):
        mine = stretches.setdefault(operator_id, [])
        came, left = began - _AROUND, (ended or began) + _AROUND
        if mine and came <= mine[-1][1]:
            mine[-1] = (mine[-1][0], max(mine[-1][1], left))
        else:
            mine.append((came, left))
    Stay.objects.bulk_create(
        Stay(operator_id=person, availability=Availability.AVAILABLE, started_at=began, ended_at=ended)
        for person, mine in stretches.items()
        for began, ended in mine
    )


def _ring() -> None:
    """Let the clocks of the open cases tell what they would have told by now; old news counts as read."""
    timers.fire(limit=1_000)
    Notice.objects.exclude(kind=NoticeKind.BREACHED).update(read_at=Now())


def _customer_of(case: PastCase) -> str:
    """By whom it is about, as agents name customers; some of them come back."""
    return f"C{1_000 + int(case.received_at.timestamp()) // 60 % _CUSTOMERS}"


def _play_past(player: Player, case: PastCase) -> None:
    payload = render(case.story, now=case.received_at, new_id=_short_id)
    payload["agent"] = payload["agent"] | {"version": case.version}
    payload["metadata"] = payload.get("metadata", {}) | {"customer_ref": _customer_of(case)}
    payload |= {"confidence": case.confidence, "confidence_source": "self_report"}
    if case.run_id:
        payload["run_id"] = case.run_id
    case_id = _open(player, case.story.agent, payload)
    player.happened(case_id, case.received_at)
    if case.fate == "cancelled":
        transitions.cancel(case_id=case_id, actor=f"agent:{case.story.agent}", reason="The user left.")
        player.happened(case_id, case.ended_at)
    elif case.fate == "expired":
        _expire(case_id)
        player.happened(case_id, case.ended_at)
    else:
        _work(player, case, case_id)
        _report(player, case, case_id)


def _work(player: Player, case: PastCase, case_id: UUID) -> None:
    """All passes: each takes the case, and decides it, passes it on or gives it back."""
    lease = passing.offered(player, case, case_id)
    for number, work in enumerate(case.passes, 1):
        if lease is None:
            lease = transitions.claim(case_id=case_id, operator=player.people[work.operator]).lease
            player.happened(case_id, work.taken_at)
        if number < len(case.passes) and case.fate != "reopened":
            lease = passing.leave(player, lease, work, case.passes[number])
        else:
            _decide(lease, case)
            lease = None
        player.happened(case_id, work.left_at)
        if number == 1 and case.reopened_at:
            reviewer = player.people["ruth"]
            transitions.reopen(case_id=case_id, operator=reviewer, reason="The customer wrote again.")
            player.happened(case_id, case.reopened_at)


def _decide(lease: transitions.LeaseToken, case: PastCase) -> None:
    ending, payload = case.ending, case.story.payload
    actions = (
        [] if ending.decision in (Decision.RESPOND, Decision.TAKEOVER) else payload.get("pending_actions", [])
    )
    transitions.resolve(
        lease=lease,
        decision=transitions.DecisionInput(
            decision=ending.decision.value,
            actions=[_decided(action, ending.decision, _edit(case)) for action in actions],
            response=ending.response,
            message=ending.message,
        ),
        labels=labelling.labels(case),
        suggested=_suggested(lease.case_id),
        can_be_undone=False,
    )


def _suggested(case_id: UUID) -> list[transitions.Suggested]:
    """What the page of the case would have proposed."""
    case = Escalation.objects.select_related("handoff", "agent").get(id=case_id)
    shown = conversation.turns(case.handoff.messages, agent=case.agent.name)
    return case_page.suggested_labels(case, shown)


def _decided(action: Json, decision: Decision, changes: Json) -> transitions.ActionDecision:
    return transitions.ActionDecision(
        tool_call_id=action["tool_call_id"],
        decision=decision.value,
        arguments=action["arguments"] | changes if decision == Decision.EDIT else None,
        digest_seen=decisions.digest(action["arguments"]),
    )


def _edit(case: PastCase) -> Json:
    """The operator's changes; `$name` stands for that entry of the story's metadata."""
    told = case.story.payload.get("metadata", {})
    changes = case.ending.edit or {}
    return {key: told[text[1:]] if str(text).startswith("$") else text for key, text in changes.items()}


def _report(player: Player, case: PastCase, case_id: UUID) -> None:
    """The agent, told by webhook or asking, says what became of the decision; a few say no more."""
    told_at = case.ended_at
    if case.tried_at:
        player.tried_at[case_id], told_at = case.tried_at, case.tried_at[-1]
        transitions.mark_delivered(case_id=case_id, how="webhook")
        player.happened(case_id, told_at)
    elif case.reported == "delivered":
        transitions.mark_delivered(case_id=case_id, how="wait")
    if case.reported != "delivered":
        actor = f"agent:{case.story.agent}"
        transitions.acknowledge(case_id=case_id, outcome=Delivery(case.reported), detail="", actor=actor)
    if not case.tried_at or case.reported != "delivered":
        player.happened(case_id, told_at + timedelta(milliseconds=case_id.int % 1_900 + 80))


def _expire(case_id: UUID) -> None:
    """No door takes a handoff whose limit has passed, so the limit is moved once it is in."""
    Escalation.objects.filter(id=case_id).update(expires_at=Now())
    transitions.expire()


def _play_open(player: Player, scenario: Scenario, now: datetime, used_up: float) -> None:
    """A case that waits since as long as it takes to use up that share of the time to pick it up."""
    case_id = _open(player, scenario.agent, render(scenario, now=now, new_id=_short_id))
    case = Escalation.objects.get(id=case_id)
    waited = (case.pickup_due_at - case.clock_started_at) * used_up
    if case.expires_at:
        waited = min(waited, (case.expires_at - now) / 3)
    player.happened(case_id, now - waited)
    for number, text in enumerate(scenario.later[:1], 1):
        message = {"role": "user", "content": text}
        transitions.add_message(case_id=case_id, messages=[message], actor=f"agent:{scenario.agent}")
        player.happened(case_id, now - waited * (1 - number / 3))


def _open(player: Player, agent: str, payload: Json) -> UUID:
    """Hand off as the agent would, past the network only: the checks of the agents' door hold here, too."""
    credentials = auth.parse(player.keys[agent])
    if credentials is None:
        raise ValueError(f"The key of {agent} is malformed.")
    handoff = _checked(payload)
    opened = transitions.open(
        key_prefix=credentials.prefix, key_digest=credentials.digest, handoff=handoff, links=answers.links
    )
    return opened.case_id


def _checked(payload: Json) -> HandoffInput:
    request = HttpRequest()
    request.META["HTTP_IDEMPOTENCY_KEY"] = str(uuid4())
    return intake.handoff_input(request, Body(json.dumps(payload, ensure_ascii=False).encode(), payload))


def _short_id() -> str:
    return uuid4().hex[:12]
