"""Cases whose labels are known for sure."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escalations.models import DecidedBy, GoldItem, LabelRevision, Resolution, ReviewState
from escalations.reviews import gold, line
from escalations.reviews.rates import rates
from escalations.sla import clocks
from escalations.transitions import InvalidDecision, RevisionOutdated
from operators import parameters
from operators.access import who_sets_gold
from operators.labels.forms.labels import LabelsForm
from operators.rendering.formatting import interval
from operators.reviews import pages
from operators.reviews.pages import Judged

_SCORED_WITHIN = timedelta(days=90)
_SHOWN = 200


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
    scores = gold.scores(clocks.database_now() - _SCORED_WITHIN)
    context = {
        "items": items.order_by("-created_at")[:_SHOWN],
        "scores": [(score, interval(score.right.interval)) for score in scores],
        "rate": rates().gold,
    }
    return render(request, "operators/reviews/gold.html", context)


@require_http_methods(["GET", "POST"])
def make_gold(request: HttpRequest, resolution_id: UUID) -> HttpResponse:
    """Look at a decision with its labels, and fix them.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such decision of a person that stands.
    """
    operator = who_sets_gold(request)
    resolution = _decision(resolution_id)
    judged, in_force = Judged.of(resolution), line.in_force(resolution)
    if request.method == "GET":
        return _page(request, judged, judged.form(said=in_force), in_force)
    form = judged.form(request.POST)
    if not form.is_valid():
        return _page(request, judged, form, in_force, status=422)
    seen = resolution.revisions.filter(pk__in=_seen(request)).first() or in_force
    try:
        gold.mark(in_force=seen, operator=operator, labels=pages.labels_in(form))
    except RevisionOutdated as error:
        again = judged.form(said=in_force)
        return _page(request, judged, again, in_force, status=409, notice=str(error))
    except InvalidDecision as error:
        for flaw in error.flaws:
            form.add_error(None, f"{flaw.pointer}: {flaw.detail}")
        return _page(request, judged, form, in_force, status=422)
    messages.success(request, _("It is a gold item now."))
    return redirect("gold")


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
    stands = Resolution.objects.current().filter(decided_by=DecidedBy.HUMAN)
    resolution = stands.filter(id=resolution_id).first()
    if resolution is None:
        raise Http404(_("There is no such decision."))
    return resolution


def _seen(request: HttpRequest) -> list[UUID]:
    """The revision in force as the page was made, if it said."""
    seen = parameters.uuid(request.POST.get("seen", ""))
    return [seen] if seen else []


def _page(
    request: HttpRequest,
    judged: Judged,
    form: LabelsForm,
    in_force: LabelRevision,
    *,
    status: int = 200,
    notice: str = "",
) -> HttpResponse:
    context = {
        "mode": "gold",
        "form": form,
        "seen": in_force,
        "notice": notice,
        "action_url": reverse("make_gold", args=[in_force.resolution_id]),
    }
    return render(
        request, "operators/reviews/review.html", judged.context(marked_in=form) | context, status=status
    )
