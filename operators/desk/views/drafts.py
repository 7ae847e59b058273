"""Keep what a person types while they type it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from escalations.reviews.line import ReviewLost
from operators import drafts
from operators.access import get_case_for, holds, signed_in, who_reviews
from operators.answers import go
from operators.case.begun import Begun, words
from operators.reviews.pages import get_review


@require_POST
def note_draft(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Keep a private note as typed, whoever holds the case and whatever its state."""
    operator = signed_in(request)
    drafts.save_note(get_case_for(operator, case_id), operator, request.POST.get("body", ""))
    return HttpResponse(status=204)


@require_POST
def draft(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Keep the decision form as typed, whoever holds the case. 409 once the person has decided it."""
    operator = signed_in(request)
    found = get_case_for(operator, case_id)
    if not found.is_open and found.resolutions.current().filter(operator=operator).exists():
        # A last save on the way out must not come back as a ghost.
        return JsonResponse({"detail": _("You have decided this case.")}, status=409)
    drafts.save(found, operator, request.POST)
    return HttpResponse(status=204)


@require_POST
def review_draft(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Keep the labels of a review as typed. 409 once the person does not have it any more.

    Raises:
        PermissionDenied: for operators who may not review.
        Http404: there is no such review.
    """
    operator = who_reviews(request)
    if not drafts.save_review(get_review(review_id), operator, request.POST):
        return JsonResponse({"detail": str(ReviewLost())}, status=409)
    return HttpResponse(status=204)


@require_POST
def begun(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Go on from what an earlier holder had begun, or leave it. Words of one's own are never written over."""
    operator = signed_in(request)
    found = get_case_for(operator, case_id)
    mine, other = drafts.on(found, operator)
    offered = Begun.of(found, other) if holds(operator, found) else None
    if offered is None or offered.token != request.POST.get("begun"):
        messages.info(request, _("There is something newer; look again."))
        return go(request, found)
    if request.POST.get("answer") != "use":
        drafts.leave(offered.draft, operator, offered.token)
    elif mine and words(found, mine.fields):
        text = _("You have typed an answer of your own. Clear it first, then use what %(person)s had begun.")
        messages.warning(request, text % {"person": offered.draft.operator})
    else:
        drafts.take_over(offered.draft, operator, offered.token)
    return go(request, found)
