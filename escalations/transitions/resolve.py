"""Decide: resolution, labels, event, audit entry and outbox rows together, under the holder's fence."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from escalations import redaction, sql
from escalations.auditing import audit
from escalations.models import Decision, Escalation
from escalations.models.cases import new_id
from escalations.transitions import decisions, edit_distance
from escalations.transitions.errors import Flaw, InvalidDecision
from escalations.transitions.labels import Labels, Suggested, label_flaws
from escalations.transitions.lease import lost
from escalations.transitions.recording import announce
from escalations.transitions.tokens import LeaseToken


@dataclass(frozen=True)
class ActionDecision:
    """What to do with one pending action. `arguments` only for an edit.

    `digest_seen` is of the proposed arguments as they were on screen: nothing is approved unseen.
    """

    tool_call_id: str
    decision: str
    arguments: dict[str, Any] | None = None
    message: str = ""
    digest_seen: str = ""


@dataclass(frozen=True)
class DecisionInput:
    """The operator's decision. `message` is for the user (or, on reject, the reason for the agent)."""

    decision: str
    actions: list[ActionDecision] = field(default_factory=list)
    response: Any = None
    message: str = ""
    resume: dict[str, Any] = field(default_factory=dict)


def resolve(
    *,
    lease: LeaseToken,
    decision: DecisionInput,
    labels: Labels,
    suggested: Iterable[Suggested] = (),
    can_be_undone: bool = True,
) -> UUID:
    """Record the decision and its labels; returns the resolution's id.

    `suggested` are the labels that detectors had proposed to the person.

    For `UNDO_SECONDS` it can be taken back (`undo`), and the agent does not see it; unless it was said that
    it cannot.

    Raises:
        LeaseLost: the lease expired or passed on; says who holds the case now. Nothing was changed.
        InvalidDecision: not allowed here, or an argument or the response fails its schema.
    """
    kind, payload = _proposed(lease.case_id)
    if found := check(kind, payload, decision, labels):
        raise InvalidDecision(found)
    resolution_id = new_id()
    with transaction.atomic():
        rows = sql.run(
            "resolve",
            resolution_id=resolution_id,
            revision_id=new_id(),
            case_id=lease.case_id,
            operator_id=lease.operator.pk,
            lease_token=lease.token,
            overrode=_overrode(payload, decision),
            edit_distance=_edit_distance(payload, decision),
            undo_seconds=settings.UNDO_SECONDS if can_be_undone else 0,
            actor=audit.operator_actor(lease.operator),
            request_id=audit.current_request_id(),
            labels=Jsonb(labels.columns()),
            pii_policy_version=redaction.VERSION,
            suggested=Jsonb([one.row(labels) for one in suggested]),
            **_columns(decision),
        )
        if not rows:
            raise lost(lease)
        announce(case_id=lease.case_id, kind="resolved")
    return resolution_id


def _columns(decision: DecisionInput) -> dict[str, Any]:
    """The decision as the database takes it."""
    return {
        "decision": decision.decision,
        "actions": Jsonb([stored(action) for action in decision.actions]),
        "response": None if decision.response is None else Jsonb(decision.response),
        "message": decision.message,
        "resume": Jsonb(decision.resume),
    }


def _proposed(case_id: UUID) -> tuple[str, dict[str, Any]]:
    """The kind of the case, and what the agent sent."""
    rows = sql.run("proposed", case_id=case_id)
    if not rows:
        raise Escalation.DoesNotExist
    return rows[0]["kind"], json.loads(rows[0]["body"])


def check(kind: str, payload: dict[str, Any], decision: DecisionInput, labels: Labels) -> list[Flaw]:
    """Everything wrong with a decision, for the form to show at once. Empty means it would be accepted."""
    found = [*label_flaws(labels, payload), *_action_flaws(payload, decision)]
    if decision.decision not in decisions.allowed(kind, payload):
        found.append(Flaw("/decision", _("This decision is not allowed for this case.")))
    elif decision.decision == Decision.RESPOND:
        found += _response_flaws(payload, decision)
    return found


def _response_flaws(payload: dict[str, Any], decision: DecisionInput) -> list[Flaw]:
    if payload.get("response_schema"):
        return decisions.schema_flaws(decision.response, payload["response_schema"], "/response")
    return [] if decision.message.strip() else [Flaw("/message", _("Write the answer."))]


def _action_flaws(payload: dict[str, Any], decision: DecisionInput) -> list[Flaw]:
    proposed = {action["tool_call_id"]: action for action in payload.get("pending_actions") or []}
    if decision.decision in (Decision.APPROVE, Decision.EDIT, Decision.REJECT):
        decided = {action.tool_call_id for action in decision.actions}
        if missing := set(proposed) - decided:
            return [
                Flaw(
                    "/actions",
                    _("Decide about each action; missing: %(names)s.")
                    % {"names": ", ".join(sorted(missing))},
                )
            ]
    flaws: list[Flaw] = []
    for index, action in enumerate(decision.actions):
        flaws += _one_action_flaws(proposed.get(action.tool_call_id), action, f"/actions/{index}")
    return flaws


def _one_action_flaws(proposed: dict[str, Any] | None, action: ActionDecision, pointer: str) -> list[Flaw]:
    if proposed is None:
        return [Flaw(f"{pointer}/tool_call_id", _("The agent proposed no such action."))]
    if not action.digest_seen and action.decision in (Decision.APPROVE, Decision.EDIT):
        return [Flaw(f"{pointer}/digest_seen", _("Look at the arguments first: nothing is approved unseen."))]
    if action.digest_seen and action.digest_seen != decisions.digest(proposed.get("arguments")):
        return [Flaw(f"{pointer}/digest_seen", _("These are not the arguments that the agent proposed."))]
    if action.decision != Decision.EDIT:
        return []
    if action.arguments is None:
        return [Flaw(f"{pointer}/arguments", _("An edit needs the new arguments."))]
    return decisions.schema_flaws(action.arguments, proposed.get("input_schema"), f"{pointer}/arguments")


def stored(action: ActionDecision) -> dict[str, Any]:
    """The action as it is kept and sent back, bound to the digest of what the person saw, and to no other."""
    return {
        "tool_call_id": action.tool_call_id,
        "decision": action.decision,
        "arguments": action.arguments if action.decision == Decision.EDIT else None,
        "message": action.message,
        "digest_seen": action.digest_seen,
    }


def _overrode(payload: dict[str, Any], decision: DecisionInput) -> bool | None:
    """Whether the person decided otherwise than proposed; None where nothing was proposed."""
    if not payload.get("pending_actions") and not payload.get("suggestions"):
        return None
    return decision.decision != Decision.APPROVE


def _edit_distance(payload: dict[str, Any], decision: DecisionInput) -> float | None:
    """How much of the proposal an edit changed; None for other decisions.

    Of actions the arguments are compared, as canonical JSON; of one that was denied nothing is left.
    """
    if decision.decision != Decision.EDIT:
        return None
    proposed = {action["tool_call_id"]: action for action in payload.get("pending_actions") or []}
    if proposed:
        return edit_distance.changed(_edited(proposed[one.tool_call_id], one) for one in decision.actions)
    [suggestion, *_others] = payload["suggestions"]
    content = suggestion.get("content")
    before = content if isinstance(content, str) else edit_distance.canonical(content)
    return edit_distance.changed([(before, decision.message)])


def _edited(proposed: dict[str, Any], action: ActionDecision) -> tuple[str, str]:
    """The arguments as they were proposed, and as they were decided."""
    before = edit_distance.canonical(decisions.as_object(proposed.get("arguments")))
    if action.decision == Decision.EDIT:
        return before, edit_distance.canonical(action.arguments)
    return before, before if action.decision == Decision.APPROVE else ""
