"""Cases whose labels are known for sure."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escalations.models import (
    GoldItem,
    LabelRevision,
    Operator,
    Resolution,
    ReviewState,
    RevisionKind,
)
from escalations.reviews import gold, line
from escalations.reviews.rates import rates
from escalations.sla import clocks
from escalations.transitions import Erased, InvalidDecision, RevisionOutdated
from operators import drafts, parameters
from operators.access import who_sets_gold
from operators.labels import typed
from operators.labels.forms.labels import LabelsForm
from operators.models import LabelsDraft
from operators.rendering.formatting import interval
from operators.reviews import gold_page, pages
from operators.reviews.gold_page import SCORED_WITHIN, Choice
from operators.reviews.pages import Judged

_SHOWN = 200
# The kind of revision that labels become which are known for sure.
_KIND = RevisionKind.ADJUDICATED


@require_GET
def gold_list(request: HttpRequest) -> HttpResponse:
    """The items, and how people label them.

    Raises:
        PermissionDenied: for all but admins, or somebody would know which reviews are gold.
    """
    who_sets_gold(request)
    items = GoldItem.objects.select_related("resolution__case", "created_by").annotate(
        met=Count("reviews", filter=Q(reviews__submitted_at__isnull=False)),
        right=Count("reviews", filter=Q(reviews__state=ReviewState.AGREED)),
    )
    scores = gold.scores(clocks.database_now() - SCORED_WITHIN)
    context = {
        "items": [
            (item, gold.can_be_gold(item.resolution), Choice(item=item.pk))
            for item in items.order_by("-created_at")[:_SHOWN]
        ],
        "scores": [
            (score, interval(score.right.interval), Choice(person=score.person.pk)) for score in scores
        ],
        "rate": rates().gold,
    }
    return render(request, "operators/reviews/gold.html", context)


@require_GET
def met_gold(request: HttpRequest) -> HttpResponse:
    """What people said of items, and what of it was otherwise than is known.

    Raises:
        PermissionDenied: for all but admins.
    """
    who_sets_gold(request)
    choice = Choice.of(request.GET)
    found = choice.met(clocks.database_now())
    context = {
        "narrowed": choice.words(),
        "choices": choice.choices(),
        "rows": gold_page.rows(found[:_SHOWN]),
        "count": found.count(),
    }
    return render(request, "operators/reviews/met_gold.html", context)


@require_http_methods(["GET", "POST"])
def make_gold(request: HttpRequest, resolution_id: UUID) -> HttpResponse:
    """Look at a decision with its labels, and fix them.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such decision of a person that stands, or its case is erased.
    """
    operator = who_sets_gold(request)
    resolution = _decision(resolution_id)
    judged = Judged.of(resolution)
    if request.method == "GET":
        return _as_begun(request, operator, judged, resolution)
    form, over = judged.form(request.POST), _over(resolution, request.POST)
    if not form.is_valid():
        return _refused(request, operator, judged, form, over)
    try:
        gold.mark(in_force=over, operator=operator, labels=pages.labels_in(form))
    except Erased as error:
        raise Http404(str(error)) from None
    except RevisionOutdated:
        return _refused(request, operator, judged, form, line.in_force(resolution), is_outdated=True)
    except InvalidDecision as error:
        for flaw in error.flaws:
            form.add_error(None, f"{flaw.pointer}: {flaw.detail}")
        return _refused(request, operator, judged, form, over)
    drafts.forget_labels(resolution, operator, _KIND)
    messages.success(request, _("It is a gold item now."))
    return redirect("gold")


@require_POST
def gold_draft(request: HttpRequest, resolution_id: UUID) -> HttpResponse:
    """Keep labels that are to be known for sure as typed, or forget them.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such decision of a person that stands.
    """
    operator = who_sets_gold(request)
    page = reverse("make_gold", args=[resolution_id])
    return typed.keep(request, operator, _decision(resolution_id), _KIND, page=page)


@require_POST
def retire_gold(request: HttpRequest, item_id: int) -> HttpResponse:
    """Let nobody meet it any more.

    Raises:
        PermissionDenied: for all but admins.
    """
    if gold.retire(item_id=item_id, operator=who_sets_gold(request)):
        messages.success(request, _("Retired. What people said of it stays."))
    return redirect("gold")


def _decision(resolution_id: UUID) -> Resolution:
    resolution = Resolution.objects.select_related("case").filter(id=resolution_id).first()
    if resolution is None or not gold.can_be_gold(resolution):
        raise Http404(_("There is no such decision."))
    return resolution


def _over(resolution: Resolution, sent: MultiValueDict[str, str]) -> LabelRevision:
    """The revision that was in force as the page was made, if it says which; else the one that is now."""
    seen = parameters.uuid(sent.get("revision", ""))
    found = resolution.revisions.filter(pk=seen).first() if seen else None
    return found or line.in_force(resolution)


def _as_begun(
    request: HttpRequest, operator: Operator, judged: Judged, resolution: Resolution
) -> HttpResponse:
    """The labels in force, with what the person has changed of them before."""
    draft = drafts.of_labels(resolution, operator, _KIND)
    begun = MultiValueDict[str, str](draft.fields if draft else {})
    over = _over(resolution, begun)
    return _page(request, judged, judged.form(said=over, typed=begun), over, draft=draft)


def _refused(
    request: HttpRequest,
    operator: Operator,
    judged: Judged,
    form: LabelsForm,
    over: LabelRevision,
    *,
    is_outdated: bool = False,
) -> HttpResponse:
    """What was sent, with what is wrong with it; it is kept. Sent again, it changes the labels `over`."""
    sent = request.POST.copy()
    sent["revision"] = str(over.pk)
    drafts.save_labels(over.resolution, operator, _KIND, sent)
    return _page(request, judged, form, over, status=409 if is_outdated else 422)


def _page(
    request: HttpRequest,
    judged: Judged,
    form: LabelsForm,
    over: LabelRevision,
    *,
    status: int = 200,
    draft: LabelsDraft | None = None,
) -> HttpResponse:
    context = {
        "mode": "gold",
        "form": form,
        "revision": over,
        "is_outdated": status == 409,
        "draft": draft,
        "draft_url": reverse("gold_draft", args=[over.resolution_id]),
        "kept_as": f"gold.{over.pk}",
        "action_url": reverse("make_gold", args=[over.resolution_id]),
    }
    return render(
        request, "operators/reviews/review.html", judged.context(marked_in=form) | context, status=status
    )
