"""Correct the labels of a decision: a revision more, with what it changes told on the page of the case."""

from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from escalations import transitions
from escalations.labels import taxonomy
from escalations.models import Escalation, LabelRevision, Operator, Quality, RevisionKind
from escalations.reviews.line import labels_of
from escalations.sla import clocks
from escalations.transitions import Erased, InvalidDecision, RevisionOutdated
from operators import drafts
from operators.access import get_case_for, may_correct, signed_in
from operators.case.conversation import spoken, tools_called
from operators.case.forms.correction import CorrectionForm
from operators.case.page import conversation_of, parts_of, steps_context
from operators.labels import typed
from operators.models import LabelsDraft

_OPENED = "opened a correction"


@require_http_methods(["GET", "POST"])
def correct_labels(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The labels in force of a closed case, to be changed. POST puts others in force.

    Raises:
        PermissionDenied: for operators; of gold, whose labels are known, for all but admins.
        Http404: nothing was decided by a person here, or it is erased.
    """
    operator = signed_in(request)
    found = get_case_for(operator, case_id)
    revision = _in_force(found, operator)
    if request.method == "GET":
        return _as_begun(request, operator, found, revision)
    form = _form(found, revision, request)
    if not form.is_valid():
        return _refused(request, operator, found, revision, form)
    if form.cleaned_data["revision"] != revision.pk:
        return _outdated(request, operator, found, revision, form)
    try:
        _revise(revision, operator, form)
    except InvalidDecision as error:
        form.add_flaws(error)
        return _refused(request, operator, found, revision, form)
    except Erased as error:
        raise Http404(str(error)) from None
    except RevisionOutdated:
        return _outdated(request, operator, found, _in_force(found, operator), form)
    drafts.forget_labels(revision.resolution, operator, RevisionKind.CORRECTION)
    messages.success(request, _("The labels are corrected. What they were before stays in their history."))
    return redirect("case", found.id)


@require_POST
def correction_draft(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Keep a correction as typed, or forget it.

    Raises:
        PermissionDenied: as of the page.
        Http404: as of the page.
    """
    operator = signed_in(request)
    revision = _in_force(get_case_for(operator, case_id), operator)
    page = reverse("correct_labels", args=[case_id])
    return typed.keep(request, operator, revision.resolution, RevisionKind.CORRECTION, page=page)


def _in_force(case: Escalation, operator: Operator) -> LabelRevision:
    decided = LabelRevision.objects.in_force().filter(resolution__case=case, resolution__superseded_at=None)
    revision = decided.select_related("resolution").first()
    if revision is None or case.is_open or case.erased_at:
        raise Http404(_("Nothing that a person decided is here to be corrected."))
    if not may_correct(operator, revision.resolution):
        raise PermissionDenied(_("Reviewers and admins may correct labels; those of gold, only admins."))
    return revision


def _revise(revision: LabelRevision, operator: Operator, form: CorrectionForm) -> None:
    is_gold = revision.resolution.quality == Quality.GOLD
    transitions.revise(
        revision=revision,
        operator=operator,
        kind=RevisionKind.CORRECTION,
        labels=form.labels(),
        opened_at=_opened_at(form.cleaned_data["opened"]),
        # One person says so now, whoever had agreed before.
        quality=Quality.GOLD if is_gold else Quality.SINGLE,
    )


def _form(case: Escalation, revision: LabelRevision, request: HttpRequest | None = None) -> CorrectionForm:
    shown = conversation_of(case)
    return CorrectionForm(
        case.handoff.payload,
        request.POST if request else None,
        said=labels_of(revision),
        meanings=taxonomy.meanings(case.taxonomy_id),
        tools=tools_called(shown),
        spoken=spoken(shown),
        revision=revision,
        opened=signing.dumps(clocks.database_now().timestamp(), salt=_OPENED),
    )


def _opened_at(signed: str) -> datetime | None:
    """When the page was given out, by what it says back."""
    try:
        return datetime.fromtimestamp(signing.loads(signed, salt=_OPENED), UTC)
    except signing.BadSignature:
        return None


def _as_begun(
    request: HttpRequest, operator: Operator, case: Escalation, revision: LabelRevision
) -> HttpResponse:
    """The labels in force, with what the person has changed of them before."""
    form = _form(case, revision)
    draft = drafts.of_labels(revision.resolution, operator, RevisionKind.CORRECTION)
    if draft:
        form.restore(MultiValueDict(draft.fields))
    return _page(request, case, revision, form, draft=draft)


def _refused(
    request: HttpRequest,
    operator: Operator,
    case: Escalation,
    revision: LabelRevision,
    form: CorrectionForm,
    *,
    status: int = 422,
) -> HttpResponse:
    """What was sent, with what is wrong with it; it is kept."""
    drafts.save_labels(revision.resolution, operator, RevisionKind.CORRECTION, form.typed)
    return _page(request, case, revision, form, status=status)


def _outdated(
    request: HttpRequest, operator: Operator, case: Escalation, revision: LabelRevision, form: CorrectionForm
) -> HttpResponse:
    """What was typed, over labels that somebody else has changed: sent again, it changes these."""
    form.rebase(revision)
    return _refused(request, operator, case, revision, form, status=409)


def _page(
    request: HttpRequest,
    case: Escalation,
    revision: LabelRevision,
    form: CorrectionForm,
    *,
    status: int = 200,
    draft: LabelsDraft | None = None,
) -> HttpResponse:
    shown = conversation_of(case)
    context = {
        "case": case,
        "form": form,
        "revision": revision,
        "resolution": revision.resolution,
        "is_outdated": status == 409,
        "draft": draft,
        "draft_url": reverse("correction_draft", args=[case.id]),
        "kept_as": f"correction.{form['revision'].value()}",
        "parts": parts_of(shown),
        "turn_count": len(shown),
    }
    context |= steps_context(case, shown, marked_in=form)
    return render(request, "operators/case/correct.html", context, status=status)
