"""The lists of decisions that the figures of datasets lead to, for admins."""

from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from escalations.datasets.left_out import KEPT
from operators.access import who_makes_datasets
from operators.datasets import decisions, pages
from operators.datasets.forms import FilterForm


@require_GET
def dataset_decisions(request: HttpRequest) -> HttpResponse:
    """The decisions that the filter in the address finds now: all, or those of one reason (`why`).

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_makes_datasets(request)
    form = FilterForm(request.GET, zone=ZoneInfo(operator.timezone))
    form.is_valid()
    wanted, why = form.filter(), request.GET.get("why", "")
    page = decisions.found(wanted, why, request.GET.get("after", ""))
    context = {
        "page": page,
        "why": decisions.LEFT_OUT.get(why, ""),
        "may_train": why == decisions.TRAINABLE,
        "filter": pages.told(wanted.as_json()),
        "further": _further(request, page),
    }
    return render(request, "operators/datasets/decisions.html", context)


@require_GET
def version_left_out(request: HttpRequest, name: str, number: int, why: str) -> HttpResponse:
    """The decisions that were left out of a version for one reason.

    Raises:
        PermissionDenied: for all but admins.
        Http404: there is no such version, or nothing of this reason is kept.
    """
    who_makes_datasets(request)
    version = pages.version_of(name, number)
    page = decisions.left_out(version, why, request.GET.get("after", ""))
    if why not in decisions.LEFT_OUT or not page.rows:
        raise Http404(_("There is no such list."))
    n = version.counts["left_out"].get(why, 0)
    context = {
        "page": page,
        "why": decisions.LEFT_OUT[why],
        "version": version,
        "n": n,
        "kept": KEPT if n > KEPT else 0,
        "further": _further(request, page),
    }
    return render(request, "operators/datasets/decisions.html", context)


def _further(request: HttpRequest, page: decisions.Page) -> str:
    """The query string of the next page, or empty."""
    query = request.GET.copy()
    query["after"] = page.next
    return query.urlencode() if page.next else ""
