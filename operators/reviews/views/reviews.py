"""Second looks at decisions: what waits, one of them, and where two differ."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escalations.models import LabelRevision, Operator, Review, ReviewState
from escalations.reviews import gold, line
from escalations.reviews.backlog import backlog
from escalations.reviews.line import ReviewLost
from escalations.reviews.rates import rates, set_rates
from escalations.transitions import InvalidDecision, RevisionOutdated
from operators import drafts
from operators.access import (
    may_see_review,
    may_set_gold,
    may_settle,
    sees_case,
    who_reviews,
    who_sets_gold,
    who_settles,
)
from operators.labels.forms.labels import LabelsForm
from operators.models import ReviewDraft
from operators.reviews import pages
from operators.reviews.forms.rates import RatesForm
from operators.reviews.forms.settle import SettleForm
from operators.reviews.pages import Judged


@require_GET
def review_list(request: HttpRequest) -> HttpResponse:
    """What waits for a second look or for a third person, and the latest looks.

    Which decisions wait is not shown: gold items come up among them unseen.

    Raises:
        PermissionDenied: for operators who may not review.
    """
    operator = who_reviews(request)
    return _list(request, operator, RatesForm(rates()))


@require_POST
def next_review(request: HttpRequest) -> HttpResponse:
    """Take the next one, to review or to settle (`state`), and go to it.

    Raises:
        PermissionDenied: for operators who may not review; to settle, for all operators.
    """
    if request.POST.get("state") == ReviewState.DIFFERS:
        return _next(request, who_settles(request), ReviewState.DIFFERS)
    return _next(request, who_reviews(request), ReviewState.WAITING)


@require_GET
def review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The page of a review: to its holder the case with the form, to others who may know what came of it.

    Raises:
        PermissionDenied: for operators who may not review.
        Http404: there is none.
    """
    operator = who_reviews(request)
    found = pages.get_review(review_id)
    if found.holder_id == operator.pk:
        return _held_page(request, operator, found)
    if not pages.is_finished(found) or not may_see_review(operator, found):
        messages.warning(request, str(ReviewLost()))
        return redirect("reviews")
    return _done_page(request, operator, found)


@require_http_methods(["GET", "POST"])
def submit_review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Keep what the holder said, and go on. A GET, after a refusal or a sign-in, leads back to the page.

    Raises:
        PermissionDenied: for operators who may not review.
        Http404: there is no such review.
    """
    operator = who_reviews(request)
    found = pages.get_review(review_id)
    if request.method == "GET" or found.holder_id != operator.pk:
        return _back(request, operator, found)
    judged = Judged.of(found.resolution)
    form = judged.form(request.POST)
    if not form.is_valid():
        drafts.save_review(found, operator, request.POST)
        return _blind_page(request, found, judged, form, status=422)
    try:
        line.submit(review_id=found.id, operator=operator, labels=pages.labels_in(form))
    except ReviewLost as error:
        return _lost(request, error)
    except InvalidDecision as error:
        for flaw in error.flaws:
            form.add_error(None, f"{flaw.pointer}: {flaw.detail}")
        drafts.save_review(found, operator, request.POST)
        return _blind_page(request, found, judged, form, status=422)
    drafts.forget_review(found)
    messages.success(request, _("Your labels are kept."))
    return _go_on(request, operator, ReviewState.WAITING)


@require_http_methods(["GET", "POST"])
def settle_review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Put the labels in force that the holder settled on, and go on. A GET leads back to the page.

    Raises:
        PermissionDenied: for operators.
        Http404: there is no such review, or it has had no second look.
    """
    operator = who_settles(request)
    found = pages.get_review(review_id)
    if request.method == "GET" or found.holder_id != operator.pk:
        return _back(request, operator, found)
    if found.blind is None:
        raise Http404(_("There is nothing to settle."))
    judged = Judged.of(found.resolution)
    form = _settle_form(found, judged, request.POST)
    if not form.is_valid():
        drafts.save_review(found, operator, request.POST)
        return _settle_page(request, found, judged, form, status=422)
    seen = LabelRevision.objects.filter(pk=form.cleaned_data["seen"]).first() or form.first
    try:
        line.settle(review_id=found.id, operator=operator, seen=seen, labels=form.labels())
    except ReviewLost as error:
        return _lost(request, error)
    except RevisionOutdated as error:
        again = _settle_form(found, judged)
        return _settle_page(request, found, judged, again, status=409, notice=str(error))
    except InvalidDecision as error:
        form.add_flaws(error)
        drafts.save_review(found, operator, request.POST)
        return _settle_page(request, found, judged, form, status=422)
    drafts.forget_review(found)
    messages.success(request, _("Settled. These labels are in force."))
    return _go_on(request, operator, ReviewState.DIFFERS)


@require_POST
def put_review_back(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Let somebody else have it.

    Raises:
        PermissionDenied: for operators who may not review.
    """
    operator = who_reviews(request)
    if line.put_back(review_id=review_id, operator=operator):
        messages.success(request, _("Put back. Somebody else may take it."))
    return redirect("reviews")


@require_POST
def review_rates(request: HttpRequest) -> HttpResponse:
    """Set how many decisions get a second look.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_sets_gold(request)
    form = RatesForm(rates(), request.POST)
    if not form.is_valid():
        return _list(request, operator, form, status=422)
    set_rates(form.rates, operator)
    messages.success(request, _("The rates count from now on."))
    return redirect("reviews")


def _list(request: HttpRequest, operator: Operator, form: RatesForm, *, status: int = 200) -> HttpResponse:
    states = (ReviewState.WAITING, ReviewState.DIFFERS)
    context = {
        "backlog": backlog(),
        "left": {state.value: line.left_for(operator, state) for state in states},
        "held": pages.held_by(operator),
        "given": pages.given(operator),
        "settles": may_settle(operator),
        "sets_gold": may_set_gold(operator),
        "rates": form if may_set_gold(operator) else None,
    }
    return render(request, "operators/reviews/reviews.html", context, status=status)


def _next(request: HttpRequest, operator: Operator, state: ReviewState) -> HttpResponse:
    taken = line.take(operator=operator, state=state)
    if taken is None:
        messages.info(request, _("That was the last one for you."))
        return redirect("reviews")
    return redirect("review", taken)


def _go_on(request: HttpRequest, operator: Operator, state: ReviewState) -> HttpResponse:
    return _next(request, operator, state) if request.POST.get("then") == "next" else redirect("reviews")


def _back(request: HttpRequest, operator: Operator, found: Review) -> HttpResponse:
    """Its holder to the page. Others get no form back, with what is wrong in it, for it shows the case."""
    return redirect("review", found.id) if found.holder_id == operator.pk else _lost(request, ReviewLost())


def _lost(request: HttpRequest, error: ReviewLost) -> HttpResponse:
    messages.warning(request, str(error))
    return redirect("reviews")


def _settle_form(found: Review, judged: Judged, data: Any = None) -> SettleForm:
    if found.blind is None:
        raise ValueError("Only a review that was given can be settled.")
    return SettleForm(line.in_force(found.resolution), found.blind, judged.words, data)


def _held_page(request: HttpRequest, operator: Operator, found: Review) -> HttpResponse:
    """What its holder sees, with what they typed before."""
    judged, draft = Judged.of(found.resolution), drafts.of_review(found, operator)
    typed = MultiValueDict[str, str](draft.fields) if draft else None
    if found.state == ReviewState.DIFFERS:
        form = _settle_form(found, judged)
        form.restore(typed)
        return _settle_page(request, found, judged, form, draft=draft)
    return _blind_page(request, found, judged, judged.form(typed=typed), draft=draft)


def _blind_page(
    request: HttpRequest,
    found: Review,
    judged: Judged,
    form: LabelsForm,
    *,
    status: int = 200,
    draft: ReviewDraft | None = None,
) -> HttpResponse:
    context = {
        "mode": "blind",
        "review": found,
        "form": form,
        "draft": draft,
        "action_url": reverse("submit_review", args=[found.id]),
    }
    return render(
        request, "operators/reviews/review.html", judged.context(marked_in=form) | context, status=status
    )


def _settle_page(
    request: HttpRequest,
    found: Review,
    judged: Judged,
    form: SettleForm,
    *,
    status: int = 200,
    notice: str = "",
    draft: ReviewDraft | None = None,
) -> HttpResponse:
    context = {"mode": "settle", "review": found, "form": form, "notice": notice, "draft": draft}
    return render(request, "operators/reviews/review.html", judged.context() | context, status=status)


def _done_page(request: HttpRequest, operator: Operator, found: Review) -> HttpResponse:
    judged = Judged.of(found.resolution)
    context = {
        "mode": "done",
        "review": found,
        "makes_gold": may_set_gold(operator) and gold.can_be_gold(found.resolution),
    }
    context["sees_case"] = sees_case(operator, judged.case)
    context |= pages.compared(found, judged.words)
    return render(request, "operators/reviews/review.html", judged.context() | context)
