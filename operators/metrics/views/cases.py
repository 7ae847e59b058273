"""The list of cases that every figure leads to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from escalations.sla import clocks
from operators.access import signed_in
from operators.metrics.case_list import COUNTED, CaseForm, case_list
from operators.metrics.filters import Filters


@require_GET
def cases(request: HttpRequest) -> HttpResponse:
    """Cases by what is in the address; an operator sees those of their queues."""
    operator = signed_in(request)
    filters = Filters.of(request.GET, operator, clocks.database_now())
    form = CaseForm(request.GET, auto_id="filter-%s")
    form.is_valid()
    found = case_list(filters, form, operator)
    older = request.GET.copy()
    older["before"] = found.next
    return render(
        request,
        "operators/metrics/cases.html",
        {
            "filters": filters,
            "form": form,
            "found": found,
            "is_counted": found.count <= COUNTED,
            "older": older.urlencode() if found.next else "",
        },
    )
