"""Say something else about a decision: a revision more, never another word in an old one."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from escalations import redaction
from escalations.auditing import audit
from escalations.models import (
    Escalation,
    GoldItem,
    Guideline,
    LabelRevision,
    Operator,
    Quality,
    Resolution,
    RevisionKind,
    Taxonomy,
)
from escalations.sla import clocks
from escalations.transitions.errors import Erased, InvalidDecision, TransitionError
from escalations.transitions.labels import Labels, label_flaws
from escalations.transitions.recording import record

# What the decision keeps a copy of.
_COPIED = (
    "disposition",
    "agent_correct",
    "failure_primary",
    "first_error_index",
    "note",
    "training_allowed",
)


class RevisionOutdated(TransitionError):
    """Somebody else revised these labels meanwhile. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__(_("Somebody else changed these labels meanwhile. Look at them again."))


def revise(
    *,
    revision: LabelRevision,
    operator: Operator,
    kind: RevisionKind,
    labels: Labels,
    opened_at: datetime | None = None,
    quality: Quality | None = None,
) -> LabelRevision:
    """Put other labels in force, in place of `revision`; returns the new one.

    `quality` says how sure one may be of them now; None leaves that as it is. The decision keeps a copy.

    Raises:
        InvalidDecision: the labels do not fit the case. Nothing was changed.
        Erased: nothing is left of what they would be of.
        RevisionOutdated: `revision` is not in force any more.
    """
    with transaction.atomic():
        resolution = _locked(revision.resolution_id, labels)
        in_force = LabelRevision.objects.in_force().filter(pk=revision.pk)
        if not in_force.update(superseded_at=Now()):
            raise RevisionOutdated
        added = _add(resolution, operator, labels, kind=kind, supersedes_id=revision.pk, opened_at=opened_at)
        copies: dict[str, Any] = {name: getattr(labels, name) for name in _COPIED}
        if quality is not None:
            copies["quality"] = quality
        if quality == Quality.GOLD:
            # What people are held against is what is known now.
            GoldItem.objects.filter(resolution=resolution).update(revision=added)
        Resolution.objects.filter(pk=resolution.pk).update(**copies)
        _record(resolution, operator, kind)
    return added


def judge_blind(
    *, resolution: Resolution, operator: Operator, labels: Labels, opened_at: datetime | None = None
) -> LabelRevision:
    """Keep what somebody said who had not seen the labels of others. They stay in force.

    Raises:
        InvalidDecision: the labels do not fit the case. Nothing was changed.
        Erased: nothing is left of what they would be of.
    """
    with transaction.atomic():
        locked = _locked(resolution.pk, labels)
        added = _add(locked, operator, labels, kind=RevisionKind.BLIND, opened_at=opened_at)
        _record(locked, operator, RevisionKind.BLIND)
    return added


def _locked(resolution_id: Any, labels: Labels) -> Resolution:
    """The decision, held until the transaction ends, so that its revisions are numbered one by one."""
    found = Resolution.objects.select_for_update(no_key=True, of=("self",)).select_related("case__handoff")
    resolution = found.get(pk=resolution_id)
    # Asked after the lock, which an erasure holds: words would come back, and may be trained on again.
    if Escalation.objects.filter(pk=resolution.case_id, erased_at__isnull=False).exists():
        raise Erased
    if flaws := label_flaws(labels, resolution.case.handoff.payload):
        raise InvalidDecision(flaws)
    return resolution


def _add(
    resolution: Resolution, operator: Operator, labels: Labels, *, opened_at: datetime | None, **fields: Any
) -> LabelRevision:
    highest = resolution.revisions.aggregate(highest=Max("number"))["highest"] or 0
    return LabelRevision.objects.create(
        resolution=resolution,
        number=highest + 1,
        operator=operator,
        taxonomy=Taxonomy.objects.first(),
        guideline=Guideline.objects.first(),
        opened_at=opened_at,
        pii_policy_version=redaction.VERSION,
        **fields,
        **labels.columns() | {"active_seconds": _at_most_since(opened_at, labels.active_seconds)},
    )


def _at_most_since(opened_at: datetime | None, seconds: float) -> float:
    """What a page says that it was looked at for, which is no longer than it has been open."""
    if opened_at is None:
        return 0
    return max(0, min(seconds, (clocks.database_now() - opened_at).total_seconds()))


def _record(resolution: Resolution, operator: Operator, kind: RevisionKind) -> None:
    record(
        case_id=resolution.case_id,
        version=resolution.case.version,
        kind="labelled",
        actor=audit.operator_actor(operator),
        data={"kind": kind},
    )
