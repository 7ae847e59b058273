"""What a person typed and has not sent. It outlives the claim, and goes once its decision is made."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from escalations.models import Claim, Escalation, Operator, Resolution, Review, RevisionKind, State
from escalations.transitions import notes
from operators import parameters
from operators.models import Draft, LabelsDraft, NoteDraft, ReviewDraft

_NOT_TYPED = ("csrfmiddlewaretoken", "lease_token", "then", "action", "active_seconds")


def save(case: Escalation, operator: Operator, submitted: QueryDict) -> None:
    """Keep the form as it was submitted, in the place of what was kept before."""
    Draft.objects.update_or_create(
        case=case, operator=operator, defaults={"fields": _fields(submitted), "updated_at": Now()}
    )


def keep_for_undo(case: Escalation, operator: Operator, submitted: QueryDict) -> None:
    """Keep a decision as it was submitted, and what was typed in parts that it left out; `on` hides it.

    What is left of this person's earlier decisions, which can be undone no more, goes.
    """
    forget_dispatched(operator)
    before = Draft.objects.filter(case=case, operator=operator).first()
    # A box that is not ticked is not submitted either: it would come back ticked.
    typed = {name: values for name, values in before.fields.items() if values != ["on"]} if before else {}
    Draft.objects.update_or_create(
        case=case, operator=operator, defaults={"fields": typed | _fields(submitted), "updated_at": Now()}
    )


def forget_dispatched(operator: Operator) -> None:
    """Forget what was typed about cases that this person decided and can undo no more."""
    dispatched = Q(case__state=State.RESOLVED, case__dispatch_at__lte=Now())
    decided = Q(case__resolutions__operator=operator, case__resolutions__superseded_at=None)
    Draft.objects.filter(dispatched, decided, operator=operator).delete()


def discard(case: Escalation, operator: Operator) -> None:
    """Forget what was typed."""
    Draft.objects.filter(case=case, operator=operator).delete()


def forget(case: Escalation, operator: Operator, names: Collection[str]) -> None:
    """Forget the fields that were sent by themselves, and keep the rest."""
    with transaction.atomic():
        draft = Draft.objects.select_for_update().filter(case=case, operator=operator).first()
        if draft and draft.fields.keys() & set(names):
            draft.fields = {name: typed for name, typed in draft.fields.items() if name not in names}
            draft.save(update_fields=["fields"])


def on(case: Escalation, operator: Operator) -> tuple[Draft | None, Draft | None]:
    """What `operator` typed about the case, and what another holder in this cycle typed last.

    What they sent themselves is not told of while their decision stands.
    """
    since = case.clock_started_at
    claims = Claim.objects.filter(case=OuterRef("case"), operator=OuterRef("operator"), started_at__gte=since)
    wanted = Q(operator=operator) | Q(Exists(claims), updated_at__gte=since)
    found = Draft.objects.filter(wanted, case=case).select_related("operator").order_by("-updated_at", "-id")
    mine = next((draft for draft in found if draft.operator_id == operator.pk), None)
    other = next((draft for draft in found if draft.operator_id != operator.pk), None)
    if mine and not case.is_open and case.resolutions.current().filter(operator=operator).exists():
        mine = None
    return mine, other


def take_over(draft: Draft, operator: Operator, answer: str) -> None:
    """Go on from the draft of somebody else, in the place of one's own. `answer` marks it as answered."""
    # The key of what was said is theirs: other people's words are sent under other keys.
    fields = {name: typed for name, typed in draft.fields.items() if name != "say_key"}
    _answered(draft.case, operator, fields, answer)


def leave(draft: Draft, operator: Operator, answer: str) -> None:
    """Go on with one's own draft, and be asked about the other no more."""
    mine = Draft.objects.filter(case=draft.case, operator=operator).first()
    # A box that no draft mentions is taken for not ticked.
    fields = mine.fields if mine else {"training_allowed": ["on"]}
    _answered(draft.case, operator, fields, answer)


def _answered(case: Escalation, operator: Operator, fields: dict[str, list[str]], answer: str) -> None:
    Draft.objects.update_or_create(
        case=case,
        operator=operator,
        defaults={"fields": fields | {"begun": [answer]}, "updated_at": Now()},
    )


def save_note(case: Escalation, operator: Operator, body: str) -> None:
    """Keep a private note as typed, in the place of what was kept before; an empty one is none."""
    body = body.replace("\0", "")[: notes.BODY_MAX]
    if not body:
        discard_note(case, operator)
        return
    NoteDraft.objects.update_or_create(
        case=case, operator=operator, defaults={"body": body, "updated_at": Now()}
    )


def note_of(operator: Operator, field: str = "body") -> Subquery:
    """A column of cases: what `operator` has typed as a note and not added, or nothing."""
    return Subquery(NoteDraft.objects.filter(case=OuterRef("pk"), operator=operator).values(field)[:1])


def discard_note(case: Escalation, operator: Operator) -> None:
    """Forget the note that was typed."""
    NoteDraft.objects.filter(case=case, operator=operator).delete()


def save_review(review: Review, operator: Operator, submitted: QueryDict) -> bool:
    """Keep the form of a review as submitted, in the place of what was kept before, if they have the review.

    Says whether they have it: what is typed for one that was given already must not come back.
    """
    with transaction.atomic():
        held = Review.objects.select_for_update(no_key=True).filter(pk=review.pk, holder=operator)
        if not held.exists():
            return False
        ReviewDraft.objects.update_or_create(
            review=review,
            operator=operator,
            defaults={"fields": _fields(submitted), "updated_at": Now()},
        )
    return True


def of_review(review: Review, operator: Operator) -> ReviewDraft | None:
    """What `operator` typed and has not sent of the review."""
    return ReviewDraft.objects.filter(review=review, operator=operator).first()


def forget_review(review: Review) -> None:
    """Forget what anybody typed of it: it was given, or settled."""
    ReviewDraft.objects.filter(review=review).delete()


def save_labels(
    resolution: Resolution, operator: Operator, kind: RevisionKind, typed: MultiValueDict[str, str]
) -> bool:
    """Keep labels of a decision as they are changed, in the place of what was kept before.

    Says whether they are of use: not what was typed over a `revision` that the person has replaced since.
    """
    with transaction.atomic():
        # As whoever puts labels in force holds it: what comes late is seen to be late.
        Resolution.objects.select_for_update(no_key=True).get(pk=resolution.pk)
        seen = parameters.uuid(typed.get("revision", ""))
        over = resolution.revisions.filter(pk=seen).first() if seen else None
        theirs = resolution.revisions.filter(operator=operator, kind=kind)
        if over is None or theirs.filter(number__gt=over.number).exists():
            return False
        LabelsDraft.objects.update_or_create(
            resolution=resolution,
            operator=operator,
            kind=kind,
            defaults={"fields": _fields(typed), "updated_at": Now()},
        )
    return True


def of_labels(resolution: Resolution, operator: Operator, kind: RevisionKind) -> LabelsDraft | None:
    """What `operator` has changed of the labels and not put in force."""
    return LabelsDraft.objects.filter(resolution=resolution, operator=operator, kind=kind).first()


def forget_labels(resolution: Resolution, operator: Operator, kind: RevisionKind) -> None:
    """Forget what was typed of them: it is in force, or not wanted."""
    LabelsDraft.objects.filter(resolution=resolution, operator=operator, kind=kind).delete()


def _fields(submitted: MultiValueDict[str, str]) -> dict[str, list[str]]:
    # The database keeps no U+0000; nobody types one by intention.
    return {
        name.replace("\0", ""): [value.replace("\0", "") for value in map(str, values)]
        for name, values in submitted.lists()
        if name not in _NOT_TYPED
    }
