"""Erase a person's data, for admins, and what came of it."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from escalations import nudges
from escalations.auditing import audit
from escalations.models import Erasure
from escalations.retention import erasing
from operators.access import who_makes_datasets
from operators.datasets.forms import ErasureForm

_SHOWN = 50


@require_http_methods(["GET", "POST"])
def erasures(request: HttpRequest) -> HttpResponse:
    """What was erased, and a form to ask for more.

    Raises:
        PermissionDenied: for all but admins.
    """
    operator = who_makes_datasets(request)
    form = ErasureForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        erasing.ask(
            actor=audit.operator_actor(operator),
            customer_ref=form.cleaned_data["customer_ref"],
            case_id=form.cleaned_data["case"],
            created_by=operator,
        )
        transaction.on_commit(nudges.erase_soon)
        return HttpResponseRedirect(reverse("erasures"))
    context = {"form": form, **_asked()}
    return render(request, "operators/governance/erasures.html", context, status=422 if form.errors else 200)


@require_GET
def erasures_asked(request: HttpRequest) -> HttpResponse:
    """What was asked for, for a page that waits for it.

    Raises:
        PermissionDenied: for all but admins.
    """
    who_makes_datasets(request)
    return render(request, "operators/governance/_erasures.html", _asked())


def _asked() -> dict[str, object]:
    asked = list(Erasure.objects.select_related("created_by")[:_SHOWN])
    return {"asked": asked, "is_working": any(one.finished_at is None for one in asked)}
