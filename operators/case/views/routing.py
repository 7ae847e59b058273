"""Why a case is not moving."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from operators.access import get_case_for, signed_in
from operators.case.routing_account import account_of


@require_GET
def case_routing(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The account of the search for a person, loaded when somebody opens that part of the case page."""
    found = get_case_for(signed_in(request), case_id)
    return render(request, "operators/case/_routing.html", {"case": found, "account": account_of(found)})
