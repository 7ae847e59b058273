"""Private notes on a case, and whom they may mention."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from escalations.transitions import notes
from operators import drafts
from operators.access import get_case_for, signed_in
from operators.answers import go
from operators.case.views.talk import updated

_TYPED_MAX = 150
_KEY_MAX = 100


@require_POST
def add_note(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Add a note, whoever holds the case and whatever its state; answers with what the page shows now.

    Sent again under the same key, it is not added twice.
    """
    operator = signed_in(request)
    found = get_case_for(operator, case_id)
    try:
        key = request.POST.get("key", "")[:_KEY_MAX]
        notes.add(case=found, author=operator, body=request.POST.get("body", ""), key=key)
    except notes.EmptyNote as error:
        if request.headers.get("HX-Request"):
            return JsonResponse({"detail": str(error)}, status=422)
        messages.warning(request, str(error))
        return go(request, found)
    drafts.discard_note(found, operator)
    return updated(request, found)


@require_GET
def mentionable(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """People who may see the case and whose name begins like `q`, as options of a list."""
    found = get_case_for(signed_in(request), case_id)
    typed = request.GET.get("q", "").replace("\0", "")[:_TYPED_MAX]
    return render(
        request, "operators/case/_mentionable.html", {"people": notes.who_may_be_mentioned(found, typed)}
    )
