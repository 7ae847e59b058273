"""How cases like this one were decided."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from escalations.search import similar
from operators.access import get_case_for, signed_in
from operators.case.outcomes import grouped

_TITLES = {1: gettext_lazy("One like it"), 2: gettext_lazy("Two like it"), 3: gettext_lazy("Three like it")}


@require_GET
def similar_cases(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """A card with the outcomes of the likest cases; nothing where there is none."""
    operator = signed_in(request)
    case = get_case_for(operator, case_id)
    found = similar.like(case, case.handoff.payload, operator)
    context = {"outcomes": grouped(found), "title": _TITLES.get(len(found), "")}
    return render(request, "operators/case/_similar.html", context)
