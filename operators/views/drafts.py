"""Keep what a person types while they type it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from operators import drafts
from operators.access import get_case_for, signed_in


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
